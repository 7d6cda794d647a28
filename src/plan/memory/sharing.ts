/** Kernels that read and write one buffer: what they read there is bound as writable too. */
import type { KernelBinding, KernelSource, WgslKernel } from '../../devices/gpu.js';

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
