/** Candidates of the ops that only change how memory is read: Transpose, Reshape, Identity. */
import { identityMovement, isAlias, reshapeMovement, transposeMovement } from '../kernels/transform/index.js';
import { Identity } from '../ops/identity.js';
import { Reshape } from '../ops/reshape.js';
import { Transpose } from '../ops/transpose.js';
import { permutedLayout, type Dims, type Layout } from '../tensor/index.js';
import { entry, type CandidateEntry, type CandidateProvider } from './candidate.js';
import { layoutsOf, moveCandidates, sameKinds, viewIn } from './moves.js';

/** All pairs of layouts of two tensors. */
function allPairs(xDims: Dims, yDims: Dims): (readonly [x: Layout, y: Layout])[] {
  return layoutsOf(xDims).flatMap((x) => layoutsOf(yDims).map((y) => [x, y] as const));
}

/**
 * A transpose leaves every unblocked layout of x as it is in memory, under a layout of y that has the axes in the
 * permuted order. Where that is one of the kinds, it is named so.
 */
const transpose: CandidateProvider<Transpose> = ({ perm }, types, context) => {
  const [x] = types.inputs;
  const [y] = types.outputs;
  if (!x) throw new TypeError('a transpose has one input');
  const movement = transposeMovement(x.dims, perm);
  const kinds = allPairs(x.dims, y.dims);
  const isFree = ([from, to]: readonly [Layout, Layout]): boolean =>
    isAlias(movement, viewIn(x, from, context), viewIn(y, to, context));
  const named = kinds.filter(isFree);
  const others = layoutsOf(x.dims).flatMap((from): (readonly [Layout, Layout])[] => {
    if (from.block || named.some(([layout]) => layout === from)) return [];
    const order = from.order.map((axis) => perm.indexOf(axis));
    return [[from, permutedLayout(`order${order.join('')}`, order)]];
  });
  return moveCandidates(
    { op: 'transpose', movement, pairs: sameKinds(x.dims, y.dims), aliases: [...named, ...others] },
    types,
    context,
  );
};

const reshape: CandidateProvider<Reshape> = (_op, types, context) => {
  const [x] = types.inputs;
  const [y] = types.outputs;
  if (!x) throw new TypeError('a reshape has one input');
  const pairs = sameKinds(x.dims, y.dims);
  const isPair = ([from, to]: readonly [Layout, Layout]): boolean =>
    pairs.some(([a, b]) => a.name === from.name && b.name === to.name);
  const aliases = allPairs(x.dims, y.dims).filter((pair) => !isPair(pair));
  const movement = reshapeMovement(x.dims, y.dims);
  return moveCandidates({ op: 'reshape', movement, pairs, aliases }, types, context);
};

const identity: CandidateProvider<Identity> = (_op, types, context) => {
  const [y] = types.outputs;
  const movement = identityMovement(y.dims);
  return moveCandidates({ op: 'identity', movement, pairs: sameKinds(y.dims, y.dims) }, types, context);
};

export const transform: readonly CandidateEntry[] = [
  entry(Transpose, transpose),
  entry(Reshape, reshape),
  entry(Identity, identity),
];
