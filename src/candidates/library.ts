/**
 * Candidates that are calls of NVIDIA's libraries, where a CUDA device found them: cuDNN for convolutions, cuBLASLt for
 * matrix products and pointwise convolutions. A library has several algorithms for a problem and an order of its own:
 * the first few are candidates, the others are places on a grid.
 */
import type { LibraryCall } from '../devices/gpu.js';
import { channelsInnermost, type ConvProblem } from '../kernels/conv/problem.js';
import { libraryConvKernel, libraryConvRefusal, libraryWeightLayout } from '../kernels/library/conv.js';
import { libraryType, type LibraryNumbers } from '../kernels/library/frame.js';
import {
  libraryGemmKernel,
  libraryGemmRefusal,
  libraryPointwiseKernel,
  libraryPointwiseRefusal,
} from '../kernels/library/gemm.js';

import type { Candidate, CandidateContext, CandidateViews, Refusal } from './candidate.js';
import { convProblem, convShell, convStep, convViews, type ConvNode, type LayoutPair } from './conv-node.js';
import type { GemmWay } from './gemm-node.js';
import { SizeGrid } from './grid.js';

/** Algorithms that can be tried. cuDNN has more at times; beyond its first ones they are hardly ever the fastest. */
const ALGORITHMS = 8;

/** Algorithms that are candidates from the start: the order of the libraries is an estimate too. */
const FIRST = 3;

type Library = LibraryCall['library'];
const TITLES: Readonly<Record<Library, string>> = { cudnn: 'cuDNN', cublaslt: 'cuBLASLt' };

interface LibraryWay {
  readonly library: Library;
  readonly context: CandidateContext;
  /** Ids are `PREFIX_aALGORITHM_TYPE`. */
  readonly prefix: string;
  readonly type: string;
  /** Why the library is not asked. */
  readonly refused: string | undefined;
  candidate(id: string, algorithm: number, numbers: LibraryNumbers): Candidate;
}

/** Candidates for two places in a node's list: only the first ones of those in the same layouts are measured ahead. */
export interface Placed {
  /** What a library thinks best, or why it is not asked: before the kernels of one's own. */
  readonly first: readonly (Candidate | Refusal)[];
  /** Other algorithms: behind them. */
  readonly later: readonly Candidate[];
}

const NONE: Placed = { first: [], later: [] };

/** The first algorithms, each of which knows all; one refusal where the library is missing; nothing on other devices. */
function libraryCandidates(way: LibraryWay): Placed {
  const { library, context, prefix, type } = way;
  const isFound = context.features.has(library);
  if (!isFound && !context.features.has('cuda')) return NONE;
  const refused = isFound ? way.refused : `${TITLES[library]} was not found`;
  const tag = tagOf(type, context);
  if (refused !== undefined) return { first: [{ id: `${prefix}_${tag}`, refused }], later: [] };
  const numbers = numbersOf(context);
  const grid = new SizeGrid<Candidate>({
    axes: [{ name: 'algorithm', sizes: Array.from({ length: ALGORITHMS }, (_, i) => i) }],
    refusal: () => undefined,
    candidate: ([algorithm]) => way.candidate(`${prefix}_a${algorithm}_${tag}`, algorithm, numbers),
    sizesOf: (id) => {
      const found = id.startsWith(`${prefix}_a`) && /^_a(\d+)_(\w+)$/.exec(id.slice(prefix.length));
      return found && found[2] === tag ? [Number(found[1])] : undefined;
    },
  });
  const [first, ...later] = Array.from({ length: FIRST }, (_, algorithm) => grid.of([algorithm]));
  return { first: [first], later };
}

/** What ids call the arithmetic: `tf32` where the factors of f32 may be rounded, `bf16` where that is stored as f16. */
function tagOf(type: string, context: CandidateContext): string {
  return libraryType(type, numbersOf(context)) ?? type;
}

function numbersOf({ tf32 = false, half }: CandidateContext): LibraryNumbers {
  return { tf32, half };
}

/** Convolutions in NCHW and NHWC; nothing for other layouts, and where the output has another than the input. */
export function libraryConvCandidates(node: ConvNode, pair: LayoutPair, type: string): Placed {
  const { order, block } = pair.x;
  const channelsLast = order.at(-1) === 1;
  const isPlain = order.every((axis, place) => axis === place);
  const isSame = order.every((axis, place) => axis === pair.y.order[place]);
  if (node.transposed || block || pair.y.block || !isSame || !(isPlain || channelsLast)) return NONE;
  const dense = convProblem(node, convViews(node, pair));
  const product = channelsInnermost(dense.x) ? pointwiseCandidates(node, pair, type, dense) : NONE;
  const conv = cudnnCandidates(node, pair, type, dense);
  return { first: [...product.first, ...conv.first], later: [...product.later, ...conv.later] };
}

function cudnnCandidates(node: ConvNode, pair: LayoutPair, type: string, dense: ConvProblem): Placed {
  const { context } = node;
  const { order } = pair.x;
  const weights = libraryWeightLayout(order.length, order.at(-1) === 1);
  return libraryCandidates({
    library: 'cudnn',
    context,
    // Another class of kernels to the model of costs: few sums each, for which cuDNN is no fast library.
    prefix: `${node.name}_${pair.tag}_${dense.geometry.group > 1 ? 'cudnn-grouped' : 'cudnn'}`,
    type,
    refused: libraryConvRefusal(dense, numbersOf(context)),
    candidate: (id, algorithm, numbers) => {
      const shell = convShell(node, id, pair);
      return {
        ...shell,
        inputs: shell.inputs.map((layout, i) => (i === 1 ? weights : layout)),
        partialOutput: false,
        build: (given) => {
          const problem = convProblem(node, given);
          return [convStep(libraryConvKernel({ id, problem, algorithm, ...numbers }))];
        },
      };
    },
  });
}

function pointwiseCandidates(node: ConvNode, pair: LayoutPair, type: string, dense: ConvProblem): Placed {
  const { context } = node;
  return libraryCandidates({
    library: 'cublaslt',
    context,
    prefix: `${node.name}_${pair.tag}_pointwise-cublaslt`,
    type,
    refused: libraryPointwiseRefusal(dense, numbersOf(context)),
    candidate: (id, algorithm, numbers) => ({
      ...convShell(node, id, pair),
      partialOutput: false,
      build: (given) => {
        const problem = convProblem(node, given);
        return [convStep(libraryPointwiseKernel({ id, problem, algorithm, ...numbers }))];
      },
    }),
  });
}

/** Matrix products. */
export function libraryGemmCandidates(way: GemmWay): Placed {
  const { context, type, dense, problem, shell, step } = way;
  return libraryCandidates({
    library: 'cublaslt',
    context,
    prefix: `${way.prefix}_cublaslt`,
    type,
    refused: libraryGemmRefusal(dense, numbersOf(context)),
    candidate: (id, algorithm, numbers) => ({
      ...shell(id),
      // Of a batch, parts of a larger tensor may lie at several distances.
      partialOutput: shell(id).outputs[0].order.length === 2,
      build: (views: CandidateViews) => [
        step(libraryGemmKernel({ id, problem: problem(views), algorithm, ...numbers })),
      ],
    }),
  });
}
