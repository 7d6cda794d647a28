/** Nodes whose output is their input go: Identity, Dropout at inference, and shape ops that change nothing. */
import { Cast } from '../../ops/cast.js';
import { Concat } from '../../ops/concat.js';
import { Expand } from '../../ops/expand.js';
import { Identity } from '../../ops/identity.js';
import { Pad } from '../../ops/pad.js';
import { Reshape } from '../../ops/reshape.js';
import { Slice } from '../../ops/slice.js';
import { Tile } from '../../ops/tile.js';
import { Transpose } from '../../ops/transpose.js';
import { formatType } from '../../tensor/index.js';
import { forEachNode } from './rewrite.js';
export const dropIdentity = {
    name: 'drop identity',
    apply: (graph) => forEachNode(graph, (node) => drop(graph, node)),
};
function drop(graph, node) {
    const [input] = node.inputs;
    const [output] = node.outputs;
    if (!input || formatType(input.type) !== formatType(output.type) || !isIdentity(node))
        return false;
    graph.replaceUses(output, input);
    graph.remove(node);
    return true;
}
/** Whether a node whose output has its first input's type and dims has its elements too. */
function isIdentity({ op, inputs }) {
    if (op instanceof Identity || op instanceof Reshape || op instanceof Cast)
        return true;
    if (op instanceof Expand || op instanceof Tile)
        return true;
    if (op instanceof Concat)
        return inputs.length === 1;
    if (op instanceof Transpose)
        return op.perm.every((from, to) => from === to);
    // The dims alone do not tell: a pad can crop one end and extend the other, a slice can run backwards.
    if (op instanceof Pad)
        return [...op.begins, ...op.ends].every((pad) => pad === 0);
    if (op instanceof Slice)
        return op.starts.every((start, axis) => start === 0 && op.steps[axis] === 1);
    return false;
}
//# sourceMappingURL=drop-identity.js.map