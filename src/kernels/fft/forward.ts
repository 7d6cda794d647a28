/**
 * Fourier transforms of a convolution's input tiles and of its weights (tiles.ts). A workgroup transforms some pairs of
 * series, an invocation per line: columns from memory through registers into workgroup memory, then rows; then the two
 * spectra of every pair are told apart by their symmetry and stored.
 *
 * Access: invocations that run together load neighbouring columns of one row (NCHW), or one point of neighbouring pairs
 * (NHWC, CHWN and weights), each with a whole column under way; they store neighbouring pairs of one frequency.
 */
import type { GpuLimits, GpuType, WgslKernel } from '../../devices/gpu.js';
import { index5, liftedView } from '../conv/geometry.js';
import type { ConvProblem, ConvRole } from '../conv/problem.js';
import { viewStrides } from '../view.js';
import { bindings, constants, floatLiteral, foldedGrid, kernelText } from '../wgsl.js';
import { fftFunction, heldLines, loadedLine, type FftSize } from './line.js';
import {
  heldBytes,
  HELD,
  PAIR,
  pairsFastest,
  pairsOf,
  tileConstants,
  tileCount,
  transformConstants,
  type FftTiling,
  type Spectrum,
} from './tiles.js';

export interface FftConfig {
  readonly id: string;
  readonly problem: ConvProblem;
  readonly tiling: FftTiling;
  readonly limits: GpuLimits;
}

/** What a binding of these kernels stands for. */
export type FftRole = ConvRole | Spectrum;

/** A kernel, and what each of its bindings stands for. */
export interface FftKernel {
  readonly source: WgslKernel;
  readonly roles: readonly FftRole[];
}

const SOURCE = /* wgsl */ `
// A column of two series: where their points of row 0 lie, and which row that is; BEYOND if there is no such column.
// u32 arithmetic wraps: what lies before 0 is beyond every extent.
struct Source { a: u32, b: u32, both: bool, h: u32 }

const BEYOND = 0x80000000u;
`;

const TILE_SOURCE = /* wgsl */ `
fn source_of(q: u32, column: u32) -> Source {
  let p = pair_of(q);
  let h = p.tile / TILES_W * STEP_H - PAD_H;
  let w = p.tile % TILES_W * STEP_W - PAD_W + column;
  let there = q < COUNT && p.n < BATCH && p.c < CHANNELS && w < IN_W;
  let a = x_index(p.n, p.c, 0u, h, w);
  let b = x_index(p.next_n, p.next_c, 0u, h, w);
  let both = p.next_n < BATCH && p.next_c < CHANNELS;
  return Source(a, select(a, b, both), both, select(BEYOND, h, there));
}

fn sample(source: Source, i: u32) -> vec2<f32> {
  if (source.h + i >= IN_H) { return vec2<f32>(); }
  let b = f32(x[source.b + i * X_ROW]);
  return vec2<f32>(f32(x[source.a + i * X_ROW]), select(0.0, b, source.both));
}
`;

const WEIGHT_SOURCE = /* wgsl */ `
fn source_of(q: u32, column: u32) -> Source {
  let m = q % ACROSS * 2u;
  let c = q / ACROSS;
  let there = q < COUNT && c < CHANNELS && column < KERNEL_W;
  let both = m + 1u < OUT_CHANNELS;
  let a = w_index(m, c, 0u, 0u, column);
  return Source(a, select(a, w_index(m + 1u, c, 0u, 0u, column), both), both, select(BEYOND, 0u, there));
}

fn sample(source: Source, i: u32) -> vec2<f32> {
  if (source.h == BEYOND) { return vec2<f32>(); }
  let b = f32(w[source.b + i * W_ROW]);
  return vec2<f32>(f32(w[source.a + i * W_ROW]), select(0.0, b, source.both));
}
`;

const PUT_CHANNELS = /* wgsl */ `
fn put(f: u32, q: u32, a: vec2<f32>, b: vec2<f32>) { x_spectra[f * COUNT + q] = vec4<f32>(a, b); }
`;

const PUT_IMAGES = /* wgsl */ `
fn put(f: u32, q: u32, a: vec2<f32>, b: vec2<f32>) {
  let at = f * 2u * COUNT + q + q / ACROSS * ACROSS;
  x_spectra[at] = vec2<f32>(a.x, b.x);
  x_spectra[at + ACROSS] = vec2<f32>(a.y, b.y);
}
`;

const PUT_WEIGHTS = /* wgsl */ `
// A correlation multiplies by the conjugate.
fn put(f: u32, q: u32, a: vec2<f32>, b: vec2<f32>) {
  w_spectra[f * COUNT + q] = SCALE * vec4<f32>(a.x, -a.y, b.x, -b.y);
}
`;

const MAIN = /* wgsl */ `
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  let pair = select(t / SIZE, t % PAIRS, PAIRS_FASTEST);
  let line = select(t % SIZE, t / PAIRS, PAIRS_FASTEST);

  let columns = fft(load_line(source_of(group * PAIRS + pair, line)));
  write_line(pair * PITCH + line, ROW, columns);
  workgroupBarrier();
  let row = pair * PITCH + line * ROW;
  write_line(row, 1u, fft(read_line(row, 1u)));
  workgroupBarrier();

  for (var i = t; i < FREQUENCIES * PAIRS; i += THREADS) {
    let first = i % PAIRS * PITCH;
    let f = frequency(i / PAIRS);
    let z = held[first + place_of(f)];
    let m = held[first + place_of(mirrored(f))];
    let q = group * PAIRS + i % PAIRS;
    if (q < COUNT) {
      // z is a + i b; the spectra a and b of real series have mirrored values that are conjugates.
      put(i / PAIRS, q, 0.5 * vec2<f32>(z.x + m.x, z.y - m.y), 0.5 * vec2<f32>(z.y + m.y, m.x - z.x));
    }
  }
}
`;

/** The input's transform. */
export function fftInputKernel({ id, problem, tiling, limits }: FftConfig): FftKernel {
  const { geometry } = problem;
  const x = liftedView(problem.x);
  const series = tiling.from;
  const across = (series === 'images' ? tileCount(tiling) : tiling.channels) / 2;
  return forwardKernel({
    id: `${id}_input`,
    size: tiling.size,
    limits,
    role: 'x',
    type: x.type,
    spectrum: 'x_spectra',
    element: series === 'images' ? 'vec2<f32>' : 'vec4<f32>',
    across,
    count: (tileCount(tiling) * tiling.channels) / 2,
    pairsFastest: pairsFastest(x),
    declarations: [
      constants({
        BATCH: geometry.batch,
        CHANNELS: geometry.channels,
        IN_H: geometry.input[1],
        IN_W: geometry.input[2],
        PAD_H: geometry.padsBegin[1],
        PAD_W: geometry.padsBegin[2],
        X_ROW: viewStrides(x)[3],
      }),
      tileConstants(tiling, series),
      index5('x', x),
      loadedLine(tiling.size, tiling.size),
    ],
    text: PAIR + SOURCE + TILE_SOURCE + (series === 'images' ? PUT_IMAGES : PUT_CHANNELS),
  });
}

/** The weights' transform, divided by the number of points, which a transform and its inverse multiply by. */
export function fftWeightsKernel({ id, problem, tiling, limits }: FftConfig): FftKernel {
  const { geometry } = problem;
  const w = liftedView(problem.w);
  const { size } = tiling;
  return forwardKernel({
    id: `${id}_weights`,
    size,
    limits,
    role: 'w',
    type: w.type,
    spectrum: 'w_spectra',
    element: 'vec4<f32>',
    across: tiling.outChannels / 2,
    count: (tiling.channels * tiling.outChannels) / 2,
    pairsFastest: true,
    declarations: [
      constants({
        CHANNELS: geometry.channels,
        OUT_CHANNELS: geometry.outChannels,
        KERNEL_W: geometry.kernel[2],
        W_ROW: viewStrides(w)[3],
      }),
      `const SCALE = ${floatLiteral(1 / size ** 2)};\n`,
      index5('w', w),
      loadedLine(size, geometry.kernel[1]),
    ],
    text: SOURCE + WEIGHT_SOURCE + PUT_WEIGHTS,
  });
}

interface ForwardConfig {
  readonly id: string;
  readonly size: FftSize;
  readonly limits: GpuLimits;
  readonly role: 'x' | 'w';
  readonly type: GpuType;
  readonly spectrum: Spectrum;
  readonly element: string;
  /** Pairs along the series, and all of them. */
  readonly across: number;
  readonly count: number;
  readonly pairsFastest: boolean;
  readonly declarations: readonly string[];
  readonly text: string;
}

function forwardKernel(config: ForwardConfig): FftKernel {
  const { size, limits, role, type, spectrum, count } = config;
  const pairs = pairsOf(size, limits);
  const { grid, gridX } = foldedGrid(Math.ceil(count / pairs), limits.maxGrid);
  const list = [
    { name: role, access: 'read', element: type },
    { name: spectrum, access: 'read_write', element: config.element },
  ] as const;
  return {
    source: {
      id: config.id,
      wgsl: kernelText(
        [type],
        [
          transformConstants({ ...config, pairs, gridX }),
          bindings(list),
          fftFunction(size),
          heldLines(size),
          ...config.declarations,
        ],
        HELD + config.text + MAIN,
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: [size * pairs, 1, 1],
      grid,
      features: type === 'f16' ? ['f16'] : [],
      workgroupBytes: heldBytes(size, pairs),
      // Bound by memory, whose traffic is what it binds.
      flops: 0,
      bytes: 0,
    },
    roles: [role, spectrum],
  };
}
