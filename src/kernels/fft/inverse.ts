/**
 * From the output's spectra back to points (tiles.ts): a workgroup brings some pairs of series into workgroup memory, as
 * one complex series each whose other half follows from symmetry, transforms rows, then columns, and stores the points
 * that are outputs, with bias, residual and activation.
 *
 * Access: invocations that run together load neighbouring pairs of one frequency; they store neighbouring columns of one
 * row (NCHW), or one point of neighbouring pairs (NHWC, CHWN).
 */
import { index5 } from '../conv/geometry.js';
import { liftedProblem } from '../conv/problem.js';
import { biasAndActivation, endTypes, epilogueBindings, outAlias } from '../conv/store.js';
import { viewStrides, type TensorView } from '../view.js';
import { bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import type { FftConfig, FftKernel } from './forward.js';
import { fftFunction, heldLines, storedLine } from './line.js';
import {
  heldBytes,
  HELD,
  PAIR,
  pairsFastest,
  pairsOf,
  tileConstants,
  tileCount,
  transformConstants,
} from './tiles.js';

const TAKE_CHANNELS = /* wgsl */ `
fn take(f: u32, q: u32) -> vec4<f32> { return y_spectra[f * COUNT + q]; }
`;

const TAKE_IMAGES = /* wgsl */ `
fn take(f: u32, q: u32) -> vec4<f32> {
  let at = f * 2u * COUNT + q + q / ACROSS * ACROSS;
  let re = y_spectra[at];
  let im = y_spectra[at + ACROSS];
  return vec4<f32>(re.x, im.x, re.y, im.y);
}
`;

const MAIN = /* wgsl */ `
// A column of one series: where its point of row 0 lies in y and in the residual, and which row that is.
struct Place { y: u32, residual: u32, bias: f32, h: u32 }

fn place_at(n: u32, c: u32, h: u32, w: u32, there: bool) -> Place {
  let row = select(OUT_H, h, there && n < BATCH && c < OUT_CHANNELS);
  return Place(y_index(n, c, 0u, h, w), residual_index(n, c, 0u, h, w), bias_at(c), row);
}

fn store_point(place: Place, i: u32, v: f32) {
  if (place.h + i >= OUT_H) { return; }
  let added = place.bias + residual_at(place.residual + i * RESIDUAL_ROW);
  y[place.y + i * Y_ROW] = Out(activation(v + added));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }

  for (var i = t; i < FREQUENCIES * PAIRS; i += THREADS) {
    let q = group * PAIRS + i % PAIRS;
    var v = vec4<f32>();
    if (q < COUNT) { v = take(i / PAIRS, q); }
    let first = i % PAIRS * PITCH;
    let f = frequency(i / PAIRS);
    // a + i b, and conj(a) + i conj(b) at the mirrored frequency. Real and imaginary parts change places here and at the
    // end: that makes the transform its inverse.
    held[first + place_of(f)] = vec2<f32>(v.y + v.z, v.x - v.w);
    held[first + place_of(mirrored(f))] = vec2<f32>(v.z - v.y, v.x + v.w);
  }
  workgroupBarrier();

  let pair = select(t / SIZE, t % PAIRS, PAIRS_FASTEST);
  let line = select(t % SIZE, t / PAIRS, PAIRS_FASTEST);
  let row = pair * PITCH + line * ROW;
  write_line(row, 1u, fft(read_line(row, 1u)));
  workgroupBarrier();
  let points = fft(read_line(pair * PITCH + line, ROW));

  let q = group * PAIRS + pair;
  let p = pair_of(q);
  let h = p.tile / TILES_W * STEP_H;
  let w = p.tile % TILES_W * STEP_W + line;
  let there = q < COUNT && line < STEP_W && w < OUT_W;
  store_line(place_at(p.n, p.c, h, w, there), place_at(p.next_n, p.next_c, h, w, there), points);
}
`;

/** The last launch of a convolution: y from its spectra. */
export function fftOutputKernel({ id, problem: given, tiling, limits }: FftConfig): FftKernel {
  const problem = liftedProblem(given);
  const { geometry, y, residual } = problem;
  const { size } = tiling;
  const series = tiling.to;
  const pairs = pairsOf(size, limits);
  const across = (series === 'images' ? tileCount(tiling) : tiling.outChannels) / 2;
  const count = (tileCount(tiling) * tiling.outChannels) / 2;
  const { grid, gridX } = foldedGrid(Math.ceil(count / pairs), limits.maxGrid);
  const list = [
    { name: 'y_spectra', access: 'read', element: series === 'images' ? 'vec2<f32>' : 'vec4<f32>' },
    ...epilogueBindings(problem, 'scalars'),
  ] as const;
  const types = endTypes(problem);
  return {
    source: {
      id: `${id}_output`,
      wgsl: kernelText(
        types,
        [
          transformConstants({ size, pairs, across, count, gridX, pairsFastest: pairsFastest(y) }),
          constants({
            BATCH: geometry.batch,
            OUT_CHANNELS: geometry.outChannels,
            OUT_H: geometry.output[1],
            OUT_W: geometry.output[2],
            Y_ROW: viewStrides(y)[3],
            RESIDUAL_ROW: residual ? viewStrides(residual)[3] : 0,
          }),
          tileConstants(tiling, series),
          outAlias(problem, 'scalars'),
          bindings(list),
          index5('y', y),
          addedText(residual),
          biasAndActivation(problem),
          fftFunction(size),
          heldLines(size),
          storedLine(tiling.step[0]),
        ],
        HELD + PAIR + (series === 'images' ? TAKE_IMAGES : TAKE_CHANNELS) + MAIN,
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: [size * pairs, 1, 1],
      grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes: heldBytes(size, pairs),
      // Bound by memory, whose traffic is what it binds.
      flops: 0,
      bytes: 0,
    },
    roles: list.map(({ name }) => name),
  };
}

/** `residual_index` of a point, and `residual_at` that place. */
function addedText(residual: TensorView | undefined): string {
  const read = 'fn residual_at(place: u32) -> f32';
  if (residual) return `${index5('residual', residual)}${read} { return f32(residual[place]); }\n`;
  const parameters = ['n', 'c', 'd', 'h', 'w'].map((name) => `${name}: u32`).join(', ');
  return `fn residual_index(${parameters}) -> u32 { return 0u; }\n${read} { return 0.0; }\n`;
}
