/**
 * The contract between Lanewise and a GPU: memory, kernels compiled from WGSL, recorded dispatches, timing.
 * WebGPU and CUDA implement it; the executor above knows nothing else of them.
 */

/** Element types that kernels store. 64-bit and small integers and booleans travel as i32 and u32. */
export type GpuType = 'f32' | 'f16' | 'i32' | 'u32';

/** Bytes of an element. */
export const GPU_TYPE_BYTES: Readonly<Record<GpuType, number>> = { f32: 4, f16: 2, i32: 4, u32: 4 };

/** A storage buffer that a kernel binds, in binding order (group 0, binding = position). */
export interface KernelBinding {
  /** Its name in the WGSL text. */
  readonly name: string;
  readonly access: 'read' | 'read_write';
}

/**
 * Device features that a kernel may need. `subgroup-matrix`: products of 16x16x16 with f16 operands and f32 sums by
 * subgroups of exactly 32 invocations; a device that has it has `f16` and `subgroups` too. `cuda`: texts in CUDA C++, on
 * tensor cores with `mma` and asynchronous copies (compute capability 8.0 on); `wgmma`: products of warpgroups, compiled for
 * `sm_90a` (compute capability 9.0 alone); `cudnn`, `cublaslt`: that library was found.
 */
export type KernelFeature = 'f16' | 'subgroups' | 'subgroup-matrix' | 'cuda' | 'wgmma' | 'cudnn' | 'cublaslt';

/** What every kernel tells of itself, whatever it is written in. */
interface KernelFrame {
  /** By the grammar in docs/kernels.md: op, layouts, variant, tile, dtype: `maxpool_chwn_patch2x4_f32`. */
  readonly id: string;
  readonly bindings: readonly KernelBinding[];
  /** Invocations per workgroup. */
  readonly workgroup: readonly [number, number, number];
  /** Workgroups. */
  readonly grid: readonly [number, number, number];
  readonly features: readonly KernelFeature[];
  /** Bytes of `var<workgroup>` memory. */
  readonly workgroupBytes: number;
  /** Floating-point operations, a multiply-add counting as two. */
  readonly flops: number;
  /** Ideal bytes: every input read once, every output written once. */
  readonly bytes: number;
}

/** A kernel for every GPU. */
export interface WgslKernel extends KernelFrame {
  /** The whole WGSL module; its entry point is `main`. */
  readonly wgsl: string;
  /** What the text's `f16` stands for where it is not f16: CUDA devices alone can compile it so. */
  readonly half?: 'bf16';
}

/** A kernel that WGSL has no words for, for CUDA devices alone. */
export interface CudaKernel extends KernelFrame {
  readonly wgsl?: undefined;
  /**
   * The whole CUDA C++ text, without includes from outside the compiler; its entry point is `extern "C" main_kernel`, whose
   * parameters are the bindings' pointers in order. `workgroupBytes` are dynamic shared memory.
   */
  readonly cuda: string;
}

/** A call of a library of the device's maker, where it was found: its launches are its own. */
export interface LibraryKernel extends KernelFrame {
  readonly wgsl?: undefined;
  readonly cuda?: undefined;
  readonly call: LibraryCall;
}

/** What a library computes, as data: everything that its descriptors are made of. */
export interface LibraryCall {
  readonly library: 'cudnn' | 'cublaslt';
  /** The operation: `conv`, `matmul`. */
  readonly operation: string;
  /** Its parameters: numbers, texts and lists of them. */
  readonly parameters: Readonly<Record<string, LibraryParameter>>;
}

export type LibraryParameter = number | string | boolean | readonly number[];

/**
 * A kernel as data: what `kernels/` makes from a config. Equal codes are compiled once.
 */
export type KernelSource = WgslKernel | CudaKernel | LibraryKernel;

/** @throws TypeError for a kernel that is not written in WGSL: devices without the feature `cuda` are never given one */
export function wgslOf({ id, wgsl }: KernelSource): string {
  if (wgsl === undefined) throw new TypeError(`kernel ${id} is not written in WGSL`);
  return wgsl;
}

/** What a kernel does, as text: kernels of equal codes are one, and times of one hold for the other. */
export function codeOf(source: KernelSource): string {
  if (source.wgsl !== undefined) {
    return source.half === undefined ? source.wgsl : `// f16 is ${source.half}\n${source.wgsl}`;
  }
  return source.cuda ?? JSON.stringify(source.call);
}

/** What the device can do; kernels are generated within these bounds. */
export interface GpuLimits {
  readonly maxBufferBytes: number;
  /** Largest range that one binding may cover. */
  readonly maxBindingBytes: number;
  /** Storage buffers per kernel. */
  readonly maxBindings: number;
  readonly maxWorkgroupBytes: number;
  /** The same for kernels in CUDA C++, which may ask for more; as above where left out. */
  readonly maxSharedBytes?: number;
  readonly maxInvocations: number;
  readonly maxWorkgroupSize: readonly [number, number, number];
  /** Workgroups along one dimension of a grid. */
  readonly maxGrid: number;
  /** Offsets of bindings are multiples of this. */
  readonly offsetAlignment: number;
  /** Lanes that run in step, smallest and largest; 0 where unknown. */
  readonly subgroupSize: readonly [number, number];
  /** Whether one launch may read and write one buffer, at ranges that do not overlap; not so where left out. */
  readonly sharedAccess?: boolean;
}

/** Which device, driver and runtime: measured times hold for this alone. */
export interface GpuIdentity {
  readonly kind: 'webgpu' | 'cuda';
  readonly vendor: string;
  readonly architecture: string;
  /** The hardware's name. */
  readonly name: string;
  /** As far as it tells. */
  readonly driver: string;
  /** What compiles and launches kernels, with its version; empty where unknown. */
  readonly runtime: string;
}

/** Memory on the device. */
export interface GpuBuffer {
  readonly bytes: number;
  readonly label: string;
  /** Frees it; using it afterwards is an error. */
  destroy(): void;
}

/** A piece of a buffer. Where a kernel binds it, `offset` is a multiple of the limits' `offsetAlignment`. */
export interface GpuSlice {
  readonly buffer: GpuBuffer;
  readonly offset: number;
  readonly bytes: number;
  /** What is there, for messages; the buffer's label when left out. */
  readonly label?: string;
}

/** Bytes to be moved on the device, as many as `from` has, between two buffers at multiples of four bytes. */
export interface GpuCopy {
  readonly from: GpuSlice;
  readonly to: GpuSlice;
}

/** A compiled kernel. */
export interface GpuKernel {
  readonly source: KernelSource;
}

/**
 * One kernel launch: a slice per binding. Read-only and writable bindings are in different buffers, unless the limits allow
 * `sharedAccess`.
 */
export interface GpuDispatch {
  readonly kernel: GpuKernel;
  readonly slices: readonly GpuSlice[];
}

/** Dispatches made ready to be submitted again and again. They run one after another. */
export interface GpuRecording {
  readonly dispatches: readonly GpuDispatch[];
  /** Slices that every submission copies back to the host. */
  readonly readbacks: readonly GpuSlice[];
}

export interface SubmitOptions {
  /** Copies made before the first dispatch. */
  readonly before?: readonly GpuCopy[];
  /** Copies made after the last dispatch. */
  readonly after?: readonly GpuCopy[];
  /** Whether the recording's readbacks are wanted; they are when left out. */
  readonly readback?: boolean;
}

/** What lets a device's memory be shared with a program that uses WebGPU itself. */
export interface WebGpuInterop {
  readonly device: GPUDevice;
  /** A buffer of the caller's as one of the device's; it stays the caller's. */
  wrap(buffer: GPUBuffer): GpuBuffer;
  /**
   * A buffer that the caller owns: it is not freed with the `GpuDevice`.
   * @throws DeviceError as `allocate` does
   */
  create(bytes: number, label: string): Promise<GPUBuffer>;
}

export interface TimeOptions {
  /**
   * How many consecutive dispatches form each timed pass; one each when left out. Starting a pass costs some
   * microseconds that are counted with it, so short kernels are timed many to a pass.
   */
  readonly passes?: readonly number[];
  /** How often each pass's dispatches run in a row; the pass's time is divided by it. */
  readonly repeats?: number;
  /**
   * Ends the timing, which then rejects with its reason. For it a device may submit the passes in pieces, and run those that take
   * long less often.
   */
  readonly signal?: AbortSignal | undefined;
}

export interface GpuDevice {
  readonly kind: 'webgpu' | 'cuda';
  /** The hardware, for people: `NVIDIA H200 (WebGPU, Vulkan)`. */
  readonly description: string;
  readonly identity: GpuIdentity;
  /** Whether a CPU does the work: its times mean nothing. */
  readonly software: boolean;
  readonly limits: GpuLimits;
  readonly features: ReadonlySet<KernelFeature>;
  /** Whether it failed for good: everything asked of it throws, and only a new device helps. */
  readonly lost: boolean;
  /** Absent where the device is not a WebGPU device. */
  readonly interop?: WebGpuInterop;

  /** @throws DeviceError naming the label when memory is exhausted or the size passes the limits */
  allocate(bytes: number, label: string): Promise<GpuBuffer>;
  /**
   * Copies host bytes in; done before anything submitted later starts.
   * @throws DeviceError when they do not fit
   */
  write(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void;
  /**
   * Compiles kernels without blocking the event loop; equal texts share one.
   * @throws CompileError naming the kernel's id and the compiler's message; DeviceError for a lost device
   */
  compile(sources: readonly KernelSource[]): Promise<GpuKernel[]>;
  /**
   * Builds all that can be built ahead: bind groups or a graph, and memory for the readbacks.
   * @throws DeviceError naming the kernel and the slice that is too large, or not where a binding can be
   */
  record(dispatches: readonly GpuDispatch[], readbacks?: readonly GpuSlice[]): Promise<GpuRecording>;
  /** Frees what `record` allocated. */
  release(recording: GpuRecording): void;
  /**
   * Runs a recording: it is under way when this returns, and done when the promise resolves. A submission with
   * readbacks must be awaited before the recording is submitted again.
   * @returns the bytes of its readbacks; the arrays are the caller's
   * @throws DeviceError for a lost device, and for whatever went wrong in earlier work too
   */
  submit(recording: GpuRecording, options?: SubmitOptions): Promise<Uint8Array<ArrayBuffer>[]>;
  /**
   * Runs a recording in passes and times each of them, on the device's own clock where it has one.
   * @returns nanoseconds per pass
   */
  time(recording: GpuRecording, options?: TimeOptions): Promise<number[]>;
  /** Bytes allocated and not yet destroyed. */
  readonly allocatedBytes: number;
  /** Frees everything. */
  destroy(): void;
}
