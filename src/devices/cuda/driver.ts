/**
 * CUDA's driver API, as far as it is used here: every call checked, handles typed. Semantics are in NVIDIA's "CUDA Driver
 * API" reference; nothing here waits for the device unless it says so.
 */
import { DeviceError } from '../../errors.js';
import type { Ffi, ForeignFunction, ForeignValue } from './ffi.js';
import type {
  Context,
  DeviceNumber,
  DevicePointer,
  Event,
  Graph,
  GraphExec,
  KernelFunction,
  Module,
  PinnedPointer,
  Stream,
} from './handles.js';
import { CudaFailure, NOT_READY, SUCCESS } from './status.js';

const POINTER = 'void *';
/** A grid and a block. */
const SIX_NUMBERS = ['uint', 'uint', 'uint', 'uint', 'uint', 'uint'];

/** Parameters of each function; all return a `CUresult`. Names are those of the symbols, with their versions. */
const PROTOTYPES = {
  cuInit: ['uint'],
  cuDriverGetVersion: [POINTER],
  cuGetErrorName: ['int', POINTER],
  cuGetErrorString: ['int', POINTER],
  cuDeviceGetCount: [POINTER],
  cuDeviceGet: [POINTER, 'int'],
  cuDeviceGetName: [POINTER, 'int', 'int'],
  cuDeviceGetAttribute: [POINTER, 'int', 'int'],
  cuDeviceTotalMem_v2: [POINTER, 'int'],
  cuDeviceGetUuid: [POINTER, 'int'],
  cuDevicePrimaryCtxRetain: [POINTER, 'int'],
  cuDevicePrimaryCtxRelease_v2: ['int'],
  cuCtxSetCurrent: [POINTER],
  cuMemGetInfo_v2: [POINTER, POINTER],
  cuMemAlloc_v2: [POINTER, 'size_t'],
  cuMemFree_v2: [POINTER],
  cuMemHostAlloc: [POINTER, 'size_t', 'uint'],
  cuMemFreeHost: [POINTER],
  cuMemcpyHtoDAsync_v2: [POINTER, POINTER, 'size_t', POINTER],
  cuMemcpyDtoHAsync_v2: [POINTER, POINTER, 'size_t', POINTER],
  cuMemcpyDtoDAsync_v2: [POINTER, POINTER, 'size_t', POINTER],
  cuMemsetD8Async: [POINTER, 'uchar', 'size_t', POINTER],
  cuStreamCreate: [POINTER, 'uint'],
  cuStreamDestroy_v2: [POINTER],
  cuStreamSynchronize: [POINTER],
  cuStreamQuery: [POINTER],
  cuStreamBeginCapture_v2: [POINTER, 'int'],
  cuStreamEndCapture: [POINTER, POINTER],
  cuGraphInstantiateWithFlags: [POINTER, POINTER, 'uint64_t'],
  cuGraphExecDestroy: [POINTER],
  cuGraphDestroy: [POINTER],
  cuGraphUpload: [POINTER, POINTER],
  cuGraphLaunch: [POINTER, POINTER],
  cuEventCreate: [POINTER, 'uint'],
  cuEventRecord: [POINTER, POINTER],
  cuEventQuery: [POINTER],
  cuEventElapsedTime: [POINTER, POINTER, POINTER],
  cuEventDestroy_v2: [POINTER],
  cuModuleLoadData: [POINTER, POINTER],
  cuModuleUnload: [POINTER],
  cuModuleGetFunction: [POINTER, POINTER, 'str'],
  cuFuncGetAttribute: [POINTER, 'int', POINTER],
  cuFuncSetAttribute: [POINTER, 'int', 'int'],
  cuLaunchKernel: [POINTER, ...SIX_NUMBERS, 'uint', POINTER, POINTER, POINTER],
  cuLaunchKernelEx: [POINTER, POINTER, POINTER, POINTER],
} satisfies Record<string, string[]>;

type FunctionName = keyof typeof PROTOTYPES;

/** `CUdevice_attribute`. */
export const DEVICE_ATTRIBUTE = {
  maxThreadsPerBlock: 1,
  maxBlockX: 2,
  maxBlockY: 3,
  maxBlockZ: 4,
  maxGridY: 6,
  maxGridZ: 7,
  sharedBytesPerBlock: 8,
  warpSize: 10,
  clockKHz: 13,
  multiprocessors: 16,
  l2Bytes: 38,
  capabilityMajor: 75,
  capabilityMinor: 76,
  sharedBytesOptIn: 97,
} as const;

/** `CUfunction_attribute`. */
export const FUNCTION_ATTRIBUTE = {
  staticSharedBytes: 1,
  localBytes: 3,
  registers: 4,
  maxDynamicSharedBytes: 8,
} as const;

const STREAM_NON_BLOCKING = 1;
const CAPTURE_RELAXED = 2;
const EVENT_NO_TIMING = 2;
/** `CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION`. */
const DEPENDENT_LAUNCH = 6;
/** Bytes of a `CUlaunchConfig` and of a `CUlaunchAttribute`. */
const CONFIG_BYTES = 56;
const ATTRIBUTE_BYTES = 72;

export interface Launch {
  readonly grid: readonly [number, number, number];
  readonly block: readonly [number, number, number];
  /** Dynamic shared memory. */
  readonly sharedBytes: number;
  /** Addresses that the kernel's parameters are. */
  readonly pointers: readonly bigint[];
  /** Whether it may start while the kernel before it on the stream ends: it has to wait for that one itself. */
  readonly dependent?: boolean;
}

export class CudaDriver {
  readonly #ffi: Ffi;
  readonly #functions: Readonly<Record<FunctionName, ForeignFunction>>;

  /**
   * @param path the file of libcuda, or its bare name
   * @throws DeviceError when it does not load, lacks a function, or finds no device
   */
  constructor(ffi: Ffi, path: string) {
    this.#ffi = ffi;
    this.#functions = loadFunctions(ffi, path);
    this.#call('cuInit', 0);
  }

  /** The newest version of CUDA that the driver knows: 13000 for 13.0. */
  get version(): number {
    return this.#number('cuDriverGetVersion');
  }

  get deviceCount(): number {
    return this.#number('cuDeviceGetCount');
  }

  device(ordinal: number): DeviceNumber {
    return this.#number('cuDeviceGet', ordinal) as DeviceNumber;
  }

  deviceName(device: DeviceNumber): string {
    const text = new Uint8Array(256);
    this.#call('cuDeviceGetName', text, text.length, device);
    return new TextDecoder().decode(text.subarray(0, text.indexOf(0)));
  }

  attribute(device: DeviceNumber, attribute: keyof typeof DEVICE_ATTRIBUTE): number {
    return this.#number('cuDeviceGetAttribute', DEVICE_ATTRIBUTE[attribute], device);
  }

  totalBytes(device: DeviceNumber): number {
    return Number(this.#out('cuDeviceTotalMem_v2', device));
  }

  /** The hardware's own number, as `nvidia-smi -L` prints it. */
  uuid(device: DeviceNumber): string {
    const bytes = new Uint8Array(16);
    this.#call('cuDeviceGetUuid', bytes, device);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return `GPU-${hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}`;
  }

  /** The context that all parts of a process share on a device; counted, and destroyed with its last user. */
  retainPrimaryContext(device: DeviceNumber): Context {
    return this.#out('cuDevicePrimaryCtxRetain', device) as Context;
  }

  releasePrimaryContext(device: DeviceNumber): void {
    this.#call('cuDevicePrimaryCtxRelease_v2', device);
  }

  /** For the calling thread, until it is set again. */
  setContext(context: Context): void {
    this.#call('cuCtxSetCurrent', context);
  }

  /** Bytes that nobody has allocated, of the context's device. */
  get freeBytes(): number {
    const sizes = new BigUint64Array(2);
    this.#call('cuMemGetInfo_v2', sizes.subarray(0, 1), sizes.subarray(1));
    return Number(sizes[0]);
  }

  allocate(bytes: number): DevicePointer {
    return this.#out('cuMemAlloc_v2', bytes) as DevicePointer;
  }

  /** Waits for work under way. */
  free(pointer: DevicePointer): void {
    this.#call('cuMemFree_v2', pointer);
  }

  allocatePinned(bytes: number): PinnedPointer {
    return this.#out('cuMemHostAlloc', bytes, 0) as PinnedPointer;
  }

  freePinned(pointer: PinnedPointer): void {
    this.#call('cuMemFreeHost', pointer);
  }

  /** @param from pinned memory, or a view that the driver has copied when this returns */
  copyIn(to: bigint, from: PinnedPointer | ArrayBufferView, bytes: number, stream: Stream): void {
    this.#call('cuMemcpyHtoDAsync_v2', to, from, bytes, stream);
  }

  copyOut(to: bigint, from: bigint, bytes: number, stream: Stream): void {
    this.#call('cuMemcpyDtoHAsync_v2', to, from, bytes, stream);
  }

  copy(to: bigint, from: bigint, bytes: number, stream: Stream): void {
    this.#call('cuMemcpyDtoDAsync_v2', to, from, bytes, stream);
  }

  fill(pointer: DevicePointer, byte: number, bytes: number, stream: Stream): void {
    this.#call('cuMemsetD8Async', pointer, byte, bytes, stream);
  }

  createStream(): Stream {
    return this.#out('cuStreamCreate', STREAM_NON_BLOCKING) as Stream;
  }

  destroyStream(stream: Stream): void {
    this.#call('cuStreamDestroy_v2', stream);
  }

  /** Blocks the calling thread until the stream's work is done. */
  synchronise(stream: Stream): void {
    this.#call('cuStreamSynchronize', stream);
  }

  /** Whether the stream's work is done. @throws CudaFailure for whatever went wrong in it */
  isIdle(stream: Stream): boolean {
    return this.#isReady('cuStreamQuery', stream);
  }

  /** From here on the stream's work becomes a graph instead of being done. */
  beginCapture(stream: Stream): void {
    this.#call('cuStreamBeginCapture_v2', stream, CAPTURE_RELAXED);
  }

  endCapture(stream: Stream): Graph {
    const out = new BigUint64Array(1);
    this.#call('cuStreamEndCapture', stream, out);
    return out[0] as Graph;
  }

  instantiate(graph: Graph): GraphExec {
    return this.#out('cuGraphInstantiateWithFlags', graph, 0) as GraphExec;
  }

  destroyGraph(graph: Graph): void {
    this.#call('cuGraphDestroy', graph);
  }

  destroyGraphExec(exec: GraphExec): void {
    this.#call('cuGraphExecDestroy', exec);
  }

  /** Brings a graph to the device ahead of its first launch. */
  uploadGraph(exec: GraphExec, stream: Stream): void {
    this.#call('cuGraphUpload', exec, stream);
  }

  launchGraph(exec: GraphExec, stream: Stream): void {
    this.#call('cuGraphLaunch', exec, stream);
  }

  createEvent(timing: boolean): Event {
    return this.#out('cuEventCreate', timing ? 0 : EVENT_NO_TIMING) as Event;
  }

  recordEvent(event: Event, stream: Stream): void {
    this.#call('cuEventRecord', event, stream);
  }

  /** Whether the work before the event is done. @throws CudaFailure for whatever went wrong in it */
  isDone(event: Event): boolean {
    return this.#isReady('cuEventQuery', event);
  }

  /** Between two events that are done. */
  nanosecondsBetween(start: Event, end: Event): number {
    const milliseconds = new Float32Array(1);
    this.#call('cuEventElapsedTime', milliseconds, start, end);
    return milliseconds[0] * 1e6;
  }

  destroyEvent(event: Event): void {
    this.#call('cuEventDestroy_v2', event);
  }

  /** @param image a cubin, or PTX ending in a zero byte */
  loadModule(image: Uint8Array): Module {
    return this.#out('cuModuleLoadData', image) as Module;
  }

  unloadModule(module: Module): void {
    this.#call('cuModuleUnload', module);
  }

  kernel(module: Module, name: string): KernelFunction {
    return this.#out('cuModuleGetFunction', module, name) as KernelFunction;
  }

  functionAttribute(kernel: KernelFunction, attribute: keyof typeof FUNCTION_ATTRIBUTE): number {
    const out = new Int32Array(1);
    this.#call('cuFuncGetAttribute', out, FUNCTION_ATTRIBUTE[attribute], kernel);
    return out[0];
  }

  allowDynamicBytes(kernel: KernelFunction, bytes: number): void {
    this.#call('cuFuncSetAttribute', kernel, FUNCTION_ATTRIBUTE.maxDynamicSharedBytes, bytes);
  }

  launch(kernel: KernelFunction, launch: Launch, stream: Stream): void {
    const { grid, block, sharedBytes, pointers, dependent = false } = launch;
    // The values, and behind them where each is: in one piece, which the call keeps alive. The driver copies the values.
    const count = pointers.length;
    const memory = new BigUint64Array(Math.max(2 * count, 1));
    const start = this.#ffi.address(memory);
    for (const [i, pointer] of pointers.entries()) {
      memory[i] = pointer;
      memory[count + i] = start + 8n * BigInt(i);
    }
    const addresses = memory.subarray(count);
    if (dependent) {
      this.#call('cuLaunchKernelEx', this.#dependentConfig(launch, stream), kernel, addresses, 0n);
      return;
    }
    this.#call('cuLaunchKernel', kernel, ...grid, ...block, sharedBytes, stream, addresses, 0n);
  }

  /** A `CUlaunchConfig`, and behind it its one attribute. */
  #dependentConfig({ grid, block, sharedBytes }: Launch, stream: Stream): Uint8Array {
    const bytes = new Uint8Array(CONFIG_BYTES + ATTRIBUTE_BYTES);
    const view = new DataView(bytes.buffer);
    for (const [i, number] of [...grid, ...block, sharedBytes].entries()) view.setUint32(4 * i, number, true);
    view.setBigUint64(32, stream, true);
    view.setBigUint64(40, this.#ffi.address(bytes) + BigInt(CONFIG_BYTES), true);
    view.setUint32(48, 1, true);
    view.setInt32(CONFIG_BYTES, DEPENDENT_LAUNCH, true);
    view.setInt32(CONFIG_BYTES + 8, 1, true);
    return bytes;
  }

  /** A call whose first parameter is where a pointer-sized result goes. */
  #out(name: FunctionName, ...values: readonly ForeignValue[]): bigint {
    const out = new BigUint64Array(1);
    this.#call(name, out, ...values);
    return out[0];
  }

  /** The same for an `int`. */
  #number(name: FunctionName, ...values: readonly ForeignValue[]): number {
    const out = new Int32Array(1);
    this.#call(name, out, ...values);
    return out[0];
  }

  /** The answer of a question about work. */
  #isReady(name: FunctionName, what: Event | Stream): boolean {
    const code = this.#functions[name](what);
    if (code === NOT_READY) return false;
    this.#check(name, code);
    return true;
  }

  #call(name: FunctionName, ...values: readonly ForeignValue[]): void {
    this.#check(name, this.#functions[name](...values));
  }

  #check(name: FunctionName, code: unknown): void {
    if (code === SUCCESS) return;
    throw new CudaFailure(name.replace(/_v\d$/, ''), Number(code), this.#describe(Number(code)));
  }

  #describe(code: number): string {
    const [name, text] = (['cuGetErrorName', 'cuGetErrorString'] as const).map((getter) => {
      const out = new BigUint64Array(1);
      this.#functions[getter](code, out);
      return out[0] === 0n ? undefined : this.#ffi.text(out[0]);
    });
    return name ? [name, text].filter(Boolean).join(': ') : `error ${code}`;
  }
}

function loadFunctions(ffi: Ffi, path: string): Record<FunctionName, ForeignFunction> {
  try {
    const library = ffi.load(path);
    const entries = Object.entries(PROTOTYPES).map(([name, parameters]) => [
      name,
      library.func(name, 'int', parameters),
    ]);
    return Object.fromEntries(entries) as Record<FunctionName, ForeignFunction>;
  } catch (cause) {
    throw new DeviceError(`the NVIDIA driver's library does not load (${(cause as Error).message})`, {
      part: path,
      remedy: 'Install or update the NVIDIA driver; a driver for CUDA 12 or later is needed.',
      cause,
    });
  }
}
