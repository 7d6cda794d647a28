/**
 * Batch normalisation with known statistics: y = activation((x - mean) / sqrt(variance + epsilon) * scale + bias),
 * an affine function per channel (Ioffe and Szegedy 2015, algorithm 2). One pass over memory in its own order, a
 * vector per invocation; the channel's four numbers come through the cache, as vectors where channels are
 * innermost and once where a vector lies within one channel.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import type { UnaryFunction } from '../../ops/unary.js';
import { unaryWgsl } from '../elementwise/functions.js';
import { axisPlacement, inUnits, placementOf, rowSpace } from '../reduce/row-space.js';
import { parameterFunction, parameterWidth, placeFunctions, rowKernel, vectorOf } from '../reduce/team.js';
import { idealBytes, viewSize, type TensorView } from '../view.js';
import { alias, constants, layoutTag, WORKGROUP } from '../wgsl.js';

/** One number per channel each, in the operator's input order. */
export const BATCH_PARAMETERS = ['scale', 'bias', 'mean', 'variance'] as const;

export interface BatchNormalizeConfig {
  readonly x: TensorView;
  /** Same dims and layout as `x`. */
  readonly y: TensorView;
  readonly parameters: Readonly<Record<(typeof BATCH_PARAMETERS)[number], TensorView>>;
  readonly epsilon: number;
  readonly activation?: UnaryFunction | undefined;
  readonly flops: number;
  readonly maxGrid: number;
}

const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let k = (wid.x + wid.y * GRID_X) * LANES + lane;
  if (k >= KEPT) { return; }
  let factor = scale_at(k, 0u) / sqrt(variance_at(k, 0u) + EPSILON);
  let value = activated((V(x[x_kept(k)]) - mean_at(k, 0u)) * factor + bias_at(k, 0u));
  y[y_kept(k)] = Out(select(V(0.0), value, kept_mask(k)));
}
`;

export function batchNormalizeKernel(config: BatchNormalizeConfig): WgslKernel {
  const { x, y, parameters, epsilon, activation, flops, maxGrid } = config;
  // Every element is a row of its own, so that k walks memory.
  const space = rowSpace(x.dims, x.layout, []);
  if (!space) throw new RangeError('rows without groups fit every layout');
  const placements = [placementOf(x), placementOf(y)];
  const vector = placements.every((placement) => inUnits(space, placement, 4)) ? 4 : 1;
  const geometry = { space, tile: { vector, team: 1, lanes: WORKGROUP, steps: 1 } } as const;
  const channel = axisPlacement(x.dims.length, 1);
  const width = parameterWidth(geometry, channel);
  const lift = vector === 4 ? 'vec4<f32>(f(v.x), f(v.y), f(v.z), f(v.w))' : 'f(v)';
  return rowKernel({
    id: `batchnorm_${layoutTag(x.layout)}_v${vector}_${y.type}`,
    geometry,
    compute: 'f32',
    types: [x.type, y.type, ...BATCH_PARAMETERS.map((name) => parameters[name].type)],
    bindings: [
      { name: 'x', access: 'read', element: vectorOf(x.type, vector) },
      ...BATCH_PARAMETERS.map((name) => {
        return { name, access: 'read', element: vectorOf(parameters[name].type, width) } as const;
      }),
      { name: 'y', access: 'read_write', element: 'Out' },
    ],
    prelude: [
      alias('Out', vectorOf(y.type, vector)),
      constants({ EPSILON: { f32: epsilon } }),
      placeFunctions('x', geometry, placements[0]),
      placeFunctions('y', geometry, placements[1]),
      ...BATCH_PARAMETERS.map((name) =>
        parameterFunction(name, geometry, channel, viewSize(parameters[name])),
      ),
      unaryWgsl('f', activation),
      `fn activated(v: V) -> V { return ${lift}; }\n`,
    ],
    reductions: [],
    body: BODY,
    maxGrid,
    flops,
    bytes: idealBytes(x) + idealBytes(y) + 4 * idealBytes(parameters.scale),
  });
}
