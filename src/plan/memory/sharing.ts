/** Kernels that read and write one buffer: what they read there is bound as writable too. */
import type { KernelBinding, KernelSource, WgslKernel } from '../../devices/gpu.js';

/**
 * Shares of their time that kernels lose when what they read is not read-only, on an H200 (docs/performance.md, "Memory"):
 * direct convolution 0.4, depthwise 0.2 to 0.3, a slim 1x1 convolution 1.06; products 0 to 0.15, transforms 0 to 0.2; the rest
 * next to nothing.
 */
const LOSSES: readonly (readonly [RegExp, number])[] = [
  [/slim/, 1],
  [/direct|stem|depthwise|pooled/, 0.3],
  [/^(?:conv|gemm)_(?!.*(?:_reduce|_input|_output)$)|^transform_/, 0.08],
];
const OTHER_LOSS = 0.02;

/** The share of its time that a kernel loses when it reads a buffer that it also writes. @param id the kernel's */
export function sharingLoss(id: string): number {
  return LOSSES.find(([pattern]) => pattern.test(id))?.[1] ?? OTHER_LOSS;
}

/** Whether the kernel's text declares its bindings in the form that `withWritable` changes. */
export function canShare(source: KernelSource): source is WgslKernel {
  const { wgsl, bindings } = source;
  return wgsl !== undefined && bindings.every((binding, i) => wgsl.includes(declaration(binding, i)));
}

/**
 * The kernel with some of its bindings declared writable. It computes the same: it may write them, but never does.
 * @param positions of those bindings
 */
export function withWritable(source: WgslKernel, positions: ReadonlySet<number>): WgslKernel {
  let { wgsl } = source;
  const bindings = source.bindings.map((binding, i): KernelBinding => {
    if (!positions.has(i)) return binding;
    const writable = { ...binding, access: 'read_write' } as const;
    wgsl = wgsl.replace(declaration(binding, i), declaration(writable, i));
    return writable;
  });
  return { ...source, wgsl, bindings };
}

/** As `bindings` in kernels/wgsl.ts writes it. */
function declaration({ name, access }: KernelBinding, position: number): string {
  return `@binding(${position}) var<storage, ${access}> ${name}:`;
}
