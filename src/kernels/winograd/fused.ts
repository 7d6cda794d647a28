/**
 * Winograd convolution F(2x2, 3x3) in one launch (Lavin and Gray, arXiv 1509.09308, section 5.3): inputs are transformed on
 * their way into workgroup memory, the 16 products of a block stay in registers, and outputs are transformed through workgroup
 * memory on their way out. No scratch memory but the transformed weights (`winogradWeightsKernel`), and x is read about
 * twice for every 32 output channels: for large planes of few channels, where V and M are most of what is moved, and where
 * memory is short.
 *
 * A workgroup of 256 makes 32 tiles by 32 output channels and walks the channels in steps of 8 (4, where workgroup memory is
 * short). Each of the 16 products has 16 invocations, and each of these 8x8 sums, in groups of four rows by four columns.
 * Columns are what is contiguous in y: channels in NHWC, else tiles. Tiles come in fours along W; planes are filled up to
 * whole fours.
 *
 * An invocation transforms one line of four tiles: a line of B^T d needs only two lines of d. The next step's inputs and
 * weights are under way while a step is multiplied. Accuracy: that of F(2x2, 3x3) in winograd.ts.
 */
import type { GpuLimits } from '../../devices/gpu.js';
import { viewStrides } from '../view.js';
import { bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import { geometryConstants, index5 } from '../conv/geometry.js';
import { channelsInnermost, liftedProblem, type ConvProblem } from '../conv/problem.js';
import { endTypes, epilogue, epilogueBindings, outAlias } from '../conv/store.js';
import { tilesOfImages, winogradRefusal, type WinogradKernel } from './winograd.js';

export interface FusedWinogradConfig {
  readonly id: string;
  readonly problem: ConvProblem;
  /** Channels of a step. */
  readonly depth: 4 | 8;
  readonly maxGrid: number;
}

const THREADS = 256;
/** Tiles and output channels of a workgroup. */
const BLOCK = 32;
/** Products, and tiles whose lines an invocation transforms. */
const PLACES = 16;
const QUAD = 4;

/** Vectors of workgroup memory from product to product: two of them, side by side, then meet different banks. */
function pitches(depth: number): { readonly inputs: number; readonly weights: number } {
  return { inputs: spread(depth * (BLOCK / QUAD + 1)), weights: spread((depth * BLOCK) / 4) };
}

/** The next number of vectors that is 4 beyond a multiple of 8. */
function spread(vectors: number): number {
  return vectors + ((12 - (vectors % 8)) % 8);
}

/** Bytes of workgroup memory: of a step, and of the sums that are exchanged in its place. */
export function fusedWinogradBytes(depth: number): number {
  const { inputs, weights } = pitches(depth);
  return Math.max(PLACES * (inputs + weights), PLACES * 8 * (BLOCK / 4)) * 16;
}

/** The largest depth that fits a device; undefined if none does. */
export function fusedWinogradDepth(limits: GpuLimits): 4 | 8 | undefined {
  if (THREADS > limits.maxInvocations || THREADS > limits.maxWorkgroupSize[0]) return undefined;
  return ([8, 4] as const).find((depth) => fusedWinogradBytes(depth) <= limits.maxWorkgroupBytes);
}

/** Why the kernel does not apply, or undefined. */
export function fusedWinogradRefusal(problem: ConvProblem): string | undefined {
  if (problem.geometry.outChannels % 4 !== 0) return 'output channels do not fill vectors';
  return winogradRefusal(problem);
}

const LOAD = /* wgsl */ `
// Tiles in fours along W: the first output of the i-th four.
struct Quad { n: u32, h: u32, w: u32 }

// What an invocation reads of x in every step: two lines of ten, here by their first elements in the first channel.
struct Lines { a: u32, b: u32, row: u32, k: u32, mask: u32 }

fn lines_of(quad: u32, row: u32, k: u32) -> Lines {
  let q = quad_of(quad);
  let a = q.h - PAD_H + select(row, 1u, row == 3u);
  let b = q.h - PAD_H + select(2u, select(1u, 3u, row == 3u), row > 1u);
  let w = q.w - PAD_W;
  var mask = 0u;
  for (var j = 0u; j < 10u; j++) { mask |= select(0u, 1u << j, w + j < IN_W); }
  let real = quad < QUADS;
  let rows = select(0u, mask, real && a < IN_H) | select(0u, mask << 16u, real && b < IN_H);
  return Lines(x_index(q.n, k, 0u, a, w), x_index(q.n, k, 0u, b, w), row, k, rows);
}

// What is outside is zero; its place may be anywhere.
fn x_at(at: u32, inside: bool) -> f32 {
  return select(0.0, f32(x[select(0u, at, inside)]), inside);
}

struct Ten { v0: vec4<f32>, v4: vec4<f32>, v8: vec2<f32> }

fn ten_inside(at: u32) -> Ten {
  return Ten(
    vec4<f32>(f32(x[at]), f32(x[at + X_W]), f32(x[at + 2u * X_W]), f32(x[at + 3u * X_W])),
    vec4<f32>(f32(x[at + 4u * X_W]), f32(x[at + 5u * X_W]), f32(x[at + 6u * X_W]), f32(x[at + 7u * X_W])),
    vec2<f32>(f32(x[at + 8u * X_W]), f32(x[at + 9u * X_W])),
  );
}

fn ten_at(at: u32, mask: u32) -> Ten {
  if ((mask & 1023u) == 1023u) { return ten_inside(at); }
  return Ten(
    vec4<f32>(
      x_at(at, (mask & 1u) != 0u),
      x_at(at + X_W, (mask & 2u) != 0u),
      x_at(at + 2u * X_W, (mask & 4u) != 0u),
      x_at(at + 3u * X_W, (mask & 8u) != 0u),
    ),
    vec4<f32>(
      x_at(at + 4u * X_W, (mask & 16u) != 0u),
      x_at(at + 5u * X_W, (mask & 32u) != 0u),
      x_at(at + 6u * X_W, (mask & 64u) != 0u),
      x_at(at + 7u * X_W, (mask & 128u) != 0u),
    ),
    vec2<f32>(x_at(at + 8u * X_W, (mask & 256u) != 0u), x_at(at + 9u * X_W, (mask & 512u) != 0u)),
  );
}

struct Inputs { a: Ten, b: Ten }

fn inputs_at(lines: Lines, c: u32) -> Inputs {
  let mask = select(0u, lines.mask, lines.k + c < GROUP_CHANNELS);
  return Inputs(ten_at(lines.a + c * X_C, mask), ten_at(lines.b + c * X_C, mask >> 16u));
}

// A line of B^T d B for four tiles, each result a vector of tiles.
fn put_inputs(at: u32, row: u32, v: Inputs) {
  let sign = select(-1.0, 1.0, row == 1u);
  let low = v.a.v0 + sign * v.b.v0;
  let high = v.a.v4 + sign * v.b.v4;
  let last = v.a.v8 + sign * v.b.v8;
  let c0 = vec4<f32>(low.xz, high.xz);
  let c1 = vec4<f32>(low.yw, high.yw);
  let c2 = vec4<f32>(low.z, high.xz, last.x);
  let c3 = vec4<f32>(low.w, high.yw, last.y);
  memory[at] = c0 - c2;
  memory[at + INPUT_PITCH] = c1 + c2;
  memory[at + 2u * INPUT_PITCH] = c2 - c1;
  memory[at + 3u * INPUT_PITCH] = c1 - c3;
}

fn weights_at(at: u32, c: u32, inside: bool) -> vec4<f32> {
  return select(vec4<f32>(), u[select(0u, at + c * (OUT_CHANNELS / 4u), inside)], inside);
}
`;

/** Where a step's vectors come from and go to. */
const MAIN_BEGIN = /* wgsl */ `
var<workgroup> memory: array<vec4<f32>, MEMORY>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= TILE_BLOCKS * CHANNEL_BLOCKS) { return; }
  let quad_block = group / CHANNEL_BLOCKS * 8u;
  let channel_block = group % CHANNEL_BLOCKS * 32u;

  let loads_inputs = t < 32u * DEPTH;
  let quad = select(t % 8u, t / (4u * DEPTH), CHANNELS_FASTEST);
  let k = select(t / 8u % DEPTH, t % DEPTH, CHANNELS_FASTEST);
  let row = select(t / (8u * DEPTH), t / DEPTH % 4u, CHANNELS_FASTEST);
  let lines = lines_of(quad_block + quad, row, k);
  let input_to = 4u * row * INPUT_PITCH + k * 9u + quad;

  let four = t % 8u;
  let weight_k = t / 8u % DEPTH;
  let weight_place = t / (8u * DEPTH);
  let weight_from = ((weight_place * GROUP_CHANNELS + weight_k) * OUT_CHANNELS + channel_block) / 4u + four;
  let weight_to = WEIGHTS + weight_place * WEIGHT_PITCH + weight_k * 8u + four;
  let weight_inside = channel_block + 4u * four < OUT_CHANNELS;

  let place = t / 16u;
  let rows_from = ROWS + place * ROW_PITCH + t % 16u / 4u;
  let cols_from = COLS + place * COL_PITCH + t % 4u;
`;

/** Reads of a step's next vectors, and where they are put once the step before it is multiplied. */
function stepText(weightVectors: number): { readonly load: string; readonly put: string } {
  const each = (line: (i: number) => string): string =>
    Array.from({ length: weightVectors }, (_, i) => line(i)).join('');
  const places = PLACES / weightVectors;
  return {
    load: `      if (loads_inputs) { inputs = inputs_at(lines, c); }
      let inside = weight_inside && weight_k + c < GROUP_CHANNELS;
${each((i) => `      weights${i} = weights_at(weight_from + ${i * places}u * WEIGHT_PLANE, c, inside);\n`)}`,
    put: `      if (loads_inputs) { put_inputs(input_to, row, inputs); }
${each((i) => `      memory[weight_to + ${i * places}u * WEIGHT_PITCH] = weights${i};\n`)}`,
  };
}

/** All depths of a step, written out: a loop takes an eighth longer on an H200. */
function multiplyText(depth: number): string {
  const lines: string[] = [];
  for (let k = 0; k < depth; k++) {
    lines.push(
      `      {`,
      `        let a = memory[rows_from + ${k}u * ROW_STEP];`,
      `        let e = memory[rows_from + ${k}u * ROW_STEP + 4u];`,
      `        let b = memory[cols_from + ${k}u * COL_STEP];`,
      `        let d = memory[cols_from + ${k}u * COL_STEP + 4u];`,
    );
    for (const [i, value] of ['a.x', 'a.y', 'a.z', 'a.w', 'e.x', 'e.y', 'e.z', 'e.w'].entries()) {
      lines.push(`        s${i}0 += ${value} * b; s${i}1 += ${value} * d;`);
    }
    lines.push(`      }`);
  }
  return `${lines.join('\n')}\n`;
}

/** The sums of two rows of each invocation at a time, of all products, to those that transform them. */
function exchangeText(): string {
  const rounds = [0, 2, 4, 6].map(
    (first) => `  workgroupBarrier();
  memory[exchange_to] = s${first}0;
  memory[exchange_to + 4u] = s${first}1;
  memory[exchange_to + 8u] = s${first + 1}0;
  memory[exchange_to + 12u] = s${first + 1}1;
  workgroupBarrier();
  finish_tile(quad_block * 4u, channel_block, ${first / 4 >= 1 ? 16 : 0}u + ${first % 4}u, t);
`,
  );
  return `  let exchange_to = place * 64u + t % 16u / 4u * 16u + t % 4u;\n${rounds.join('')}`;
}

const FINISH = /* wgsl */ `
fn sum_at(place: u32, slot: u32, col: u32) -> f32 { return memory[place * 64u + slot * 8u + col / 4u][col % 4u]; }

struct Line { a: f32, b: f32 }

// A line of M A.
fn line_at(i: u32, slot: u32, col: u32) -> Line {
  let m1 = sum_at(4u * i + 1u, slot, col);
  let m2 = sum_at(4u * i + 2u, slot, col);
  return Line(sum_at(4u * i, slot, col) + m1 + m2, m1 - m2 - sum_at(4u * i + 3u, slot, col));
}

fn put(n: u32, c: u32, h: u32, w: u32, v: f32) {
  if (h < OUT_H && w < OUT_W) {
    y[y_index(n, c, 0u, h, w)] = Out(activation(v + bias_at(c) + residual_at(n, c, 0u, h, w)));
  }
}

// Of the exchanged rows, eight by 32 columns, each invocation takes one. @param row the first one's
fn finish_tile(first_tile: u32, first_channel: u32, row: u32, t: u32) {
  let slot = t / 32u;
  let col = t % 32u;
  let in_rows = row + slot / 2u * 4u + slot % 2u;
  let tile = first_tile + select(col, in_rows, ROWS_ARE_TILES);
  let c = first_channel + select(in_rows, col, ROWS_ARE_TILES);
  if (tile >= 4u * QUADS || c >= OUT_CHANNELS) { return; }
  let q = quad_of(tile / 4u);
  let w = q.w + tile % 4u * 2u;
  let l0 = line_at(0u, slot, col);
  let l1 = line_at(1u, slot, col);
  let l2 = line_at(2u, slot, col);
  let l3 = line_at(3u, slot, col);
  put(q.n, c, q.h, w, l0.a + l1.a + l2.a);
  put(q.n, c, q.h, w + 1u, l0.b + l1.b + l2.b);
  put(q.n, c, q.h + 1u, w, l1.a - l2.a - l3.a);
  put(q.n, c, q.h + 1u, w + 1u, l1.b - l2.b - l3.b);
}
`;

function declarations(vectors: readonly string[]): string {
  return vectors.map((name) => `  var ${name} = vec4<f32>();\n`).join('');
}

function mainText(depth: number): string {
  const weightVectors = (PLACES * depth * 8) / THREADS;
  const { load, put } = stepText(weightVectors);
  const sums = Array.from({ length: 16 }, (_, i) => `s${Math.floor(i / 2)}${i % 2}`);
  const weights = Array.from({ length: weightVectors }, (_, i) => `weights${i}`);
  return `${MAIN_BEGIN}
${declarations([...sums, ...weights])}  var inputs: Inputs;
  // One round more than there are steps: a round loads its step, multiplies the one before it, then hands its own over.
  for (var c = 0u; c < GROUP_CHANNELS + DEPTH; c += DEPTH) {
    if (c < GROUP_CHANNELS) {
${load}    }
    if (c > 0u) {
${multiplyText(depth)}    }
    workgroupBarrier();
    if (c < GROUP_CHANNELS) {
${put}    }
    workgroupBarrier();
  }
${exchangeText()}}
`;
}

/** Tiles of an image along H, and fours of them along W; fours in all. */
function quadsOf({ geometry: { batch, output } }: ConvProblem): {
  readonly high: number;
  readonly wide: number;
  readonly quads: number;
} {
  const [high, wide] = [Math.ceil(output[1] / 2), Math.ceil(output[2] / (2 * QUAD))];
  return { high, wide, quads: batch * high * wide };
}

/** The multiply-adds of 16 products per tile, where direct convolution has 36: see `winogradProduct`. */
export function fusedWinogradFlops(problem: ConvProblem): number {
  const { channels, outChannels } = problem.geometry;
  return 2 * PLACES * quadsOf(problem).quads * QUAD * channels * outChannels;
}

/** x and U -> y. */
export function fusedWinogradKernel({
  id,
  problem: given,
  depth,
  maxGrid,
}: FusedWinogradConfig): WinogradKernel {
  const problem = liftedProblem(given);
  const { geometry, x, y } = problem;
  const { outChannels } = geometry;
  const { high, wide, quads } = quadsOf(problem);
  const [tileBlocks, channelBlocks] = [Math.ceil((quads * QUAD) / BLOCK), Math.ceil(outChannels / BLOCK)];
  const { grid, gridX } = foldedGrid(tileBlocks * channelBlocks, maxGrid);
  const { inputs, weights } = pitches(depth);
  const rowsAreTiles = channelsInnermost(y);
  const inputSide = { BEGIN: 0, PITCH: inputs, STEP: BLOCK / QUAD + 1 };
  const weightSide = { BEGIN: PLACES * inputs, PITCH: weights, STEP: BLOCK / 4 };
  const [rows, cols] = rowsAreTiles ? [inputSide, weightSide] : [weightSide, inputSide];
  const list = [
    { name: 'x', access: 'read', element: x.type },
    { name: 'u', access: 'read', element: 'vec4<f32>' },
    ...epilogueBindings(problem, 'scalars'),
  ] as const;
  const types = [x.type, ...endTypes(problem)];
  const [, channelStride, , , columnStride] = viewStrides(x);
  const bytes = fusedWinogradBytes(depth);
  return {
    source: {
      id,
      wgsl: kernelText(
        types,
        [
          constants({
            GRID_X: gridX,
            DEPTH: depth,
            X_C: channelStride,
            X_W: columnStride,
            QUADS: quads,
            TILE_BLOCKS: tileBlocks,
            CHANNEL_BLOCKS: channelBlocks,
            CHANNELS_FASTEST: channelsInnermost(x),
            ROWS_ARE_TILES: rowsAreTiles,
            MEMORY: bytes / 16,
            INPUT_PITCH: inputs,
            WEIGHT_PITCH: weights,
            WEIGHT_PLANE: (geometry.channels * outChannels) / 4,
            WEIGHTS: weightSide.BEGIN,
            ROWS: rows.BEGIN,
            ROW_PITCH: rows.PITCH,
            ROW_STEP: rows.STEP,
            COLS: cols.BEGIN,
            COL_PITCH: cols.PITCH,
            COL_STEP: cols.STEP,
          }),
          geometryConstants(geometry),
          outAlias(problem, 'scalars'),
          bindings(list),
          index5('x', x),
          quadFunction(problem, high, wide),
          epilogue(problem, 'scalars'),
        ],
        LOAD + FINISH + mainText(depth),
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: [THREADS, 1, 1],
      grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes: bytes,
      flops: fusedWinogradFlops(problem),
      bytes: problem.bytes,
    },
    roles: list.map(({ name }) => name),
  };
}

/** `fn quad_of(i: u32) -> Quad`, in the order of the layouts' axes. */
function quadFunction(problem: ConvProblem, high: number, wide: number): string {
  const { batch } = problem.geometry;
  const place = tilesOfImages(problem)
    ? `Quad(i % ${batch}u, i / ${batch * wide}u * 2u, i / ${batch}u % ${wide}u * 8u)`
    : `Quad(i / ${high * wide}u, i / ${wide}u % ${high}u * 2u, i % ${wide}u * 8u)`;
  return `fn quad_of(i: u32) -> Quad { return ${place}; }\n`;
}
