/** What the candidates of ops that move elements share. */
import { isAlias, moveKernel, naiveKernel, type Movement } from '../kernels/transform/index.js';
import type { TensorView } from '../kernels/view.js';
import { layoutTag } from '../kernels/wgsl.js';
import {
  LAYOUT_KINDS,
  layoutOf,
  rowMajor,
  samePlacement,
  sizeOf,
  type Dims,
  type Layout,
} from '../tensor/index.js';
import {
  gpuTypeOf,
  type Candidate,
  type CandidateContext,
  type CandidateViews,
  type KernelStep,
  type NodeTypes,
} from './candidate.js';

/** The layouts of tensors of these dims that differ from one another in memory: one per kind, at most. */
export function layoutsOf(dims: Dims): Layout[] {
  const layouts: Layout[] = [];
  for (const kind of LAYOUT_KINDS) {
    const layout = layoutOf(kind, dims.length);
    if (!layouts.some((other) => samePlacement(other, layout, dims))) layouts.push(layout);
  }
  return layouts;
}

/** Pairs of the same kind for two tensors, one pair per kind of either. */
export function sameKinds(xDims: Dims, yDims: Dims): (readonly [x: Layout, y: Layout])[] {
  const pairs = LAYOUT_KINDS.map(
    (kind) => [layoutOf(kind, xDims.length), layoutOf(kind, yDims.length)] as const,
  );
  const same = (i: number, k: number): boolean =>
    samePlacement(pairs[i][0], pairs[k][0], xDims) && samePlacement(pairs[i][1], pairs[k][1], yDims);
  return pairs.filter((_, i) => !pairs.slice(0, i).some((_pair, k) => same(i, k)));
}

/** A view in a layout, in the type that its tensor is stored in. */
export function viewIn(
  { dtype, dims }: NodeTypes['outputs'][number],
  layout: Layout,
  context: CandidateContext,
): TensorView {
  return { dims, layout, type: gpuTypeOf(dtype, context.storage) };
}

/** The view of an input that must be there. */
export function inputAt({ inputs }: CandidateViews, index: number): TensorView {
  const view = inputs[index];
  if (!view) throw new TypeError(`input ${index} is missing`);
  return view;
}

/** A launch that reads some inputs and writes one output. */
export function launch(source: KernelStep['source'], inputs: readonly number[], output = 0): KernelStep {
  return {
    source,
    operands: [
      ...inputs.map((index) => ({ kind: 'input' as const, index })),
      { kind: 'output' as const, index: output },
    ],
  };
}

export interface MoveOp {
  /** The op's name in lower case. */
  readonly op: string;
  /** What goes where; undefined for the same row-major sequence under other dims. */
  readonly movement: Movement | undefined;
  /** Layouts of input and output that are offered, best first. */
  readonly pairs: readonly (readonly [x: Layout, y: Layout])[];
  /** Pairs offered only where nothing need be moved. */
  readonly aliases?: readonly (readonly [x: Layout, y: Layout])[];
}

/**
 * Candidates of an op that is one movement of its input 0: none but another name for its memory where the layouts
 * allow it, else one launch. The last is the baseline, element by element.
 */
export function moveCandidates(
  { op, movement, pairs, aliases = [] }: MoveOp,
  { inputs: [input], outputs: [output] }: NodeTypes,
  context: CandidateContext,
): Candidate[] {
  if (!input) throw new TypeError(`${op} has an input`);
  const free = ([from, to]: readonly [Layout, Layout]): boolean =>
    movement !== undefined && isAlias(movement, viewIn(input, from, context), viewIn(output, to, context));
  const name = ([from, to]: readonly [Layout, Layout], variant: string): string =>
    [op, ...new Set([layoutTag(from), layoutTag(to)]), variant].join('_');
  const candidates = pairs.map((pair): Candidate =>
    free(pair)
      ? aliasCandidate(name(pair, 'alias'), pair)
      : {
          id: name(pair, 'move'),
          inputs: [pair[0]],
          outputs: [pair[1]],
          workspace: [],
          partialOutput: true,
          build: (views) => {
            const [x, y] = [inputAt(views, 0), views.outputs[0]];
            if (sizeOf(y.dims) === 0) return [];
            return [launch(moveKernel({ op, movement, x, y, limits: context.limits }), [0])];
          },
        },
  );
  for (const pair of aliases) {
    const id = name(pair, 'alias');
    // It may be one of the pairs.
    if (free(pair) && !candidates.some((other) => other.id === id)) candidates.push(aliasCandidate(id, pair));
  }
  const [from, to] = [rowMajor(input.dims.length), rowMajor(output.dims.length)];
  candidates.push({
    id: name([from, to], 'naive'),
    inputs: [from],
    outputs: [to],
    workspace: [],
    baseline: true,
    partialOutput: true,
    build: (views) => {
      const [x, y] = [inputAt(views, 0), views.outputs[0]];
      if (sizeOf(y.dims) === 0) return [];
      const id = name([from, to], 'elements');
      return [launch(naiveKernel({ id, movement, x, y, maxGrid: context.limits.maxGrid }), [0])];
    },
  });
  return candidates;
}

function aliasCandidate(id: string, [from, to]: readonly [Layout, Layout]): Candidate {
  return { id, inputs: [from], outputs: [to], workspace: [], alias: 0, build: () => [] };
}
