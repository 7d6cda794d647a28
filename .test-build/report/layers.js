import { formatDims, sameDims } from '../tensor/index.js';
import { formatBytes, formatFlops, formatMilliseconds } from './format.js';
import { table } from './table.js';
/**
 * One report per step, with the median time over several runs of one graph. Runs of another graph than the
 * last one's (inputs of other shapes) are left out.
 */
export function layerReports(runs) {
    const last = runs.at(-1) ?? [];
    const alike = runs.filter((steps) => steps.length === last.length && steps.every((step, i) => sameStep(step, last[i])));
    return last.map(({ op, name, output, layout, kernel, bytes, flops }, i) => ({
        op,
        node: name,
        output: { dtype: output.dtype, dims: output.dims },
        layout,
        kernel,
        bytes,
        flops,
        milliseconds: median(alike.map((steps) => steps[i].milliseconds)),
    }));
}
function sameStep(a, b) {
    return a.name === b.name && a.kernel === b.kernel && sameDims(a.output.dims, b.output.dims);
}
const COLUMNS = [
    { title: 'op' },
    { title: 'node', flexible: true },
    { title: 'output' },
    { title: 'layout' },
    { title: 'bytes', align: 'right' },
    { title: 'FLOP', align: 'right' },
    { title: 'ms', align: 'right' },
    { title: 'kernel' },
];
/** The table with totals. */
export function layerTable(layers) {
    const sum = (pick) => layers.reduce((total, layer) => total + pick(layer), 0);
    const rows = layers.map(({ op, node, output, layout, kernel, bytes, flops, milliseconds }) => [
        op,
        node,
        output.dtype === 'f32' ? formatDims(output.dims) : `${output.dtype} ${formatDims(output.dims)}`,
        layout,
        formatBytes(bytes),
        formatFlops(flops),
        formatMilliseconds(milliseconds),
        kernel,
    ]);
    const total = [
        'total',
        '',
        '',
        '',
        formatBytes(sum(({ bytes }) => bytes)),
        formatFlops(sum(({ flops }) => flops)),
        formatMilliseconds(sum(({ milliseconds }) => milliseconds)),
    ];
    return table(COLUMNS, rows, { footer: [total] });
}
/** What the table's columns mean, in one line. */
export function layerLegend(runs) {
    const time = runs > 1 ? `median of ${runs} runs` : 'one run';
    return `bytes: each input read once, each output written once; ms: ${time}`;
}
function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
//# sourceMappingURL=layers.js.map