/**
 * Gather, GatherElements and GatherND: an index is read, wrapped and held inside its axis, so that a wrong one reads
 * a wrong element and never foreign memory. By fours where the innermost axis is not the one that is indexed.
 */
import type { GpuLimits, WgslKernel } from '../../devices/gpu.js';
import { idealBytes, type TensorView } from '../view.js';
import { constants } from '../wgsl.js';
import { coordsType, coordsValue, mapKernel, mayGoByFours } from './map.js';

export interface GatherConfig {
  readonly data: TensorView;
  readonly indices: TensorView;
  readonly y: TensorView;
  readonly limits: GpuLimits;
}

const WRAP = /* wgsl */ `
fn wrap(index: i32, extent: i32) -> u32 {
  return u32(clamp(select(index, index + extent, index < 0), 0, extent - 1));
}
`;

const VALUE_ONE = /* wgsl */ `
fn value(p: Coords) -> Cell {
  let k = wrap(indices[indices_at(index_of(p))], EXTENT);
  return data[data_at(data_of(p, k))];
}
`;

const VALUE_TUPLE = /* wgsl */ `
fn value(p: Coords) -> Cell {
  return data[data_at(data_of(p))];
}
`;

/** y[a..., i..., b...] = data[a..., indices[i...], b...]. */
export function gatherKernel(axis: number, config: GatherConfig): WgslKernel {
  const { data, indices, y } = config;
  const added = indices.dims.length;
  const inner = (from: number): number => from - 1 + added;
  const coordinates = data.dims.map((_, i) => (i === axis ? 'k' : `p[${i < axis ? i : inner(i)}]`));
  const index = indices.dims.map((_, i) => `p[${axis + i}]`);
  const unit = mayGoByFours(y, data, (at) => {
    if (at < axis) return at;
    return at >= axis + added ? at - added + 1 : undefined;
  });
  return oneIndex('gather', axis, config, index, coordinates, unit);
}

/** y[i] = data[i with i[axis] replaced by indices[i]]. */
export function gatherElementsKernel(axis: number, config: GatherConfig): WgslKernel {
  const coordinates = config.data.dims.map((_, i) => (i === axis ? 'k' : `p[${i}]`));
  const index = config.indices.dims.map((_, i) => `p[${i}]`);
  return oneIndex('gatherelements', axis, config, index, coordinates, 1);
}

function oneIndex(
  op: string,
  axis: number,
  { data, indices, y, limits }: GatherConfig,
  index: readonly string[],
  coordinates: readonly string[],
  unit: 1 | 4,
): WgslKernel {
  const p = `p: ${coordsType(y.dims.length)}`;
  return mapKernel({
    op,
    variant: `axis${axis}`,
    inputs: [
      { name: 'data', view: data, byFours: true },
      { name: 'indices', view: indices, byFours: false },
    ],
    y,
    unit,
    prelude: [
      constants({ EXTENT: { i32: data.dims[axis] } }),
      WRAP,
      `fn index_of(${p}) -> ${coordsType(index.length)} { return ${coordsValue(index)}; }\n`,
      `fn data_of(${p}, k: u32) -> ${coordsType(coordinates.length)} { return ${coordsValue(coordinates)}; }\n`,
    ],
    value: VALUE_ONE,
    flops: 0,
    bytes: 2 * idealBytes(y) + idealBytes(indices),
    limits,
  });
}

/** y[b..., i..., rest...] = data[b..., indices[b..., i..., :], rest...]. */
export function gatherNdKernel(batchDims: number, { data, indices, y, limits }: GatherConfig): WgslKernel {
  const outer = indices.dims.length - 1;
  const depth = indices.dims[outer];
  const prefix = Array.from({ length: outer }, (_, i) => `p[${i}]`);
  const picked = (k: number): string =>
    `wrap(indices[indices_at(${coordsValue([...prefix, `${k}u`])})], ${data.dims[batchDims + k]})`;
  const coordinates = data.dims.map((_, axis) => {
    if (axis < batchDims) return `p[${axis}]`;
    const k = axis - batchDims;
    return k < depth ? picked(k) : `p[${outer + k - depth}]`;
  });
  const unit = mayGoByFours(y, data, (axis) => (axis < outer ? undefined : axis - outer + batchDims + depth));
  const p = `p: ${coordsType(y.dims.length)}`;
  return mapKernel({
    op: 'gathernd',
    variant: `batch${batchDims}`,
    inputs: [
      { name: 'data', view: data, byFours: true },
      { name: 'indices', view: indices, byFours: false },
    ],
    y,
    unit,
    prelude: [
      WRAP,
      `fn data_of(${p}) -> ${coordsType(coordinates.length)} { return ${coordsValue(coordinates)}; }\n`,
    ],
    value: VALUE_TUPLE,
    flops: 0,
    bytes: 2 * idealBytes(y) + idealBytes(indices),
    limits,
  });
}
