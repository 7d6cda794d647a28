/** Cases of convolutions through Fourier transforms: large windows, odd planes, tiles that overlap and tiles cut off. */
import { isCandidate, type Candidate } from '../../../src/candidates/candidate.js';
import type { LayoutPair } from '../../../src/candidates/conv-node.js';
import { fftCandidates } from '../../../src/candidates/fft.js';
import { Conv, type ConvOptions } from '../../../src/ops/conv.js';
import type { Activated } from '../../../src/ops/fused-activation.js';
import { relu } from '../../../src/ops/unary-functions.js';
import { layoutOf } from '../../../src/tensor/index.js';
import type { CaseInput, OpCase } from '../harness.js';

/** What src/kernels/fft/tiles.ts states, with room for other devices. f16: as for all convolutions, for spectra are f32. */
const TOLERANCE = { f32: 5e-7, f16: 2e-3 };

const KINDS = ['nchw', 'nhwc', 'chwn'] as const;

const PAIRS: readonly LayoutPair[] = KINDS.flatMap((from) =>
  KINDS.map((to) => ({
    x: layoutOf(from, 4),
    y: layoutOf(to, 4),
    tag: from === to ? from : `${from}_${to}`,
  })),
);

function f32(dims: readonly number[]): CaseInput {
  return { dtype: 'f32', dims };
}

/** @param which ids of the candidates to run; each also with the product's depth in two parts, where that is possible */
function fft(
  name: string,
  which: RegExp,
  x: readonly number[],
  w: readonly number[],
  options: Partial<ConvOptions> & Activated & { readonly bias?: boolean; readonly residual?: boolean },
): OpCase {
  const op = new Conv({ strides: [1, 1], ...options });
  const [y] = op.infer([f32(x), f32(w)]);
  const inputs = [
    f32(x),
    f32(w),
    options.bias ? f32([w[0]]) : undefined,
    options.residual ? f32(y.dims) : undefined,
  ];
  return {
    name: `fft conv ${name}`,
    op,
    inputs: inputs.slice(0, options.residual ? 4 : 3),
    tolerance: TOLERANCE,
    candidates: (types, context) =>
      fftCandidates({ name: 'conv', op, transposed: false, types, context }, PAIRS, context.storage, true)
        .filter(isCandidate)
        .filter(({ id }) => which.test(id))
        .flatMap((candidate) => [candidate, ...inParts(candidate)]),
  };
}

/** The candidate with its next number of parts, of which the last axis of its sizes tells. */
function inParts({ sizes }: Candidate): Candidate[] {
  if (!sizes) return [];
  const { grid, at } = sizes;
  const next = [...at.slice(0, -1), at[at.length - 1] + 1];
  return grid.refusal(next) === undefined ? [grid.at(next)] : [];
}

const shapes = [
  {
    name: '5x5 of 3 channels',
    which: /_fft_16x16_/,
    x: [3, 3, 11, 23],
    w: [5, 3, 5, 5],
    options: { padsBegin: [2, 2], padsEnd: [2, 2], bias: true, residual: true, activation: relu },
  },
  {
    name: '7x9, padded unevenly, five images',
    which: /_nchw_fft_32x32_/,
    x: [5, 9, 19, 21],
    w: [6, 9, 7, 9],
    options: { padsBegin: [0, 5], padsEnd: [4, 1], bias: true },
  },
  {
    name: '11x11 of one channel and image',
    which: /_nhwc_fft_32x32_/,
    x: [1, 1, 33, 30],
    w: [3, 1, 11, 11],
    options: { padsBegin: [5, 5], padsEnd: [5, 5] },
  },
] as const;

/**
 * Every edge once, and of the kernels of 32x32 tiles those of one layout each: software WebGPU compiles one for a second or
 * two.
 */
export const fftCases: readonly OpCase[] = shapes.map(({ name, which, x, w, options }) =>
  fft(name, which, x, w, options),
);

/** The same with every kernel. */
export const thoroughFftCases: readonly OpCase[] = shapes.map(({ name, x, w, options }) =>
  fft(`${name}, every kernel`, /_fft_\d/, x, w, options),
);
