/** The steps of a plan with their costs and reasons, as tables. */
import type { DocumentStep } from '../plan/document.js';
import type { Explanation, Why } from '../plan/explain.js';
import type { Bound } from '../tune/profile/model.js';
import { formatBytes, formatFlops, formatMicroseconds, formatShare } from './format.js';
import { LINE_WIDTH, table, wrap, type Column, type Row } from './table.js';

const COLUMNS: readonly Column[] = [
  { title: '#', align: 'right' },
  { title: 'op', flexible: true },
  { title: 'name', flexible: true },
  { title: 'layout' },
  { title: 'kernel', flexible: true },
  { title: 'ideal', align: 'right' },
  { title: 'moved', align: 'right' },
  { title: 'FLOP', align: 'right' },
  { title: 'expected', align: 'right' },
  { title: 'measured', align: 'right' },
  { title: 'of the roof' },
];
const KERNEL = 4;
const MEASURED = 9;

const WHY_COLUMNS: readonly Column[] = [
  { title: 'why', flexible: true },
  { title: 'second best', flexible: true },
  { title: 'network', align: 'right' },
];
/** In front of the reasons, where they have a table of their own; the kernel, where it is not in the first one. */
const STEP_COLUMNS: readonly Column[] = [
  { title: '#', align: 'right' },
  { title: 'name', flexible: true },
  { title: 'kernel', flexible: true },
];

/** From this width on, reasons stand beside the steps; below it in a table of their own. */
const WIDE = 190;
/** Below this width, kernels stand there too. */
export const NARROW = 120;

/** One row per step, then the totals; and the reasons, in the same table where there is room. */
export function stepLines(explanation: Explanation, width: number): string[] {
  const { plan, why, measured } = explanation;
  const isNarrow = width < NARROW;
  const isWide = width >= WIDE;
  const left = new Set([...(measured ? [] : [MEASURED]), ...(isNarrow ? [KERNEL] : [])]);
  const shown = <T>(cells: readonly T[]): T[] => cells.filter((_, i) => !left.has(i));
  const rows = plan.steps.map((step, i) => shown(stepRow(step, i, measured?.[i])));
  const reasons = plan.steps.map((step, i) => reasonRow(step, why[i]));
  const columns = isWide ? [...shown(COLUMNS), ...WHY_COLUMNS] : shown(COLUMNS);
  const steps = table(columns, isWide ? rows.map((row, i) => [...row, ...reasons[i]]) : rows, {
    footer: [shown(totalRow(explanation))],
    width,
  });
  const legend = wrap(legendOf(explanation), Math.min(width, LINE_WIDTH));
  if (isWide) return [...steps, ...legend];
  // Transforms have no reasons.
  const whyRows = plan.steps.flatMap(({ name, node, kernel }, i): Row[] =>
    node === null && !isNarrow ? [] : [[String(i + 1), name, ...(isNarrow ? [kernel] : []), ...reasons[i]]],
  );
  if (whyRows.length === 0) return [...steps, ...legend];
  const whyColumns = [...STEP_COLUMNS.slice(0, isNarrow ? 3 : 2), ...WHY_COLUMNS];
  return [...steps, ...legend, '', ...table(whyColumns, whyRows, { width })];
}

function legendOf({ plan, measured }: Explanation): string {
  const origins = new Set(plan.steps.map(({ cost }) => cost?.origin));
  return [
    'Times are microseconds',
    ...(origins.has('modelled') ? ['~ is by the model, else the kernel was measured'] : []),
    ...(measured ? ['measured: each step alone in this network, the median of several rounds'] : []),
    'ideal: bytes with each input read once and each output written once',
    'moved: all that is bound once, padding and scratch memory included',
    "of the roof: the least time that the device allows, as a part of the step's, and what sets it",
  ]
    .join('; ')
    .concat('.');
}

const BOUNDS: Readonly<Record<Bound, string>> = {
  memory: 'memory',
  arithmetic: 'arithmetic',
  launch: 'launch',
};

function stepRow(step: DocumentStep, index: number, measured: number | undefined): string[] {
  const { op, name, kernel, inputLayouts, outputLayout, bytes, movedBytes, flops, cost, node, launches } =
    step;
  const time = measured ?? cost?.median ?? 0;
  return [
    String(index + 1),
    node === null ? `→ ${op}` : op,
    name,
    layoutsText(inputLayouts, outputLayout),
    launches.length === 0 ? `${kernel} (nothing to launch)` : kernel,
    formatBytes(bytes),
    formatBytes(movedBytes),
    formatFlops(flops),
    cost ? `${cost.origin === 'modelled' ? '~' : ''}${formatMicroseconds(cost.median)}` : '',
    measured === undefined ? '' : formatMicroseconds(measured),
    cost && time > 0 ? `${formatShare(cost.floor / time)} ${BOUNDS[cost.bound]}` : '',
  ];
}

function totalRow({ totals, measured }: Explanation): string[] {
  const { bytes, movedBytes, flops, time, floor, measuredShare } = totals;
  const sum = measured?.reduce((total, nanoseconds) => total + nanoseconds, 0);
  const taken = sum ?? time;
  return [
    '',
    'total',
    '',
    '',
    '',
    formatBytes(bytes),
    formatBytes(movedBytes),
    formatFlops(flops),
    `${measuredShare < 1 ? '~' : ''}${formatMicroseconds(time)}`,
    sum === undefined ? '' : formatMicroseconds(sum),
    taken > 0 ? formatShare(floor / taken) : '',
  ];
}

/** Why a step is as it is: the policy's rule, the runner-up, and what it would have cost the network. */
function reasonRow({ outputLayout, inputLayouts }: DocumentStep, why: Why | null): string[] {
  if (!why) return ['', '', ''];
  const { rule, runnerUp, possible } = why;
  const only = possible === 1 ? 'only way' : 'only way allowed';
  if (!runnerUp) return [[rule, rule === SAVED ? null : only].filter(Boolean).join('; '), '', ''];
  const layouts = layoutsText(runnerUp.inputLayouts, runnerUp.outputLayout);
  const other = layouts === layoutsText(inputLayouts, outputLayout) ? '' : ` (${layouts})`;
  return [rule ?? 'cheapest', `${runnerUp.kernel}${other}`, extraText(runnerUp.extra)];
}

const SAVED = 'saved plan';

function layoutsText(inputs: readonly string[], output: string): string {
  const from = inputs.find((layout) => layout !== '') ?? output;
  return from === output ? output : `${from} → ${output}`;
}

/** `+12.3`, in microseconds. */
function extraText(nanoseconds: number): string {
  if (Math.abs(nanoseconds) < 5) return '+0';
  return `${nanoseconds < 0 ? '-' : '+'}${formatMicroseconds(Math.abs(nanoseconds))}`;
}
