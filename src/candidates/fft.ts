/**
 * Candidates of convolutions through Fourier transforms (kernels/fft): for every pair of layouts without blocks, the tile
 * size with the fewest points first.
 */
import {
  fftInputKernel,
  fftWeightsKernel,
  type FftConfig,
  type FftKernel,
  type FftRole,
} from '../kernels/fft/forward.js';
import { fftOutputKernel } from '../kernels/fft/inverse.js';
import type { FftSize } from '../kernels/fft/line.js';
import { fftProduct, fftProductKernel, fftProductSizes } from '../kernels/fft/product.js';
import type { ConvProblem } from '../kernels/conv/problem.js';
import { fftRefusal, fftTiling, spectrumBytes, tiledPoints, type FftTiling } from '../kernels/fft/tiles.js';
import { gemmReduceKernel } from '../kernels/gemm/gemm.js';
import type { GemmProblem, GemmRole } from '../kernels/gemm/problem.js';
import type { TileChoice } from '../kernels/gemm/choice.js';
import { isCandidate, type Candidate, type KernelStep, type Operand, type Refusal } from './candidate.js';
import {
  CONV_OPERANDS,
  convProblem,
  convShell,
  convViews,
  type ConvNode,
  type LayoutPair,
} from './conv-node.js';
import { tileCandidates } from './tiles.js';

const SIZES: readonly FftSize[] = [16, 32];

/**
 * Floating-point operations that a convolution makes in the time that a byte takes, and that two launches take, at the
 * least: an H200 makes 10 and 100 million. Where fewer are saved, there is nothing to be measured.
 */
const FLOPS_PER_BYTE = 5;
const FLOPS_OF_LAUNCHES = 5e7;

/** Where all bindings point. */
const OPERANDS: Readonly<Record<FftRole, Operand>> = {
  ...CONV_OPERANDS,
  x_spectra: { kind: 'workspace', index: 0 },
  w_spectra: { kind: 'workspace', index: 1 },
  y_spectra: { kind: 'workspace', index: 2 },
  partial: { kind: 'workspace', index: 3 },
};

/** What the reduction of a product in parts binds. */
const REDUCED: Readonly<Partial<Record<GemmRole, FftRole>>> = { partial: 'partial', y: 'y_spectra' };

/**
 * Both tile sizes where the layout stays, the better one where it changes; what is refused is told of the former.
 * @param type as ids have it
 * @param always whether to leave out the question if it is worth while: tests of small shapes
 */
export function fftCandidates(
  node: ConvNode,
  pairs: readonly LayoutPair[],
  type: string,
  always = false,
): (Candidate | Refusal)[] {
  return pairs.flatMap((pair) => {
    const stays = pair.x.name === pair.y.name;
    const found = pairCandidates(node, pair, type, stays ? SIZES.length : 1, always);
    return stays ? found : found.filter(isCandidate);
  });
}

/** @param most tile sizes */
function pairCandidates(
  node: ConvNode,
  pair: LayoutPair,
  type: string,
  most: number,
  always: boolean,
): (Candidate | Refusal)[] {
  const { limits } = node.context;
  const dense = convProblem(node, convViews(node, pair));
  const tried = SIZES.map((size) => {
    const refused = fftRefusal(dense, size, limits);
    if (refused !== undefined) return { refused };
    const tiling = fftTiling(dense, size);
    return always || isWorthWhile(dense, tiling)
      ? { tiling }
      : { refused: 'the transforms take longer than what they save' };
  });
  const tilings = tried.flatMap(({ tiling }) => (tiling ? [tiling] : []));
  if (tilings.length === 0) {
    const refused = tried.map((one) => one.refused).at(-1) ?? '';
    return [{ id: `${node.name}_${pair.tag}_fft_${type}`, refused }];
  }
  return tilings
    .sort((a, b) => tiledPoints(a) - tiledPoints(b))
    .slice(0, most)
    .flatMap((tiling) => {
      const product = fftProduct(tiling);
      return tileCandidates({
        prefix: `${node.name}_${pair.tag}_fft_${tiling.size}x${tiling.size}`,
        type,
        product: fftProductSizes(product),
        context: node.context,
        most: 1,
        candidate: (id, choice, partial) => ({
          ...convShell(node, id, pair),
          workspace: [
            spectrumBytes(tiling, 'x_spectra'),
            spectrumBytes(tiling, 'w_spectra'),
            spectrumBytes(tiling, 'y_spectra'),
            ...partial,
          ],
          prepared: [OPERANDS.w_spectra.index],
          build: (given) => {
            const config = { id, problem: convProblem(node, given), tiling, limits };
            return launches(config, product, choice);
          },
        }),
      });
    });
}

/** Whether what is saved could outweigh the spectra, each written and read once, and the launches. */
function isWorthWhile(problem: ConvProblem, tiling: FftTiling): boolean {
  const moved =
    2 * (spectrumBytes(tiling, 'x_spectra') + spectrumBytes(tiling, 'y_spectra')) +
    spectrumBytes(tiling, 'w_spectra');
  const saved = problem.flops - fftProduct(tiling).flops;
  return saved > FLOPS_PER_BYTE * moved + FLOPS_OF_LAUNCHES;
}

function launches(config: FftConfig, problem: GemmProblem, { tile, parts }: TileChoice): KernelStep[] {
  const { id, limits } = config;
  const product = { id, problem, tile, parts, maxGrid: limits.maxGrid };
  const reduce = parts > 1 ? [gemmReduceKernel(product)] : [];
  return [
    step(fftWeightsKernel(config)),
    step(fftInputKernel(config)),
    step(fftProductKernel(product)),
    ...reduce.map(({ source, roles }) => step({ source, roles: roles.map(reducedRole) })),
    step(fftOutputKernel(config)),
  ];
}

function step({ source, roles }: FftKernel): KernelStep {
  return { source, operands: roles.map((role) => OPERANDS[role]) };
}

function reducedRole(role: GemmRole): FftRole {
  const bound = REDUCED[role];
  if (!bound) throw new TypeError(`the parts of a product over frequencies are not added to ${role}`);
  return bound;
}
