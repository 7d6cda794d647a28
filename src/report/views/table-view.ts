/** The steps as a table with totals; columns sort by their values, not their texts. */
import { cleanText, formatBytes, formatFlops, formatMicroseconds, formatShare } from '../format.js';
import { figuresOf, layoutsText, type StepFigures, type ViewData } from './data.js';
import { el, type Markup } from './markup.js';
import type { DocumentStep } from '../../plan/document.js';

interface Row {
  readonly step: DocumentStep;
  readonly index: number;
  readonly figures: StepFigures;
  /** What the second best would cost the network more, nanoseconds. */
  readonly extra: number | undefined;
}

type Cell = number | string | undefined;

interface TableColumn {
  readonly key: string;
  readonly title: string;
  readonly isNumber: boolean;
  /** What rows are sorted by, and what a spreadsheet gets. */
  readonly value: (row: Row) => Cell;
  /** What is shown; the value when left out. */
  readonly text?: (row: Row) => string;
  /** Of the column's sum; no total when left out. */
  readonly total?: (rows: readonly Row[]) => string;
}

const sum = (rows: readonly Row[], pick: (row: Row) => number): number =>
  rows.reduce((total, row) => total + pick(row), 0);

/** Columns of text. */
function text(key: string, title: string, value: (row: Row) => string): TableColumn {
  return { key, title, isNumber: false, value };
}

const COLUMNS: readonly TableColumn[] = [
  { key: 'step', title: '#', isNumber: true, value: ({ index }) => index + 1 },
  text('op', 'op', ({ step }) => (step.node === null ? `→ ${step.op}` : step.op)),
  text('name', 'name', ({ step }) => cleanText(step.name)),
  text('layout', 'layout', ({ step }) => layoutsText(step.inputLayouts, step.outputLayout)),
  text('kernel', 'kernel', ({ step }) => step.kernel),
  {
    key: 'expected',
    title: 'expected µs',
    isNumber: true,
    value: ({ figures }) => figures.expected / 1000,
    text: ({ figures }) =>
      `${figures.origin === 'modelled' ? '~' : ''}${formatMicroseconds(figures.expected)}`,
    total: (rows) => formatMicroseconds(sum(rows, ({ figures }) => figures.expected)),
  },
  {
    key: 'measured',
    title: 'measured µs',
    isNumber: true,
    value: ({ figures }) => (figures.measured === undefined ? undefined : figures.measured / 1000),
    text: ({ figures }) => (figures.measured === undefined ? '' : formatMicroseconds(figures.measured)),
    total: (rows) =>
      rows.some(({ figures }) => figures.measured !== undefined)
        ? formatMicroseconds(sum(rows, ({ figures }) => figures.measured ?? 0))
        : '',
  },
  {
    key: 'share',
    title: 'of the time',
    isNumber: true,
    value: ({ figures }) => figures.share,
    text: ({ figures }) => formatShare(figures.share),
  },
  {
    key: 'bytes',
    title: 'ideal bytes',
    isNumber: true,
    value: ({ step }) => step.bytes,
    text: ({ step }) => formatBytes(step.bytes),
    // A transform's bytes are not ideal: without it they would not be moved.
    total: (rows) => formatBytes(sum(rows, ({ step }) => (step.node === null ? 0 : step.bytes))),
  },
  {
    key: 'moved',
    title: 'moved',
    isNumber: true,
    value: ({ step }) => step.movedBytes,
    text: ({ step }) => formatBytes(step.movedBytes),
    total: (rows) => formatBytes(sum(rows, ({ step }) => step.movedBytes)),
  },
  {
    key: 'flops',
    title: 'FLOP',
    isNumber: true,
    value: ({ step }) => step.flops,
    text: ({ step }) => formatFlops(step.flops),
    total: (rows) => formatFlops(sum(rows, ({ step }) => step.flops)),
  },
  {
    key: 'bandwidth',
    title: 'B/s',
    isNumber: true,
    value: ({ figures }) => figures.bandwidth,
    text: ({ figures }) => formatFlops(Math.round(figures.bandwidth)),
  },
  {
    key: 'roof',
    title: 'of the roof',
    isNumber: true,
    value: ({ figures }) => figures.ofRoof,
    text: ({ figures }) => formatShare(figures.ofRoof),
  },
  text('bound', 'bound', ({ figures }) => figures.bound),
  {
    key: 'extra',
    title: 'second best µs',
    isNumber: true,
    value: ({ extra }) => (extra === undefined ? undefined : extra / 1000),
    text: ({ extra }) =>
      extra === undefined ? '' : `${extra < 0 ? '-' : '+'}${formatMicroseconds(Math.abs(extra))}`,
  },
];

/** By which column, and which way. */
export interface SortOrder {
  readonly key: string;
  readonly descending: boolean;
}

export const SORT_KEYS: readonly string[] = COLUMNS.map(({ key }) => key);

export interface TableOptions {
  readonly sort?: SortOrder | undefined;
  readonly selected?: number | undefined;
  /** Whether titles are buttons (`data-sort`) and rows may be chosen (`data-step`). */
  readonly isInteractive?: boolean;
}

function rowsOf(data: ViewData): Row[] {
  const figures = figuresOf(data);
  return data.plan.steps.map((step, index) => ({
    step,
    index,
    figures: figures[index],
    extra: data.why[index]?.runnerUp?.extra,
  }));
}

function compare(a: Cell, b: Cell): number {
  // What is not there stands at the end of the small ones.
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}

function sorted(rows: readonly Row[], sort: SortOrder | undefined): Row[] {
  const column = COLUMNS.find(({ key }) => key === sort?.key);
  if (!column || !sort) return [...rows];
  const sign = sort.descending ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(column.value(a), column.value(b)) || a.index - b.index);
}

export function tableView(
  data: ViewData,
  { sort, selected, isInteractive = false }: TableOptions = {},
): Markup {
  const rows = rowsOf(data);
  const shown = sorted(rows, sort);
  const columns = COLUMNS.filter(({ key }) => key !== 'measured' || data.measured);
  const head = columns.map(({ key, title, isNumber }) => {
    const direction = sort?.key === key ? (sort.descending ? 'descending' : 'ascending') : undefined;
    const cell = isInteractive ? el('button', { type: 'button', 'data-sort': key }, title) : title;
    return el('th', { scope: 'col', class: isNumber ? 'number' : undefined, 'aria-sort': direction }, cell);
  });
  const body = shown.map((row) =>
    el(
      'tr',
      {
        'data-step': isInteractive ? row.index : undefined,
        'aria-selected': isInteractive ? (row.index === selected ? 'true' : 'false') : undefined,
        class: row.index === selected ? 'selected' : undefined,
      },
      ...columns.map((column) => bodyCell(column, row, isInteractive)),
    ),
  );
  const foot = columns.map(({ key, isNumber, total }) =>
    el('td', { class: isNumber ? 'number' : undefined }, key === 'op' ? 'total' : (total?.(rows) ?? '')),
  );
  return el(
    'table',
    { class: 'lw-table' },
    el('caption', {}, captionOf(data)),
    el('thead', {}, el('tr', {}, ...head)),
    el('tbody', {}, ...body),
    el('tfoot', {}, el('tr', {}, ...foot)),
  );
}

function bodyCell(
  { key, isNumber, value, text: show }: TableColumn,
  row: Row,
  isInteractive: boolean,
): Markup {
  const content = show?.(row) ?? String(value(row) ?? '');
  if (key === 'name' && isInteractive) {
    return el(
      'th',
      { scope: 'row' },
      el('button', { type: 'button', 'data-step': row.index }, content || '(no name)'),
    );
  }
  return el('td', { class: isNumber ? 'number' : undefined }, content);
}

function captionOf({ measured }: ViewData): string {
  const times = measured ? 'Measured: each step alone, the median of several rounds. ' : '';
  return `${times}~ is by the model, else the kernel was measured. Ideal bytes: each input read once, each output written once.`;
}

/** The table for spreadsheets: raw numbers, one line per step. Formulas in names are defused. */
export function tableCsv(data: ViewData): string {
  const lines = rowsOf(data).map((row) => COLUMNS.map(({ value }) => csvCell(value(row))).join(','));
  return [COLUMNS.map(({ title }) => csvCell(title)).join(','), ...lines, ''].join('\r\n');
}

function csvCell(value: Cell): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
