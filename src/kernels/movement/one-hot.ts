/** OneHot: each element of y compares its position with an index. Stores are all the traffic there is. */
import type { GpuLimits, WgslKernel } from '../../devices/gpu.js';
import { idealBytes, type TensorView } from '../view.js';
import { constants } from '../wgsl.js';
import { coordsType, coordsValue, mapKernel } from './map.js';

export interface OneHotConfig {
  /** The axis of y that is new. */
  readonly axis: number;
  readonly indices: TensorView;
  /** Off, then on. */
  readonly values: TensorView;
  readonly y: TensorView;
  readonly limits: GpuLimits;
}

const VALUE = /* wgsl */ `
fn value(p: Coords) -> Cell {
  let whole = i32(indices[indices_at(index_of(p))]);
  let index = select(whole, whole + DEPTH, whole < 0);
  return values[select(0u, 1u, index == i32(p[AXIS]))];
}
`;

export function oneHotKernel({ axis, indices, values, y, limits }: OneHotConfig): WgslKernel {
  const index = indices.dims.map((_, i) => `p[${i < axis ? i : i + 1}]`);
  return mapKernel({
    op: 'onehot',
    variant: `axis${axis}`,
    inputs: [
      { name: 'indices', view: indices, byFours: false },
      { name: 'values', view: values, byFours: false },
    ],
    y,
    unit: 1,
    prelude: [
      constants({ DEPTH: { i32: y.dims[axis] }, AXIS: axis }),
      `fn index_of(p: ${coordsType(y.dims.length)}) -> ${coordsType(index.length)} { return ${coordsValue(index)}; }\n`,
    ],
    value: VALUE,
    flops: 0,
    bytes: idealBytes(indices) + idealBytes(values) + idealBytes(y),
    limits,
  });
}
