/**
 * The contract between Lanewise and a GPU: memory, kernels compiled from WGSL, recorded dispatches, timing.
 * WebGPU and CUDA implement it; the executor above knows nothing else of them.
 */
/** Element types that kernels store. 64-bit and small integers and booleans travel as i32 and u32. */
export type GpuType = 'f32' | 'f16' | 'i32' | 'u32';
/** Bytes of an element. */
export declare const GPU_TYPE_BYTES: Readonly<Record<GpuType, number>>;
/** A storage buffer that a kernel binds, in binding order (group 0, binding = position). */
export interface KernelBinding {
    /** Its name in the WGSL text. */
    readonly name: string;
    readonly access: 'read' | 'read_write';
}
/** Device features that a kernel may need. */
export type KernelFeature = 'f16' | 'subgroups';
/**
 * A kernel as data: what `kernels/` makes from a config. Equal texts are compiled once.
 */
export interface KernelSource {
    /** By the grammar in docs/kernels.md: op, layouts, variant, tile, dtype: `maxpool_chwn_patch2x4_f32`. */
    readonly id: string;
    /** The whole WGSL module; its entry point is `main`. */
    readonly wgsl: string;
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
/** What the device can do; kernels are generated within these bounds. */
export interface GpuLimits {
    readonly maxBufferBytes: number;
    /** Largest range that one binding may cover. */
    readonly maxBindingBytes: number;
    /** Storage buffers per kernel. */
    readonly maxBindings: number;
    readonly maxWorkgroupBytes: number;
    readonly maxInvocations: number;
    readonly maxWorkgroupSize: readonly [number, number, number];
    /** Workgroups along one dimension of a grid. */
    readonly maxGrid: number;
    /** Offsets of bindings are multiples of this. */
    readonly offsetAlignment: number;
    /** Lanes that run in step, smallest and largest; 0 where unknown. */
    readonly subgroupSize: readonly [number, number];
}
/** Memory on the device. */
export interface GpuBuffer {
    readonly bytes: number;
    readonly label: string;
    /** Frees it; using it afterwards is an error. */
    destroy(): void;
}
/** A piece of a buffer; `offset` is a multiple of the limits' `offsetAlignment`. */
export interface GpuSlice {
    readonly buffer: GpuBuffer;
    readonly offset: number;
    readonly bytes: number;
}
/** A compiled kernel. */
export interface GpuKernel {
    readonly source: KernelSource;
}
/** One kernel launch: a slice per binding. Read-only and writable bindings are in different buffers. */
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
export interface TimeOptions {
    /**
     * How many consecutive dispatches form each timed pass; one each when left out. Starting a pass costs some
     * microseconds that are counted with it, so short kernels are timed many to a pass.
     */
    readonly passes?: readonly number[];
    /** How often each pass's dispatches run in a row; the pass's time is divided by it. */
    readonly repeats?: number;
}
export interface GpuDevice {
    readonly kind: 'webgpu' | 'cuda';
    /** The hardware, for people: `NVIDIA H200 (WebGPU, Vulkan)`. */
    readonly description: string;
    /** Whether a CPU does the work: its times mean nothing. */
    readonly software: boolean;
    readonly limits: GpuLimits;
    readonly features: ReadonlySet<KernelFeature>;
    /** @throws DeviceError naming the label when memory is exhausted or the size passes the limits */
    allocate(bytes: number, label: string): Promise<GpuBuffer>;
    /** Copies host bytes in; done before anything submitted later starts. */
    write(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void;
    /**
     * Compiles kernels without blocking the event loop; equal texts share one.
     * @throws DeviceError naming the kernel's id and the compiler's message
     */
    compile(sources: readonly KernelSource[]): Promise<GpuKernel[]>;
    /** Builds all that can be built ahead: bind groups or a graph, and memory for the readbacks. */
    record(dispatches: readonly GpuDispatch[], readbacks?: readonly GpuSlice[]): Promise<GpuRecording>;
    /** Frees what `record` allocated. */
    release(recording: GpuRecording): void;
    /**
     * Runs a recording. One at a time per recording: await it before submitting it again.
     * @returns the bytes of its readbacks, when the work is done; the arrays are the caller's
     * @throws DeviceError for a lost device, and for whatever went wrong in earlier work too
     */
    submit(recording: GpuRecording): Promise<Uint8Array<ArrayBuffer>[]>;
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
