/** Tables of layers, as plain text. */
import { quartiles } from './timing.js';
import { table } from './table.js';

/** Every entry of a layer: its time with quartiles, what share of a copy's bandwidth that is, its ratio to Lanewise's best. */
export function formatLayer(report) {
  const { kind, name, shape, dtype, entries } = report;
  const best = fastest(entries, 'Lanewise');
  const rows = entries
    .toSorted((a, b) => (a.median ?? Infinity) - (b.median ?? Infinity))
    .map((entry) => {
      const start = [entry.engine, entry.setting];
      if (entry.median === undefined) return [...start, `not timed: ${entry.error}`];
      return [
        ...start,
        ...timeOf(entry),
        shareOf(report, entry),
        rateOf(report, entry),
        ratio(entry, best),
        errorOf(entry),
      ];
    });
  const header = ['engine', 'setting', 'us', 'quartiles', 'of copy', 'TFLOP/s', '/ Lanewise', 'error'];
  return `\n${kind} ${name}, ${shape}, ${dtype}\n${table([header, ...rows])}`;
}

/** A line per layer: the fastest of each engine. */
export function formatLayers(reports) {
  const rows = reports.map((report) => {
    const [ours, peer] = ['Lanewise', 'PyTorch'].map((engine) => fastest(report.entries, engine));
    return [
      `${report.kind} ${report.name}`,
      report.dtype,
      ...(ours ? [...timeOf(ours), shareOf(report, ours)] : ['-', '-', '-']),
      ...(peer ? timeOf(peer) : ['-', '-']),
      ours && peer ? `${ratio(peer, ours)}x` : '-',
      `${ours?.setting ?? '-'} | ${peer?.setting ?? '-'}`,
    ];
  });
  const header = [
    'layer',
    'dtype',
    'Lanewise us',
    'quartiles',
    'of copy',
    'PyTorch us',
    'quartiles',
    'faster',
    'by',
  ];
  return `\n${table([header, ...rows])}`;
}

function fastest(entries, engine) {
  const timed = entries.filter((entry) => entry.engine === engine && entry.median !== undefined);
  return timed.reduce((best, entry) => (best && best.median <= entry.median ? best : entry), undefined);
}

function timeOf({ median, low, high }) {
  return [text(median), `${text(low)} to ${text(high)}`];
}

function shareOf({ bytes, copy }, { median }) {
  if (copy.length === 0) return '-';
  const rate = (bytes / median) * 1e6;
  return `${((100 * rate) / quartiles(copy).median).toFixed(1)} %`;
}

function rateOf({ flops }, { median }) {
  return flops > 0 ? (flops / median / 1e6).toFixed(1) : '-';
}

function ratio({ median }, other) {
  return other ? (median / other.median).toFixed(2) : '-';
}

function errorOf({ deviation }) {
  return deviation === undefined ? '-' : deviation.toExponential(1);
}

function text(microseconds) {
  return microseconds.toFixed(microseconds < 1000 ? 2 : 0);
}
