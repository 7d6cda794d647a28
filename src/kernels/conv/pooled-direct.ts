/**
 * Direct convolution with the pooling behind it, for few input channels: each invocation computes all pixels of one window
 * for four or eight output channels in registers. For a row of the kernel it reads the rows of the input under the
 * window's rows once, and uses every element for as many pixels and taps as it meets (the paper's working-set expansion
 * for pooling, section 4.2, here for the convolution in front of it).
 *
 * Access: where channels are not innermost, neighbouring invocations take neighbouring windows (in CHWN the images of a
 * batch, so that loads and stores are contiguous), and weights are the same for all. In NHWC neighbouring invocations
 * first share a window and take neighbouring vec4 of output channels.
 */
import { blockTypes } from '../gemm/tiled-product.js';
import { bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import { geometryConstants, geometryText } from './geometry.js';
import { inputFunctions } from './implicit.js';
import {
  liftedPooled,
  pixelsOf,
  poolCount,
  pooledEnding,
  pooledPositions,
  pooledRefusal,
  type LiftedPooled,
  type PooledProblem,
} from './pooled.js';
import { channelsInnermost, type ConvKernel } from './problem.js';
import { weightConstants, weightsAreVectors, weightsText } from './weights.js';

export interface PooledDirectConfig {
  readonly id: string;
  readonly problem: PooledProblem;
  /** Output channels per invocation: 8 reads less for each product, 4 makes twice as many invocations. */
  readonly channels: 4 | 8;
  readonly maxGrid: number;
  /** Invocations per workgroup, a power of two of at least 16; 64 by default: small planes then still spread well. */
  readonly workgroup?: number;
}

/** Numbers per invocation, of sums and of the input: with addresses and weights they fit 255 registers well. */
const MOST_SUMS = 64;
const MOST_INPUTS = 64;

/** Why the kernel does not apply, or undefined. */
export function pooledDirectRefusal(problem: PooledProblem, channels: 4 | 8): string | undefined {
  const lifted = liftedPooled(problem);
  const pixels = pixelsOf(lifted.pool);
  if (pixels * channels > MOST_SUMS) return `${channels} channels of ${pixels} pixels are too many sums`;
  const inputs = lifted.pool.height * reach(lifted);
  if (inputs > MOST_INPUTS)
    return `${inputs} elements lie under a row of the kernel, more than ${MOST_INPUTS}`;
  return pooledRefusal(lifted);
}

/** Elements of a row of the input from the first that a window looks at to the last. */
function reach({ geometry: { kernel, strides, dilations }, pool }: LiftedPooled): number {
  return (pool.width - 1) * strides[2] + (kernel[2] - 1) * dilations[2] + 1;
}

const MAIN = /* wgsl */ `
fn input_at(at: u32, inside: bool) -> f32 {
  if (!inside) { return 0.0; }
  return f32(x[at]);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  let number = group / CHANNEL_TILES * POOL_LANES + t / CHANNEL_LANES;
  if (group >= GROUPS || number >= POOLS) { return; }
  // Channels first: workgroups that run together read the same input.
  let channel = group % CHANNEL_TILES * (4u * FOURS * CHANNEL_LANES) + t % CHANNEL_LANES * 4u;
  let pool = pool_at(number);
  let origin = window_origin(position_of(number * POOL_PIXELS));
  let at = x_index(pool.x, 0u, 0u, origin.y, origin.z);

  var sums: array<vec4<f32>, FOURS * POOL_PIXELS>;
  for (var c = 0u; c < GROUP_CHANNELS; c++) {
    for (var kh = 0u; kh < KERNEL_H; kh++) {
      var rows: array<f32, POOL_H * REACH>;
      for (var i = 0u; i < POOL_H; i++) {
        let h = i * STRIDE_H + kh * DILATION_H;
        let inside = !CHECKED || origin.y + h < IN_H;
        for (var j = 0u; j < REACH; j++) {
          let within = inside && (!CHECKED || origin.z + j < IN_W);
          rows[i * REACH + j] = input_at(at + x_step(0u, c, 0u, h, j), within);
        }
      }
      for (var kw = 0u; kw < KERNEL_W; kw++) {
        let tap = Tap(vec3<u32>(), kh * KERNEL_W + kw, true);
        for (var f = 0u; f < FOURS; f++) {
          let weights = weights_setup(channel + f * (4u * CHANNEL_LANES), 0u);
          let a = vec4<f32>(weights_vector(weights, tap, c));
          for (var i = 0u; i < POOL_H; i++) {
            for (var j = 0u; j < POOL_W; j++) {
              sums[f * POOL_PIXELS + i * POOL_W + j] += a * rows[i * REACH + j * STRIDE_W + kw * DILATION_W];
            }
          }
        }
      }
    }
  }

  for (var f = 0u; f < FOURS; f++) {
    let first = channel + f * (4u * CHANNEL_LANES);
    var result = vec4<f32>();
    for (var pixel = 0u; pixel < POOL_PIXELS; pixel++) {
      let value = finished(sums[f * POOL_PIXELS + pixel], first);
      result = merge(result, value, pixel, in_plane(pool, pixel));
    }
    put(pool, first, settled(result, pool));
  }
}
`;

export function pooledDirectKernel({
  id,
  problem,
  channels,
  maxGrid,
  workgroup = 64,
}: PooledDirectConfig): ConvKernel {
  const lifted = liftedPooled(problem);
  const { geometry, x, w } = lifted;
  const channelLanes = lanesOfChannels(lifted, channels);
  const poolLanes = workgroup / channelLanes;
  const channelTiles = Math.ceil(geometry.outChannels / (channels * channelLanes));
  const groups = channelTiles * Math.ceil(poolCount(lifted) / poolLanes);
  const { grid, gridX } = foldedGrid(groups, maxGrid);
  const ending = pooledEnding(lifted, 'vectors');
  const list = [
    { name: 'x', access: 'read', element: x.type },
    { name: 'w', access: 'read', element: weightsAreVectors(geometry) ? `vec4<${w.type}>` : w.type },
    ...ending.bindings,
  ] as const;
  const types = [x.type, w.type, ...ending.types];
  return {
    source: {
      id,
      wgsl: kernelText(
        types,
        [
          constants({
            THREADS: workgroup,
            GRID_X: gridX,
            GROUPS: groups,
            CHANNEL_TILES: channelTiles,
            CHANNEL_LANES: channelLanes,
            POOL_LANES: poolLanes,
            FOURS: channels / 4,
            REACH: reach(lifted),
          }),
          geometryConstants(geometry),
          weightConstants(geometry),
          blockTypes(x.type, w.type),
          ending.aliases,
          bindings(list),
          inputFunctions(x, 1),
          pooledPositions(lifted),
          ending.declarations,
        ],
        geometryText(geometry) + weightsText(geometry, false) + ending.text + MAIN,
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: [workgroup, 1, 1],
      grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes: 0,
      flops: lifted.flops,
      bytes: lifted.bytes,
    },
    roles: list.map(({ name }) => name),
  };
}

/** Invocations that share a window, a power of two: where one vec4 of channels lies behind another. */
function lanesOfChannels({ y, geometry }: LiftedPooled, channels: number): number {
  if (!channelsInnermost(y) || y.layout.block) return 1;
  return Math.min(16, 2 ** Math.ceil(Math.log2(Math.ceil(geometry.outChannels / channels))));
}
