/** What all calls of libraries tell of themselves as kernels. */
import type { KernelBinding, LibraryCall, LibraryKernel } from '../../devices/gpu.js';
import type { LibraryType } from '../../devices/cuda/library-calls.js';
import { foldedGrid } from '../wgsl.js';

/** What floats are to a call. */
export interface LibraryNumbers {
  /** Whether factors in f32 may be rounded to the 10 bits that tensor cores take. */
  readonly tf32: boolean;
  /** What is stored as f16, if it is not that. */
  readonly half?: 'bf16' | undefined;
}

/** What a call computes with tensors stored as `type`. */
export function libraryType(type: string, { tf32, half }: LibraryNumbers): LibraryType | undefined {
  if (type === 'f32') return tf32 ? 'tf32' : 'f32';
  return type === 'f16' ? (half ?? 'f16') : undefined;
}

export interface LibraryKernelParts {
  readonly id: string;
  readonly call: LibraryCall;
  /** In the call's order; the last is written. */
  readonly bindings: readonly string[];
  /** Elements of the result. */
  readonly outputs: number;
  readonly flops: number;
  readonly bytes: number;
}

/** Results that the model of costs counts as one workgroup's. */
const WORKGROUP = 256;

/**
 * A call as a kernel. A library's launches are its own: the grid only says how many results there are, from which the
 * model of costs sees whether they fill a device.
 */
export function libraryKernel({
  id,
  call,
  bindings,
  outputs,
  flops,
  bytes,
}: LibraryKernelParts): LibraryKernel {
  const last = bindings.length - 1;
  const { library } = call;
  return {
    id,
    call,
    bindings: bindings.map((name, i): KernelBinding => ({ name, access: i < last ? 'read' : 'read_write' })),
    workgroup: [WORKGROUP, 1, 1],
    grid: foldedGrid(Math.ceil(outputs / WORKGROUP), 65535).grid,
    features: [library],
    workgroupBytes: 0,
    flops,
    bytes,
  };
}
