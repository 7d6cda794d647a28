/** What a split product ends with: a kernel that adds the partial sums of its parts (gemm/split.ts). */
import type { GpuType, KernelSource } from '../../devices/gpu.js';
import { reduceText } from '../gemm/split.js';
import type { Product } from '../gemm/tile.js';
import { bindings, kernelText } from '../wgsl.js';
import type { MatrixEnding } from './ending.js';

/**
 * Adds the parts of a product, and finishes.
 * @param types of what the ending binds
 * @param ending one with `store`
 */
export function matrixReduceKernel(
  id: string,
  product: Product,
  parts: number,
  types: readonly GpuType[],
  ending: MatrixEnding,
  maxGrid: number,
): KernelSource {
  const reduce = reduceText(product, parts, maxGrid);
  const list = [{ name: 'partial', access: 'read', element: 'vec4<f32>' } as const, ...ending.bindings];
  return {
    id: `${id}_reduce`,
    wgsl: kernelText(
      types,
      [reduce.constants, ending.aliases, bindings(list)],
      ending.declarations + reduce.body,
    ),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: reduce.workgroup,
    grid: reduce.grid,
    features: types.includes('f16') ? ['f16'] : [],
    workgroupBytes: 0,
    // The op's figures are the first kernel's; this one is overhead.
    flops: 0,
    bytes: 0,
  };
}
