/** The GPU contract on WebGPU: in browsers, and in Node through Dawn. */
import { DeviceError } from '../../errors.js';
import type {
  GpuBuffer,
  GpuCopy,
  GpuDevice,
  GpuDispatch,
  GpuIdentity,
  GpuKernel,
  GpuLimits,
  GpuRecording,
  GpuSlice,
  KernelFeature,
  KernelSource,
  SubmitOptions,
  TimeOptions,
  WebGpuInterop,
} from '../gpu.js';
import {
  COPY_ALIGNMENT,
  alignUp,
  checkBinding,
  checkGrid,
  copiesOf,
  nameOf,
  sizeFor,
  stagingBytes,
  tooLarge,
} from '../gpu-memory.js';
import {
  describe,
  featuresOf,
  infoOf,
  identityOf,
  isSoftware,
  limitsOf,
  requestAdapter,
  requestDevice,
  type AdapterWish,
} from './adapter.js';
import { WebGpuBuffer, nativeRange } from './buffer.js';
import { BUFFER_USAGE, MAP_READ } from './constants.js';
import { encode, type BoundDispatch } from './dispatch.js';
import { LossWatch } from './loss.js';
import { PipelineCache, type WebGpuKernel } from './pipelines.js';
import { firstLine, guarded } from './scopes.js';
import { splitPasses, timePasses } from './timing.js';

export { GpuTensor } from './gpu-tensor.js';

interface WebGpuRecording extends GpuRecording {
  readonly bound: readonly BoundDispatch[];
  /** Host-readable memory for all readbacks, one after another; undefined when there are none. */
  readonly staging: WebGpuBuffer | undefined;
}

export interface WebGpuOptions {
  readonly wish?: AdapterWish;
  /** What implements WebGPU, with its version; by default the browser's name for itself. */
  readonly runtime?: string;
}

/** What kernels and transfers do with memory. */
const STORAGE_USAGE = BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_SRC | BUFFER_USAGE.COPY_DST;

export class WebGpuDevice implements GpuDevice {
  readonly kind = 'webgpu';
  readonly description: string;
  readonly identity: GpuIdentity;
  readonly software: boolean;
  readonly limits: GpuLimits;
  readonly features: ReadonlySet<KernelFeature>;
  readonly interop: WebGpuInterop;
  readonly #device: GPUDevice;
  readonly #owned: boolean;
  readonly #loss: LossWatch;
  readonly #pipelines: PipelineCache;
  readonly #buffers = new Set<WebGpuBuffer>();
  #allocatedBytes = 0;
  /** An error that no call of ours waits for; told at the next one. */
  #uncaptured: DeviceError | undefined;
  #destroyed = false;
  /** Whether an empty submission is about to be made. */
  #releasing = false;

  private constructor(device: GPUDevice, info: GPUAdapterInfo, owned: boolean, runtime?: string) {
    this.#device = device;
    this.#owned = owned;
    this.#loss = LossWatch.of(device);
    this.#pipelines = new PipelineCache(device);
    this.software = isSoftware(info);
    this.description = `${describe(info)} (WebGPU)`;
    this.identity = identityOf(info, runtime);
    this.limits = limitsOf(device, info);
    this.features = featuresOf(device, info);
    this.interop = {
      device,
      wrap: (buffer) => new WebGpuBuffer(buffer, buffer.label || 'the caller’s buffer', () => {}),
      create: (bytes, label) => this.#createNative(bytes, label, STORAGE_USAGE),
    };
    // On a device of the caller's these are the caller's own errors: ours are all caught where they arise.
    if (owned) device.addEventListener('uncapturederror', this.#onUncaptured);
  }

  /** @throws DeviceError when there is no adapter of the wished kind */
  static async create(gpu: GPU, { wish = 'any', runtime }: WebGpuOptions = {}): Promise<WebGpuDevice> {
    const adapter = await requestAdapter(gpu, wish);
    return new WebGpuDevice(await requestDevice(adapter), adapter.info, true, runtime);
  }

  /** Uses a device that the caller owns: it is not destroyed with the session. */
  static adopt(device: GPUDevice): WebGpuDevice {
    return new WebGpuDevice(device, infoOf(device), false);
  }

  get allocatedBytes(): number {
    return this.#allocatedBytes;
  }

  get lost(): boolean {
    return this.#destroyed || this.#loss.lost;
  }

  async allocate(bytes: number, label: string): Promise<GpuBuffer> {
    return this.#track(await this.#createNative(bytes, label, STORAGE_USAGE), label);
  }

  write(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void {
    this.#check();
    const native = nativeRange(buffer, offset, data.byteLength, buffer.label);
    // Dawn for Node refuses views on shared memory; and copies are in units of four bytes.
    const shared = typeof SharedArrayBuffer !== 'undefined' && data.buffer instanceof SharedArrayBuffer;
    const padded = alignUp(data.byteLength, COPY_ALIGNMENT);
    if (!shared && padded === data.byteLength) {
      this.#device.queue.writeBuffer(native, offset, data as ArrayBufferView<ArrayBuffer>);
      return;
    }
    const copy = new Uint8Array(padded);
    copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    this.#device.queue.writeBuffer(native, offset, copy);
  }

  async compile(sources: readonly KernelSource[]): Promise<GpuKernel[]> {
    this.#check();
    // All settle first: what fails must not leave others under way on a device that its owner then destroys.
    const compiled = await Promise.allSettled(sources.map((source) => this.#pipelines.get(source)));
    this.#check();
    return compiled.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  async record(
    dispatches: readonly GpuDispatch[],
    readbacks: readonly GpuSlice[] = [],
  ): Promise<GpuRecording> {
    this.#check();
    const { value: bound, error } = guarded(this.#device, () =>
      dispatches.map((dispatch) => this.#bind(dispatch)),
    );
    const problem = await error;
    this.#check();
    if (problem) throw unexpected('binding buffers failed', problem);
    const bytes = stagingBytes(readbacks);
    const usage = BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST;
    const label = 'the memory that outputs are read back through';
    const staging = bytes > 0 ? this.#track(await this.#createNative(bytes, label, usage), label) : undefined;
    const recording: WebGpuRecording = { dispatches, readbacks, bound, staging };
    return recording;
  }

  release(recording: GpuRecording): void {
    (recording as WebGpuRecording).staging?.destroy();
  }

  async submit(
    recording: GpuRecording,
    { before = [], after = [], readback = true }: SubmitOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>[]> {
    this.#check();
    const { bound, readbacks, staging } = recording as WebGpuRecording;
    const target = readback ? staging : undefined;
    const { value: done, error } = guarded(this.#device, () => {
      const encoder = this.#device.createCommandEncoder();
      for (const copy of before) encodeCopy(encoder, copy);
      if (bound.length > 0) {
        const pass = encoder.beginComputePass();
        for (const dispatch of bound) encode(pass, dispatch);
        pass.end();
      }
      for (const copy of after) encodeCopy(encoder, copy);
      let offset = 0;
      for (const slice of target ? readbacks : []) {
        if (target) encodeCopy(encoder, { from: slice, to: { buffer: target, offset, bytes: slice.bytes } });
        offset += alignUp(slice.bytes, COPY_ALIGNMENT);
      }
      this.#device.queue.submit([encoder.finish()]);
      return settled(target ? target.native.mapAsync(MAP_READ) : this.#device.queue.onSubmittedWorkDone());
    });
    const [problem, failure] = await Promise.all([error, done]);
    try {
      this.#check();
      if (problem) throw refused(problem, before.length + after.length > 0);
      if (failure) {
        await this.#loss.checkSoon(this.#device);
        this.#check();
        throw unexpected('reading results back failed', failure);
      }
      return target && readback
        ? copiesOf(new Uint8Array(target.native.getMappedRange()), readbacks)
        : readbacks.map(() => new Uint8Array(0));
    } finally {
      if (target?.native.mapState === 'mapped') target.native.unmap();
    }
  }

  async time(recording: GpuRecording, { passes, repeats = 1, signal }: TimeOptions = {}): Promise<number[]> {
    this.#check();
    const { bound } = recording as WebGpuRecording;
    try {
      const lengths = passes ?? bound.map(() => 1);
      const times = await timePasses(this.#device, splitPasses(bound, lengths), { repeats, signal });
      this.#check();
      return times;
    } catch (error) {
      if (error instanceof DeviceError || signal?.aborted) throw error;
      await this.#loss.checkSoon(this.#device);
      this.#check();
      throw unexpected('timing failed', error as Error);
    }
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    for (const buffer of this.#buffers) buffer.destroy();
    this.#pipelines.clear();
    if (!this.#owned) return;
    this.#device.removeEventListener('uncapturederror', this.#onUncaptured);
    this.#device.destroy();
  }

  readonly #onUncaptured = (event: GPUUncapturedErrorEvent): void => {
    event.preventDefault();
    this.#uncaptured ??= unexpected('WebGPU reports an error in earlier work', event.error);
  };

  async #createNative(bytes: number, label: string, usage: number): Promise<GPUBuffer> {
    this.#check();
    const size = sizeFor(bytes);
    if (size > this.limits.maxBufferBytes) throw tooLarge(label, size, this.limits.maxBufferBytes);
    const { value: native, error } = guarded(this.#device, () =>
      this.#device.createBuffer({ label, size, usage }),
    );
    const problem = await error;
    try {
      this.#check();
    } catch (reason) {
      native.destroy();
      throw reason;
    }
    if (!problem) return native;
    throw new DeviceError(`${label}: ${size} bytes could not be allocated (${firstLine(problem)})`, {
      remedy: 'Use a smaller batch, dispose other sessions, or run on the CPU.',
    });
  }

  #track(native: GPUBuffer, label: string): WebGpuBuffer {
    this.#allocatedBytes += native.size;
    const buffer = new WebGpuBuffer(native, label, (own) => {
      native.destroy();
      this.#allocatedBytes -= own.bytes;
      this.#buffers.delete(own);
      this.#releaseSoon();
    });
    this.#buffers.add(buffer);
    return buffer;
  }

  /** Destroyed buffers keep their memory until the next submission, which may never come: an empty one will do. */
  #releaseSoon(): void {
    if (this.#releasing) return;
    this.#releasing = true;
    queueMicrotask(() => {
      this.#releasing = false;
      const gone = this.#loss.lost || (this.#owned && this.#destroyed);
      if (!gone) this.#device.queue.submit([]);
    });
  }

  #bind({ kernel, slices }: GpuDispatch): BoundDispatch {
    const { source, pipeline, layout } = kernel as WebGpuKernel;
    checkGrid(source, this.limits);
    const entries = slices.map((slice, binding): GPUBindGroupEntry => {
      const what = `${nameOf(slice)} in kernel ${source.id}`;
      const { buffer, offset, bytes } = slice;
      checkBinding(slice, what, this.limits);
      const native = nativeRange(buffer, offset, bytes, what);
      return { binding, resource: { buffer: native, offset, size: sizeFor(bytes) } };
    });
    const bindGroup = this.#device.createBindGroup({ label: source.id, layout, entries });
    return { pipeline, bindGroup, grid: source.grid };
  }

  /** @throws DeviceError when the device is gone, or when something has gone wrong since the last check */
  #check(): void {
    if (this.#destroyed) {
      throw new DeviceError('the GPU device was destroyed', { remedy: 'Create a new session.' });
    }
    this.#loss.check();
    const error = this.#uncaptured;
    this.#uncaptured = undefined;
    if (error) throw error;
  }
}

function encodeCopy(encoder: GPUCommandEncoder, { from, to }: GpuCopy): void {
  if (from.bytes === 0) return;
  const source = nativeRange(from.buffer, from.offset, from.bytes, nameOf(from));
  const target = nativeRange(to.buffer, to.offset, from.bytes, nameOf(to));
  encoder.copyBufferToBuffer(source, from.offset, target, to.offset, sizeFor(from.bytes));
}

/** The error that a promise rejects with; undefined when it resolves. */
function settled(promise: Promise<undefined>): Promise<Error | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => error as Error,
  );
}

/** @param foreign whether memory of the caller's was part of the work, and so may be the reason */
function refused(problem: GPUError, foreign: boolean): DeviceError {
  if (!foreign) return unexpected('the GPU refused the work', problem);
  return new DeviceError(`the GPU refused the work (${firstLine(problem)})`, {
    remedy: 'Pass GPU tensors whose buffers are of the session’s own GPU device and not destroyed.',
    cause: problem,
  });
}

function unexpected(what: string, cause: { readonly message: string }): DeviceError {
  return new DeviceError(`${what} (${firstLine(cause) || 'no reason given'})`, {
    remedy: 'Please report this with the model and the device.',
    cause,
  });
}
