/**
 * Direct convolution (cuda-convnet; the paper, section 3): each invocation computes four output positions by eight
 * output channels in registers and reads the input straight from memory, through the caches. For few input channels,
 * where memory bounds the time and a matrix product would be mostly edges, and for CHWN, where the four positions are
 * four images of the batch, one vec4.
 *
 * Access: in NCHW and CHWN neighbouring invocations take neighbouring positions (a vec4 of images each, or single
 * positions, an invocation's four lying a workgroup's width apart), and weights are the same for all, so broadcast.
 * In NHWC neighbouring invocations first share a position and take neighbouring vec4 of output channels.
 */
import { blockTypes } from '../gemm/tiled-product.js';
import { bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import {
  geometryConstants,
  geometryText,
  phaseRefusal,
  phasesOf,
  positionFunction,
  positionsPerAxis,
  product,
} from './geometry.js';
import { inputFunctions, positionOrder } from './implicit.js';
import { pixelLoader } from './pixels.js';
import { channelsInnermost, liftedProblem, typesOf, type ConvKernel, type ConvProblem } from './problem.js';
import {
  epilogue,
  epilogueBindings,
  outAlias,
  storeKind,
  storeRefusal,
  storeText,
  type StoreKind,
} from './store.js';
import { weightConstants, weightsAreVectors, weightsText } from './weights.js';

export interface DirectConfig {
  readonly id: string;
  readonly problem: ConvProblem;
  readonly maxGrid: number;
  /** Invocations per workgroup, a power of two of at least 16; 128 by default. */
  readonly workgroup?: number;
}

/** Why the kernel does not apply, or undefined. */
export function directRefusal(problem: ConvProblem): string | undefined {
  const lifted = liftedProblem(problem);
  const { geometry, x } = lifted;
  if (product(x.dims) * geometry.outChannels === 0) return 'the input is empty';
  if (!pixelLoader(geometry, x, positionOrder(lifted), false)) return 'the input is in blocks of channels';
  return phaseRefusal(geometry) ?? storeRefusal(lifted);
}

const MAIN = /* wgsl */ `
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  // Channels first: workgroups that run together read the same input.
  let channel_tile = group % CHANNEL_TILES;
  let position_tile = group / CHANNEL_TILES % POSITION_TILES;
  let batch = group / (CHANNEL_TILES * POSITION_TILES);
  let first = position_tile * (4u * POSITION_LANES) + t / CHANNEL_LANES * LANE_POSITIONS;
  let near = channel_tile * (8u * CHANNEL_LANES) + t % CHANNEL_LANES * 4u;
  let far = near + 4u * CHANNEL_LANES;
  let pixels = pixels_setup(first, batch);
  let near_weights = weights_setup(near, batch);
  let far_weights = weights_setup(far, batch);

  var c0 = vec4<f32>();
  var c1 = vec4<f32>();
  var c2 = vec4<f32>();
  var c3 = vec4<f32>();
  var c4 = vec4<f32>();
  var c5 = vec4<f32>();
  var c6 = vec4<f32>();
  var c7 = vec4<f32>();
  for (var i = 0u; i < TAPS; i++) {
    let tap = tap_at(i, batch);
    if (tap.used) {
      for (var c = 0u; c < GROUP_CHANNELS; c++) {
        let v = vec4<f32>(pixels_vector(pixels, tap, c));
        let a = vec4<f32>(weights_vector(near_weights, tap, c));
        let b = vec4<f32>(weights_vector(far_weights, tap, c));
        c0 += a.x * v;
        c1 += a.y * v;
        c2 += a.z * v;
        c3 += a.w * v;
        c4 += b.x * v;
        c5 += b.y * v;
        c6 += b.z * v;
        c7 += b.w * v;
      }
    }
  }
  var sums = array<vec4<f32>, 8>(c0, c1, c2, c3, c4, c5, c6, c7);
  for (var i = 0u; i < 8u; i += 4u) {
    emit(batch, first, near + i * CHANNEL_LANES, sums[i], sums[i + 1u], sums[i + 2u], sums[i + 3u]);
  }
}
`;

/** Four positions by four channels, as vectors of channels. */
const EMIT_CHANNELS = /* wgsl */ `
fn emit(batch: u32, first: u32, c: u32, c0: vec4<f32>, c1: vec4<f32>, c2: vec4<f32>, c3: vec4<f32>) {
  for (var i = 0u; i < 4u; i++) {
    store(batch, first + i * POSITION_STEP, c, vec4<f32>(c0[i], c1[i], c2[i], c3[i]));
  }
}
`;

/** As vectors of positions. */
const EMIT_POSITIONS = /* wgsl */ `
fn emit(batch: u32, first: u32, c: u32, c0: vec4<f32>, c1: vec4<f32>, c2: vec4<f32>, c3: vec4<f32>) {
  let channels = array<vec4<f32>, 4>(c0, c1, c2, c3);
  for (var i = 0u; i < 4u; i++) { store(batch, c + i, first, channels[i]); }
}
`;

/** One by one. */
const EMIT_SCALARS = /* wgsl */ `
fn emit(batch: u32, first: u32, c: u32, c0: vec4<f32>, c1: vec4<f32>, c2: vec4<f32>, c3: vec4<f32>) {
  let channels = array<vec4<f32>, 4>(c0, c1, c2, c3);
  for (var i = 0u; i < 16u; i++) {
    store_one(batch, first + i % 4u * POSITION_STEP, c + i / 4u, channels[i / 4u][i % 4u]);
  }
}
`;

const EMIT: Readonly<Record<StoreKind, string>> = {
  channels: EMIT_CHANNELS,
  positions: EMIT_POSITIONS,
  scalars: EMIT_SCALARS,
};

export function directKernel({ id, problem: given, maxGrid, workgroup = 128 }: DirectConfig): ConvKernel {
  const problem = liftedProblem(given);
  const { geometry, x, w, y } = problem;
  const order = positionOrder(problem);
  const loader = pixelLoader(geometry, x, order, false);
  if (!loader) throw new TypeError(`${id}: no loader for ${x.layout.name}`);
  const vectors = loader.kind === 'vectors';
  const byChannels = channelsInnermost(y);
  const widest = storeKind(problem);
  // Positions a workgroup's width apart are no vector; single ones are coalesced across invocations instead.
  const kind: StoreKind = widest === 'positions' && !vectors ? 'scalars' : widest;

  const ownChannels = geometry.outChannels / geometry.group;
  const positions = geometry.batch * product(positionsPerAxis(geometry));
  const channels = y.layout.block ? Math.ceil(ownChannels / 4) * 4 : ownChannels;
  const channelLanes = byChannels ? Math.min(16, powerOfTwo(Math.ceil(ownChannels / 8))) : 1;
  const positionLanes = workgroup / channelLanes;
  const channelTiles = Math.ceil(ownChannels / (8 * channelLanes));
  const positionTiles = Math.ceil(positions / (4 * positionLanes));
  const groups = channelTiles * positionTiles * geometry.group * phasesOf(geometry);
  const { grid, gridX } = foldedGrid(groups, maxGrid);
  const list = [
    { name: 'x', access: 'read', element: loader.element },
    { name: 'w', access: 'read', element: weightsAreVectors(geometry) ? `vec4<${w.type}>` : w.type },
    ...epilogueBindings(problem, kind),
  ] as const;
  const types = typesOf(problem);
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
            POSITION_TILES: positionTiles,
            CHANNEL_LANES: channelLanes,
            POSITION_LANES: positionLanes,
            LANE_POSITIONS: vectors ? 4 : 1,
            POSITION_STEP: vectors ? 1 : positionLanes,
            ROWS: byChannels ? positions : channels,
            COLS: byChannels ? channels : positions,
          }),
          geometryConstants(geometry),
          weightConstants(geometry),
          blockTypes(x.type, w.type),
          outAlias(problem, kind),
          bindings(list),
          inputFunctions(x, loader.unit),
          positionFunction(geometry, order),
          epilogue(problem, kind),
        ],
        [
          geometryText(geometry),
          loader.text,
          weightsText(geometry, false),
          storeText(kind, byChannels),
          EMIT[kind],
          MAIN,
        ].join(''),
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: [workgroup, 1, 1],
      grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes: 0,
      flops: problem.flops,
      bytes: problem.bytes,
    },
    roles: list.map(({ name }) => name),
  };
}

/** The least power of two that is not below a count. */
function powerOfTwo(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}
