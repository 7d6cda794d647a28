/** Candidates of pointwise convolutions with few input or output channels (kernels/conv/slim.ts). */
import { isPointwise } from '../kernels/conv/geometry.js';
import { slimConvRefusal, slimKernel, slimShape } from '../kernels/conv/slim.js';
import { SLIM_SIZES, slimRefusal, slimSizes, slimTag, type SlimSizes } from '../kernels/conv/slim-sizes.js';
import type { Candidate, Refusal } from './candidate.js';
import { convProblem, convShell, convStep, convViews, type ConvNode, type LayoutPair } from './conv-node.js';
import { SizeGrid, type SizeAxis } from './grid.js';

const AXES: readonly SizeAxis[] = [
  { name: 'vectors', sizes: SLIM_SIZES.vectors },
  { name: 'channels', sizes: SLIM_SIZES.channels },
  { name: 'depth', sizes: SLIM_SIZES.depth },
  { name: 'blocks', sizes: SLIM_SIZES.blocks },
  { name: 'threads', sizes: SLIM_SIZES.threads },
];

/** FLOP per ideal byte up to which a GPU waits for memory rather than for sums, about: 48 TFLOP/s over 4.2 TB/s on an H200. */
const BALANCE = 12;

/** The candidate of a pointwise convolution, before the tiled products or behind them; none of another convolution. */
export function slimCandidates(
  node: ConvNode,
  pair: LayoutPair,
  type: string,
): { readonly first: (Candidate | Refusal)[]; readonly later: (Candidate | Refusal)[] } {
  const dense = convProblem(node, convViews(node, pair));
  if (node.transposed || !isPointwise(dense.geometry)) return { first: [], later: [] };
  const found = [slimCandidate(node, pair, type)];
  return dense.flops <= BALANCE * dense.bytes ? { first: found, later: [] } : { first: [], later: found };
}

/** The kernel in its default sizes, which knows the others. */
export function slimCandidate(node: ConvNode, pair: LayoutPair, type: string): Candidate | Refusal {
  const { limits } = node.context;
  const prefix = `${node.name}_${pair.tag}_pointwise-slim`;
  const dense = convProblem(node, convViews(node, pair));
  const refused = slimConvRefusal(dense);
  if (refused !== undefined) return { id: `${prefix}_${type}`, refused };
  const shape = slimShape(dense);
  const start = slimSizes(shape, limits);
  if (!start) return { id: `${prefix}_${type}`, refused: 'no sizes fit the device' };
  const grid = new SizeGrid<Candidate>({
    axes: AXES,
    refusal: (sizes) => slimRefusal(shape, named(sizes), limits),
    candidate: (sizes) => {
      const id = `${prefix}_${slimTag(named(sizes))}_${type}`;
      return {
        ...convShell(node, id, pair),
        build: (given) => [
          convStep(
            slimKernel({
              id,
              problem: convProblem(node, given),
              sizes: named(sizes),
              maxGrid: limits.maxGrid,
            }),
          ),
        ],
      };
    },
    sizesOf: (id) => {
      const found = /_pointwise-slim_(\d+)x(\d+)_t(\d+)k(\d+)b(\d+)_/.exec(id);
      if (!found || !id.startsWith(prefix)) return undefined;
      const [positions, channels, threads, depth, blocks] = found.slice(1).map(Number);
      return [positions / 4, channels, depth, blocks, threads];
    },
  });
  return grid.of([start.vectors, start.channels, start.depth, start.blocks, start.threads]);
}

function named([vectors, channels, depth, blocks, threads]: readonly number[]): SlimSizes {
  return { vectors, channels, depth, blocks, threads };
}
