/**
 * Weights of a convolution as a matrix of [tap and channel] by [output channel], output channels contiguous: the same
 * order whatever the layouts of x and y. Constants are brought into it once, when they are uploaded.
 */
import { permutedLayout, type Layout } from '../../tensor/index.js';
import { constants } from '../wgsl.js';
import type { ConvGeometry } from './geometry.js';

/** The layout of weights [M, C/group, K...] (transposed: [C, M/group, K...]) that the kernels here read. */
export function weightLayout(rank: number, transposed: boolean): Layout {
  const spatial = Array.from({ length: rank - 2 }, (_, i) => i + 2);
  const name = `${['W', 'HW', 'DHW'][rank - 3] ?? 'S'}IO`;
  return permutedLayout(name, transposed ? [...spatial, 0, 1] : [...spatial, 1, 0]);
}

/** Constants of the weight texts. */
export function weightConstants({ channels, outChannels, group, transposed }: ConvGeometry): string {
  return constants({
    // Rows of a tap, first row and column of a group, and columns.
    W_TAP_ROWS: transposed ? channels : channels / group,
    W_GROUP_ROWS: transposed ? channels / group : 0,
    W_GROUP_COLS: transposed ? 0 : outChannels / group,
    W_COLS: transposed ? outChannels / group : outChannels,
  });
}

/** Whether rows of weights divide into vec4. */
export function weightsAreVectors({ outChannels, group }: ConvGeometry): boolean {
  return (outChannels / group) % 4 === 0;
}

const STATE = /* wgsl */ `
struct WeightsState { row: u32, first: u32 }

fn weights_setup(first: u32, batch: u32) -> WeightsState {
  let group = group_of(batch);
  return WeightsState(group * W_GROUP_ROWS, group * W_GROUP_COLS + first);
}
`;

const VECTORS = /* wgsl */ `
// Output channels first to first + 3 (the last ones, if these are beyond) of a tap and channel.
fn weights_vector(state: WeightsState, tap: Tap, c: u32) -> Packed {
  if (c >= GROUP_CHANNELS) { return Packed(); }
  return Packed(w[((tap.weight * W_TAP_ROWS + state.row + c) * W_COLS + min(state.first, W_COLS - 4u)) / 4u]);
}
`;

const SCALARS = /* wgsl */ `
fn weights_vector(state: WeightsState, tap: Tap, c: u32) -> Packed {
  if (c >= GROUP_CHANNELS) { return Packed(); }
  let row = (tap.weight * W_TAP_ROWS + state.row + c) * W_COLS;
  let cols = min(state.first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(W_COLS - 1u));
  return Packed(
    Stored(w[row + cols.x]),
    Stored(w[row + cols.y]),
    Stored(w[row + cols.z]),
    Stored(w[row + cols.w]),
  );
}
`;

const BLOCK = /* wgsl */ `
fn weights_load(state: WeightsState, k: u32, batch: u32) -> Block {
  let tap = tap_at(k / DEPTH_CHANNELS, batch);
  if (k >= DEPTH || !tap.used) { return Block(); }
  let c = k % DEPTH_CHANNELS;
  return Block(
    weights_vector(state, tap, c),
    weights_vector(state, tap, c + 1u),
    weights_vector(state, tap, c + 2u),
    weights_vector(state, tap, c + 3u),
  );
}
`;

/** @param blocks whether the tiled product's `weights_load` is wanted too */
export function weightsText(geometry: ConvGeometry, blocks: boolean): string {
  return STATE + (weightsAreVectors(geometry) ? VECTORS : SCALARS) + (blocks ? BLOCK : '');
}
