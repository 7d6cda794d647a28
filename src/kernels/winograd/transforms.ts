/**
 * The transforms of a Winograd convolution (winograd.ts): x -> V, w -> U, M -> y. Each moves every byte once, but that the
 * inputs of neighbouring tiles overlap: what they share comes from the cache.
 *
 * Access: an invocation transforms one tile, or four side by side as vectors: of channels in NHWC, of images in CHWN. To
 * write V, which has tiles innermost, a workgroup takes few channels of many tiles in NHWC. In NCHW neighbouring invocations
 * take neighbouring tiles, and outputs go through workgroup memory to be stored line by line.
 */
import type { GpuType, KernelBinding } from '../../devices/gpu.js';
import { alias, bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import { geometryConstants, index5, product, vectorsAlong } from '../conv/geometry.js';
import { channelsInnermost, liftedProblem, type ConvProblem } from '../conv/problem.js';
import { endTypes, epilogue, epilogueBindings, outAlias, type StoreKind } from '../conv/store.js';
import { lineText, passText, passesOf, sideOf, type TileSize } from './lines.js';
import {
  imagesInnermost,
  tilesOfImages,
  winogradBytes,
  winogradSizes,
  type WinogradConfig,
  type WinogradKernel,
  type WinogradRole,
} from './winograd.js';

/** Invocations per workgroup: a tile takes up to 150 registers. */
const WORKGROUP = 128;

/** Channels, or vectors of channels, that a workgroup takes side by side to write V from NHWC: 32 bytes of x. */
const CHANNEL_LANES = { 1: 8, 4: 2 } as const;

export interface WinogradInputConfig extends WinogradConfig {
  /** A power of two up to 32, instead of `CHANNEL_LANES`. */
  readonly channelLanes?: number;
}

const MAIN = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i < COUNT) {
    let p = place_of(i);
    if (is_tile(p)) { transform_tile(p); }
  }
}
`;

/** Where a tile is: its place in the matrices, its number, and its first output (n, c, h, w). */
const PLACE = /* wgsl */ `
struct Place { at: u32, tile: u32, n: u32, c: u32, h: u32, w: u32 }

// Columns of tiles are filled up to whole vectors.
fn is_tile(p: Place) -> bool { return p.tile < TILES && p.c < CHANNELS; }
`;

const INPUT = /* wgsl */ `
// What lies outside is loaded from the edge and then left out, so that no load waits for a branch.
fn load(p: Place, i: u32, j: u32) -> Value {
  let h = p.h + i - PAD_H;
  let w = p.w + j - PAD_W;
  let value = Value(x[x_index(p.n, p.c, 0u, min(h, IN_H - 1u), min(w, IN_W - 1u))]);
  return select(Value(), value, h < IN_H && w < IN_W);
}
`;

const PUT_INPUT = /* wgsl */ `
fn put(p: Place, i: u32, j: u32, value: Value) { v[(i * SIDE + j) * PLANE + p.at] = value; }
`;

/** Four channels lie apart. */
const PUT_CHANNELS = /* wgsl */ `
fn put(p: Place, i: u32, j: u32, value: Value) {
  let at = (i * SIDE + j) * PLANE + p.at;
  v[at] = value.x;
  v[at + PITCH] = value.y;
  v[at + 2u * PITCH] = value.z;
  v[at + 3u * PITCH] = value.w;
}
`;

/** x -> V: B^T d B of every tile and channel. */
export function winogradInputKernel(config: WinogradInputConfig): WinogradKernel {
  const { id, problem: given, size, maxGrid } = config;
  const problem = liftedProblem(given);
  const { geometry, x } = problem;
  const { places, channels, pitch } = winogradSizes(problem, size);
  const inner = channelsInnermost(x);
  const images = imagesInnermost(x) && geometry.batch % 4 === 0 && vectorsAlong(x, 0);
  const four = images || (inner && vectorsAlong(x, 1));
  const walk = inner
    ? channelBlocks(problem, size, four ? 4 : 1, config.channelLanes)
    : tileColumns(problem, size, channels, images ? 4 : 1);
  return transformKernel({
    id: `${id}_input`,
    maxGrid,
    walk,
    types: [x.type],
    bindings: [
      { name: 'x', access: 'read', element: four ? `vec4<${x.type}>` : x.type },
      { name: 'v', access: 'read_write', element: images ? 'vec4<f32>' : 'f32' },
    ],
    prelude: [
      geometryConstants(geometry),
      constants({ SIDE: sideOf(size), PITCH: pitch, PLANE: (pitch * channels) / (images ? 4 : 1) }),
      alias('Value', four ? 'vec4<f32>' : 'f32'),
    ],
    functions: index5('x', x, four ? 4 : 1),
    text: [
      lineText(size),
      INPUT,
      inner && four ? PUT_CHANNELS : PUT_INPUT,
      passText(passesOf(size).input),
      MAIN,
    ],
    bytes: product(x.dims) * (x.type === 'f16' ? 2 : 4) + 4 * places * pitch * channels,
  });
}

const WEIGHTS = /* wgsl */ `
struct Place { at: u32 }

fn place_of(i: u32) -> Place { return Place(i); }

fn is_tile(p: Place) -> bool { return true; }

fn load(p: Place, i: u32, j: u32) -> Value { return Value(w[(i * 3u + j) * PLANE + p.at]); }

fn put(p: Place, i: u32, j: u32, value: Value) { u[(i * SIDE + j) * PLANE + p.at] = value; }
`;

/** w -> U: G g G^T of every channel and output channel. */
export function winogradWeightsKernel({ id, problem, size, maxGrid }: WinogradConfig): WinogradKernel {
  const { w } = problem;
  const { channels, outChannels } = winogradSizes(problem, size);
  const unit = outChannels % 4 === 0 ? 4 : 1;
  const plane = (channels * outChannels) / unit;
  return transformKernel({
    id: `${id}_weights`,
    maxGrid,
    walk: { text: '', count: plane },
    types: [w.type],
    bindings: [
      { name: 'w', access: 'read', element: unit === 4 ? `vec4<${w.type}>` : w.type },
      { name: 'u', access: 'read_write', element: 'Value' },
    ],
    prelude: [
      constants({ SIDE: sideOf(size), PLANE: plane }),
      alias('Value', unit === 4 ? 'vec4<f32>' : 'f32'),
    ],
    functions: '',
    text: [WEIGHTS, lineText(size), passText(passesOf(size).weights), MAIN],
    bytes: product(w.dims) * (w.type === 'f16' ? 2 : 4) + winogradBytes(problem, size).u,
  });
}

const OUTPUT = /* wgsl */ `
fn load(p: Place, i: u32, j: u32) -> Value { return m[(i * SIDE + j) * PLANE + p.at]; }

fn store(n: u32, c: u32, h: u32, w: u32, value: Value) {
  if (h < OUT_H && w < OUT_W) {
    y[y_index(n, c, 0u, h, w) / UNIT] = Out(finish(c, value + residual_at(n, c, 0u, h, w)));
  }
}
`;

const STORE_OUTPUT = /* wgsl */ `
fn put(p: Place, i: u32, j: u32, value: Value) { store(p.n, p.c, p.h + i, p.w + j, value); }
`;

/** Lines of neighbouring tiles: stored tile by tile they would be written in pieces, at half the speed on an H200. */
const STORE_LINES = /* wgsl */ `
// By place in the tile; the tiles of the next column of places meet other banks.
const LINE = WORKGROUP + 8u;
var<workgroup> outputs: array<f32, SIZE * SIZE * LINE>;

fn put(p: Place, i: u32, j: u32, value: f32) { outputs[(i * SIZE + j) * LINE + p.at % WORKGROUP] = value; }
`;

const MAIN_LINES = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let first = (wid.x + wid.y * GRID_X) * WORKGROUP;
  if (first + lane < COUNT) {
    let p = place_of(first + lane);
    if (is_tile(p)) { transform_tile(p); }
  }
  workgroupBarrier();
  for (var q = lane; q < WORKGROUP * SIZE; q += WORKGROUP) {
    let i = first + q / SIZE;
    if (i >= COUNT) { break; }
    let p = place_of(i);
    if (is_tile(p)) {
      let j = q % SIZE;
      for (var row = 0u; row < SIZE; row++) {
        store(p.n, p.c, p.h + row, p.w + j, outputs[(row * SIZE + j) * LINE + q / SIZE]);
      }
    }
  }
}
`;

const FINISH: Readonly<Record<StoreKind, string>> = {
  channels: /* wgsl */ `
fn finish(c: u32, v: Value) -> Value {
  return Value(
    activation(v.x + bias_at(c)),
    activation(v.y + bias_at(c + 1u)),
    activation(v.z + bias_at(c + 2u)),
    activation(v.w + bias_at(c + 3u)),
  );
}
`,
  positions: /* wgsl */ `
fn finish(c: u32, v: Value) -> Value {
  let sum = v + bias_at(c);
  return Value(activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w));
}
`,
  scalars: /* wgsl */ `
fn finish(c: u32, v: Value) -> Value { return activation(v + bias_at(c)); }
`,
};

/** What vectors of outputs are made of. */
function storeKind({ y, residual }: ConvProblem): StoreKind {
  const views = residual ? [y, residual] : [y];
  if (channelsInnermost(y)) return views.every((view) => vectorsAlong(view, 1)) ? 'channels' : 'scalars';
  return views.every((view) => vectorsAlong(view, 0)) ? 'positions' : 'scalars';
}

/** M -> y: A^T M A of every tile and output channel, with bias, residual and activation. */
export function winogradOutputKernel({ id, problem: given, size, maxGrid }: WinogradConfig): WinogradKernel {
  const problem = liftedProblem(given);
  const { geometry, y } = problem;
  const { places, outChannels, pitch } = winogradSizes(problem, size);
  const kind = storeKind(problem);
  const unit = kind === 'scalars' ? 1 : 4;
  const walk = channelsInnermost(y)
    ? channelRows(problem, size, outChannels, unit)
    : tileColumns(problem, size, outChannels, unit);
  const lines = !channelsInnermost(y) && !imagesInnermost(y);
  return transformKernel({
    id: `${id}_output`,
    maxGrid,
    walk,
    types: endTypes(problem),
    bindings: [{ name: 'm', access: 'read', element: 'Value' }, ...epilogueBindings(problem, kind)],
    prelude: [
      geometryConstants(geometry),
      constants({ SIDE: sideOf(size), SIZE: size, PLANE: (pitch * outChannels) / unit, UNIT: unit }),
      alias('Value', unit === 4 ? 'vec4<f32>' : 'f32'),
      outAlias(problem, kind),
    ],
    functions: epilogue(problem, kind),
    text: [
      lineText(size),
      FINISH[kind],
      OUTPUT,
      lines ? STORE_LINES : STORE_OUTPUT,
      passText(passesOf(size).output),
      lines ? MAIN_LINES : MAIN,
    ],
    workgroupBytes: lines ? size ** 2 * (WORKGROUP + 8) * 4 : 0,
    bytes: product(y.dims) * (y.type === 'f16' ? 2 : 4) + 4 * places * pitch * outChannels,
  });
}

/** Which tile and channels an invocation takes: `fn place_of(i: u32) -> Place`, and how many invocations there are. */
interface Walk {
  readonly text: string;
  readonly count: number;
}

/** The i-th vector of a matrix of tiles by channels, tiles innermost; vectors are of images. */
function tileColumns(problem: ConvProblem, size: TileSize, channels: number, unit: 1 | 4): Walk {
  const { pitch } = winogradSizes(problem, size);
  const rows = pitch / unit;
  return {
    text: walkText(problem, size, channels, `let c = i / ${rows}u;`, `i % ${rows}u * ${unit}u`, 'i'),
    count: rows * channels,
  };
}

/** The i-th vector of channels of a matrix of tiles by channels, channels innermost. */
function channelRows(problem: ConvProblem, size: TileSize, channels: number, unit: 1 | 4): Walk {
  const { tiles } = winogradSizes(problem, size);
  const row = channels / unit;
  return {
    text: walkText(problem, size, channels, `let c = i % ${row}u * ${unit}u;`, `i / ${row}u`, 'i'),
    count: tiles * row,
  };
}

/** A matrix with tiles innermost, by blocks of `CHANNEL_LANES` vectors of channels and as many tiles as fill a workgroup. */
function channelBlocks(
  problem: ConvProblem,
  size: TileSize,
  unit: 1 | 4,
  lanes: number = CHANNEL_LANES[unit],
): Walk {
  const { tiles, pitch, channels } = winogradSizes(problem, size);
  const rows = WORKGROUP / lanes;
  const blocks = Math.ceil(channels / (lanes * unit));
  const c = `let c = (i / WORKGROUP % ${blocks}u * ${lanes}u + i % ${lanes}u) * ${unit}u;`;
  const tile = `i / WORKGROUP / ${blocks}u * ${rows}u + i % WORKGROUP / ${lanes}u`;
  return {
    text: walkText(problem, size, channels, c, tile, `c * ${pitch}u + tile`),
    count: blocks * Math.ceil(tiles / rows) * WORKGROUP,
  };
}

/** @param at where the tile and channel are in a matrix, in its elements */
function walkText(
  problem: ConvProblem,
  size: TileSize,
  channels: number,
  c: string,
  tile: string,
  at: string,
): string {
  const { batch, output } = problem.geometry;
  const { tiles } = winogradSizes(problem, size);
  const [high, wide] = [1, 2].map((axis) => Math.ceil(output[axis] / size));
  const [n, h, w] = tilesOfImages(problem)
    ? [`tile % ${batch}u`, `tile / ${batch * wide}u`, `tile / ${batch}u % ${wide}u`]
    : [`tile / ${high * wide}u`, `tile / ${wide}u % ${high}u`, `tile % ${wide}u`];
  return (
    constants({ TILES: tiles, CHANNELS: channels }) +
    PLACE +
    `
fn place_of(i: u32) -> Place {
  ${c}
  let tile = ${tile};
  return Place(${at}, tile, ${n}, c, ${h} * ${size}u, ${w} * ${size}u);
}
`
  );
}

/** The pieces of a transform. */
interface TransformText {
  readonly id: string;
  readonly maxGrid: number;
  readonly walk: Walk;
  readonly types: readonly GpuType[];
  readonly bindings: readonly (KernelBinding & { readonly element: string; readonly name: WinogradRole })[];
  /** In front of the bindings, and behind them. */
  readonly prelude: readonly string[];
  readonly functions: string;
  readonly text: readonly string[];
  readonly workgroupBytes?: number;
  readonly bytes: number;
}

function transformKernel(config: TransformText): WinogradKernel {
  const { id, maxGrid, walk, types, bindings: list, workgroupBytes = 0 } = config;
  const { grid, gridX } = foldedGrid(Math.ceil(walk.count / WORKGROUP), maxGrid);
  return {
    source: {
      id,
      wgsl: kernelText(
        types,
        [
          constants({ WORKGROUP, GRID_X: gridX, COUNT: walk.count }),
          ...config.prelude,
          bindings(list),
          config.functions,
        ],
        walk.text + config.text.join(''),
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: [WORKGROUP, 1, 1],
      grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes,
      // Additions that memory hides.
      flops: 0,
      bytes: config.bytes,
    },
    roles: list.map(({ name }) => name),
  };
}
