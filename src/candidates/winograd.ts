/**
 * Candidates of 3x3 convolutions at stride 1 by Winograd's minimal filtering: F(4x4, 3x3), then F(2x2, 3x3), from and to
 * NHWC, NCHW and CHWN. Both are candidates by default: see the accuracy in kernels/winograd/winograd.ts.
 */
import {
  ofImages,
  winogradBytes,
  winogradProduct,
  winogradRefusal,
  winogradSizes,
  type WinogradKernel,
  type WinogradRole,
} from '../kernels/winograd/winograd.js';
import {
  winogradInputKernel,
  winogradOutputKernel,
  winogradWeightsKernel,
} from '../kernels/winograd/transforms.js';
import {
  fusedWinogradDepth,
  fusedWinogradFlops,
  fusedWinogradKernel,
  fusedWinogradRefusal,
} from '../kernels/winograd/fused.js';
import type { TileSize } from '../kernels/winograd/lines.js';
import type { ConvProblem } from '../kernels/conv/problem.js';
import { gemmKernel, gemmReduceKernel } from '../kernels/gemm/gemm.js';
import type { GemmKernel } from '../kernels/gemm/problem.js';
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

/** Outputs of a tile along an axis, best first. */
const SIZES: readonly TileSize[] = [4, 2];

/**
 * Floating-point operations that a GPU does while it moves a byte: 11 on an H200 in f32, 10 to 30 on others. A transform
 * that saves fewer per byte that it moves saves nothing.
 */
const FLOPS_PER_BYTE = 10;

/**
 * Bytes of V and M together. Larger tensors are transformed some images at a time, which takes three more launches each
 * and no longer otherwise.
 */
const WORKSPACE_BYTES = 2 ** 29;

/** How many times fewer multiply-adds are worth the transforms that every step of the fused kernel makes. */
const FUSED_GAIN = 1.4;

const WEIGHTS: Operand = { kind: 'workspace', index: 0 };

const OPERANDS: Readonly<Record<WinogradRole, Operand>> = {
  x: CONV_OPERANDS.x,
  w: CONV_OPERANDS.w,
  bias: CONV_OPERANDS.bias,
  residual: CONV_OPERANDS.residual,
  y: CONV_OPERANDS.y,
  u: WEIGHTS,
  v: { kind: 'workspace', index: 1 },
  m: { kind: 'workspace', index: 2 },
};

export interface WinogradOptions {
  /** Whether to leave out the question if it is worth while: for tests of small shapes. */
  readonly always?: boolean;
  /** Instead of `WORKSPACE_BYTES`. */
  readonly workspaceBytes?: number;
  /** Whether only the first that applies is wanted. */
  readonly one?: boolean;
}

/**
 * Winograd's ways to run a convolution in a pair of layouts.
 * @param type what ids call the element type
 */
export function winogradCandidates(
  node: ConvNode,
  pair: LayoutPair,
  type: string,
  options: WinogradOptions = {},
): (Candidate | Refusal)[] {
  const problem = convProblem(node, convViews(node, pair));
  const prefix = `${node.name}_${pair.tag}_winograd`;
  const refused = winogradRefusal(problem);
  if (refused) return [{ id: `${prefix}_${type}`, refused }];
  const all = [
    ...SIZES.flatMap((size) => sizeCandidates(node, pair, size, `${prefix}_f${size}x${size}`, type, options)),
    fusedCandidate(node, pair, `${prefix}_fused_f2x2`, type, options),
  ];
  const first = options.one ? all.find(isCandidate) : undefined;
  return first ? [first] : all;
}

/** @param prefix of their ids */
function sizeCandidates(
  node: ConvNode,
  pair: LayoutPair,
  size: TileSize,
  prefix: string,
  type: string,
  { always = false, workspaceBytes = WORKSPACE_BYTES }: WinogradOptions,
): (Candidate | Refusal)[] {
  const { context } = node;
  const { maxGrid, maxBindingBytes } = context.limits;
  const problem = convProblem(node, convViews(node, pair));
  const batch = imagesAtOnce(problem, size, Math.min(workspaceBytes, maxBindingBytes));
  const refused =
    batch === 0
      ? 'the transformed tensors of one image are larger than a binding'
      : always || isWorthWhile(problem, size)
        ? undefined
        : 'the transforms take longer than what they save';
  if (refused) return [{ id: `${prefix}_${type}`, refused }];
  const atOnce = ofImages(problem, 0, batch);
  const bytes = winogradBytes(atOnce, size);
  const { places, pitch, channels, outChannels } = winogradSizes(atOnce, size);
  return tileCandidates({
    prefix,
    type,
    product: { rows: pitch, cols: outChannels, depth: channels, batches: places },
    context,
    most: 1,
    candidate: (id, { tile, parts }, partial) => ({
      ...convShell(node, id, pair),
      workspace: [bytes.u, bytes.v, bytes.m, ...partial],
      prepared: [WEIGHTS.index],
      build: (given) => {
        const whole = convProblem(node, given);
        return [
          step(winogradWeightsKernel({ id, problem: whole, size, maxGrid })),
          ...firstImages(whole, batch).flatMap((first) => {
            const count = Math.min(batch, whole.geometry.batch - first);
            const config = { id, problem: ofImages(whole, first, count), size, maxGrid };
            const product = { ...config, problem: winogradProduct(config.problem, size), tile, parts };
            return [
              step(winogradInputKernel(config)),
              productStep(gemmKernel(product)),
              ...(parts > 1 ? [productStep(gemmReduceKernel(product))] : []),
              step(winogradOutputKernel(config)),
            ];
          }),
        ];
      },
    }),
  });
}

/** The most images whose transformed tensors fit into so many bytes, in parts as equal as can be; 0 if not one does. */
function imagesAtOnce(problem: ConvProblem, size: TileSize, bytes: number): number {
  const { batch } = problem.geometry;
  const fits = (count: number): boolean => {
    const { u, v, m } = winogradBytes(ofImages(problem, 0, count), size);
    return Math.max(u, v + m) <= bytes;
  };
  for (let parts = 1; parts <= batch; parts++) {
    // Vectors of images stay whole.
    const count = Math.ceil(batch / parts);
    const even = batch % 4 === 0 ? Math.ceil(count / 4) * 4 : count;
    if (fits(even)) return even;
    if (fits(count)) return count;
  }
  return 0;
}

function firstImages({ geometry: { batch } }: ConvProblem, count: number): number[] {
  return Array.from({ length: Math.ceil(batch / count) }, (_, i) => i * count);
}

/** Everything but the weights in one launch, with F(2x2, 3x3). */
function fusedCandidate(
  node: ConvNode,
  pair: LayoutPair,
  prefix: string,
  type: string,
  { always = false }: WinogradOptions,
): Candidate | Refusal {
  const { limits } = node.context;
  const { maxGrid } = limits;
  const dense = convProblem(node, convViews(node, pair));
  const depth = fusedWinogradDepth(limits);
  const refused = fusedWinogradRefusal(dense);
  if (refused) return { id: `${prefix}_${type}`, refused };
  if (!depth)
    return { id: `${prefix}_${type}`, refused: "a block takes more than the device's workgroups have" };
  const id = `${prefix}_t32x32x${depth}_${type}`;
  const config = { id, size: 2, depth, maxGrid } as const;
  if (!always && FUSED_GAIN * fusedWinogradFlops(dense) > dense.flops) {
    return { id, refused: 'half-empty tiles take more multiply-adds than are saved' };
  }
  return {
    ...convShell(node, id, pair),
    workspace: [winogradBytes(dense, 2).u],
    prepared: [WEIGHTS.index],
    build: (given) => {
      const problem = convProblem(node, given);
      return [
        step(winogradWeightsKernel({ ...config, problem })),
        step(fusedWinogradKernel({ ...config, problem })),
      ];
    },
  };
}

/** Of M = V U, to which nothing is added. */
const PRODUCT_OPERANDS: Readonly<Record<string, Operand>> = {
  a: OPERANDS.v,
  b: OPERANDS.u,
  y: OPERANDS.m,
  partial: { kind: 'workspace', index: 3 },
};

function productStep({ source, roles }: GemmKernel): KernelStep {
  return { source, operands: roles.map((role) => PRODUCT_OPERANDS[role]) };
}

function step({ source, roles }: WinogradKernel): KernelStep {
  return { source, operands: roles.map((role) => OPERANDS[role]) };
}

/**
 * Whether the multiply-adds that are saved would take longer than moving V and M, each written and read once, and weights
 * that are larger: with 28 input and output channels or more for F(4x4) and 64 for F(2x2), fewer where the tiles divide
 * the planes badly, and never for a few images of small planes.
 */
function isWorthWhile(problem: ConvProblem, size: TileSize): boolean {
  const { u, v, m } = winogradBytes(problem, size);
  const { channels, outChannels } = winogradSizes(problem, size);
  const saved = problem.flops - winogradProduct(problem, size).flops;
  const moved = 2 * (v + m) + u - 4 * 9 * channels * outChannels;
  return saved > FLOPS_PER_BYTE * moved;
}
