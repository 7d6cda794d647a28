/** The per-layer table: what each step of a measured run did, moved and took. */
import type { StepProfile } from '../devices/device.js';
import { formatDims, sameDims, type DType } from '../tensor/index.js';
import { formatBytes, formatFlops, formatMilliseconds } from './format.js';
import { table, type Column } from './table.js';

/** One layer, in raw numbers. */
export interface LayerReport {
  /** The operator, with an activation that is fused into it: `Conv+Relu`. */
  readonly op: string;
  readonly node: string;
  /** Type of the first output. */
  readonly output: { readonly dtype: DType; readonly dims: readonly number[] };
  /** Memory layout of the first output. */
  readonly layout: string;
  readonly kernel: string;
  /** Ideal bytes: each input read once, each output written once. */
  readonly bytes: number;
  readonly flops: number;
  readonly milliseconds: number;
}

/**
 * One report per step, with the median time over several runs of one graph. Runs of another graph than the
 * last one's (inputs of other shapes) are left out.
 */
export function layerReports(runs: readonly (readonly StepProfile[])[]): LayerReport[] {
  const last = runs.at(-1) ?? [];
  const alike = runs.filter(
    (steps) => steps.length === last.length && steps.every((step, i) => sameStep(step, last[i])),
  );
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

function sameStep(a: StepProfile, b: StepProfile): boolean {
  return a.name === b.name && a.kernel === b.kernel && sameDims(a.output.dims, b.output.dims);
}

const COLUMNS: readonly Column[] = [
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
export function layerTable(layers: readonly LayerReport[]): string[] {
  const sum = (pick: (layer: LayerReport) => number): number =>
    layers.reduce((total, layer) => total + pick(layer), 0);
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
export function layerLegend(runs: number): string {
  const time = runs > 1 ? `median of ${runs} runs` : 'one run';
  return `bytes: each input read once, each output written once; ms: ${time}`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
