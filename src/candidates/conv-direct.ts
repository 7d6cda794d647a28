/** Candidates of the staged direct convolution (kernels/stem/stem.ts), for few input channels. */
import { liftedProblem } from '../kernels/conv/problem.js';
import { stemKernel, stemKind, stemRefusal } from '../kernels/stem/stem.js';
import {
  STEM_SIZES,
  stemChunks,
  stemSizes,
  stemSizesRefusal,
  sizesTag,
  stemTile,
  type StemSizes,
} from '../kernels/stem/choice.js';
import type { Candidate, Refusal } from './candidate.js';
import { convProblem, convShell, convStep, convViews, type ConvNode, type LayoutPair } from './conv-node.js';
import { SizeGrid } from './grid.js';

/** The kernel in its default sizes, which knows the others. */
export function stemCandidate(node: ConvNode, pair: LayoutPair, type: string): Candidate | Refusal {
  const { limits } = node.context;
  const prefix = `${node.name}_${pair.tag}_stem`;
  const dense = convProblem(node, convViews(node, pair));
  const refused = stemRefusal(dense);
  if (refused !== undefined) return { id: `${prefix}_${type}`, refused };
  const lifted = liftedProblem(dense);
  const { geometry } = lifted;
  const kind = stemKind(lifted);
  const start = stemSizes(geometry, kind, limits);
  if (!start) return { id: `${prefix}_${type}`, refused: 'no tile fits the device' };
  const tileOf = (sizes: readonly number[]) => stemTile(geometry, kind, limits, named(sizes));
  const grid = new SizeGrid<Candidate>({
    axes: [
      { name: 'positions', sizes: STEM_SIZES.positions },
      { name: 'channels', sizes: STEM_SIZES.channels },
      { name: 'threads', sizes: STEM_SIZES.threads },
      { name: 'rows of taps', sizes: stemChunks(geometry, kind) },
      { name: 'tiles', sizes: STEM_SIZES.tiles },
      { name: 'pairs', sizes: STEM_SIZES.pair },
    ],
    refusal: (sizes) => stemSizesRefusal(geometry, kind, limits, named(sizes)),
    candidate: (sizes) => {
      const id = `${prefix}_${sizesTag(named(sizes))}_${type}`;
      const tile = tileOf(sizes);
      if (!tile) throw new RangeError(`${id} does not fit the device`);
      return {
        ...convShell(node, id, pair),
        build: (given) => [convStep(stemKernel({ id, problem: convProblem(node, given), tile, limits }))],
      };
    },
    sizesOf: (id) => {
      const found = /_stem_(\d+)x(\d+)_t(\d+)k(\d+)s(\d+)p(\d+)_/.exec(id);
      return found && id.startsWith(prefix) ? found.slice(1).map(Number) : undefined;
    },
  });
  return grid.of([start.positions, start.channels, start.threads, start.chunk, start.tiles, start.pair]);
}

function named([positions, channels, threads, chunk, tiles, pair]: readonly number[]): StemSizes {
  return { positions, channels, threads, chunk, tiles, pair };
}
