/** The text of `lanewise info`. */
import { formatDims } from '../tensor/index.js';
import { formatBytes, formatCount, formatFlops } from './format.js';
import { keyValues } from './table.js';
/** Lines about a model. */
export function infoLines(info) {
    return keyValues([
        ['name', info.name],
        ['producer', info.producer || 'not named'],
        ['opset', String(info.opset)],
        ...ports('input', info.inputs),
        ...ports('output', info.outputs),
        ['operators', operatorsText(info)],
        ...graphEntries(info),
        ['unsupported', info.unsupported.length === 0 ? 'nothing found' : info.unsupported.join(', ')],
        ...(info.problem === null ? [] : [['problem', info.problem]]),
    ]);
}
function ports(kind, list) {
    const texts = list.map(({ name, dtype, dims }) => `${name}: ${dtype} ${dims ? formatDims(dims) : 'of any shape'}`);
    const title = list.length === 1 ? kind : `${kind}s`;
    return texts.length === 0 ? [[title, 'none']] : texts.map((text, i) => [i === 0 ? title : '', text]);
}
function operatorsText({ operators, fileNodes }) {
    const kinds = Object.entries(operators).map(([name, count]) => `${name}\u00A0${count}`);
    return kinds.length === 0 ? 'none' : `${kinds.join(', ')} (${formatCount(fileNodes)}\u00A0in\u00A0all)`;
}
function graphEntries({ graph, fileNodes, assumed, missingDims }) {
    if (missingDims.length > 0) {
        return [['shapes', `open: to see FLOP and memory, give --dims ${missingDims.join(' --dims ')}`]];
    }
    if (!graph)
        return [];
    const shapes = Object.entries(graph.shapes).map(([name, dims]) => `${name} ${formatDims(dims)}`);
    const note = assumed.length === 0 ? '' : ` (assumed ${assumed.join(', ')}: see --dims)`;
    return [
        ['shapes', `${shapes.join(', ') || 'no inputs'}${note}`],
        ['parameters', formatCount(graph.parameters)],
        ['weights', formatBytes(graph.weightBytes)],
        ['FLOP', formatFlops(graph.flops)],
        ['activations', `${formatBytes(graph.peakActivationBytes)} at the peak`],
        ['nodes', `${formatCount(fileNodes)} in the file, ${formatCount(graph.nodes)} after rewriting`],
    ];
}
//# sourceMappingURL=info.js.map