/** The weights and bias of the windows, in the order in which loaders (loaders.ts) take them: made once of constants. */
import type { WgslKernel } from '../../devices/gpu.js';
import { boundKernel, constants, foldedGrid, WORKGROUP } from '../wgsl.js';
import { tapsOf, type SeparableProblem, type SeparableWindow } from './problem.js';

export interface TapsConfig {
  readonly id: string;
  readonly problem: SeparableProblem;
  /** Whether loaders take four channels at a time. */
  readonly fourChannels: boolean;
  readonly maxGrid: number;
}

/** How a channel's taps and bias lie in memory, for loaders of single channels: rows of whole vectors. */
export interface TapPlaces {
  /** Vectors of a row of taps. */
  readonly rowVectors: number;
  /** Vectors of a channel. */
  readonly vectors: number;
  /** Where the bias is, in elements: behind the first row's taps if there is room, else behind all rows. */
  readonly bias: number;
}

export function tapPlaces({ geometry: { kernel } }: SeparableWindow): TapPlaces {
  const rowVectors = Math.ceil(kernel[2] / 4);
  const rows = kernel[1] * rowVectors;
  const hasRoom = kernel[2] % 4 > 0;
  return { rowVectors, vectors: hasRoom ? rows : rows + 1, bias: hasRoom ? kernel[2] : 4 * rows };
}

/** Bytes of either order: of single channels, which takes more, or of fours. */
export function tapsBytes(window: SeparableWindow): number {
  return Math.ceil(window.geometry.channels / 4) * 4 * tapPlaces(window).vectors * 16;
}

const MAIN = /* wgsl */ `
fn value_of(c: u32, row: u32, column: u32, is_bias: bool) -> f32 {
  if (c >= CHANNELS) { return 0.0; }
  if (is_bias) { return bias_of(c); }
  if (row >= ROWS || column >= COLUMNS) { return 0.0; }
  return f32(window_w[(row * COLUMNS + column) * CHANNELS + c]);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  var c = i / PITCH;
  var at = i % PITCH;
  if (FOUR_CHANNELS) {
    c = i / (4u * PITCH) * 4u + i % 4u;
    at = i / 4u % PITCH;
  }
  taps[i] = value_of(c, at / ROW_PITCH, at % ROW_PITCH, at == BIAS_AT);
}
`;

/**
 * [channel][row of taps], in whole vectors, as `tapPlaces` says; or, for loaders of four channels, [four channels][tap][channel]
 * and the bias behind the last tap. Zeros are what fills up.
 */
export function tapsKernel({ id, problem, fourChannels, maxGrid }: TapsConfig): {
  readonly source: WgslKernel;
  readonly roles: readonly ('window_w' | 'window_bias' | 'taps')[];
} {
  const { w, bias, geometry } = problem.window;
  const { channels, kernel } = geometry;
  const places = tapPlaces(problem.window);
  const taps = tapsOf(problem.window);
  const pitch = fourChannels ? taps + 1 : 4 * places.vectors;
  const count = (fourChannels ? Math.ceil(channels / 4) * 4 : channels) * pitch;
  const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), maxGrid);
  return boundKernel({
    id: `${id}_taps`,
    types: [w.type, ...(bias ? [bias.type] : [])],
    bindings: [
      { name: 'window_w', access: 'read', element: w.type },
      ...(bias ? ([{ name: 'window_bias', access: 'read', element: bias.type }] as const) : []),
      { name: 'taps', access: 'read_write', element: 'f32' },
    ],
    declarations: [
      constants({
        WORKGROUP,
        GRID_X: gridX,
        COUNT: count,
        PITCH: pitch,
        ROWS: kernel[1],
        COLUMNS: kernel[2],
        ROW_PITCH: fourChannels ? kernel[2] : 4 * places.rowVectors,
        BIAS_AT: fourChannels ? taps : places.bias,
        CHANNELS: channels,
        FOUR_CHANNELS: fourChannels,
      }),
    ],
    text: [`fn bias_of(c: u32) -> f32 { return ${bias ? 'f32(window_bias[c])' : '0.0'}; }\n`, MAIN],
    workgroup: [WORKGROUP, 1, 1],
    grid,
    // Preparation is no part of the op's figures.
    flops: 0,
    bytes: 0,
  });
}
