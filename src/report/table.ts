/** Aligned plain-text tables. */
import { cleanText, shorten } from './format.js';

export interface Column {
  readonly title: string;
  /** Numbers go to the right; left is the default. */
  readonly align?: 'left' | 'right';
  /** Its cells are cut so that the table keeps within the width; of several such columns the widest ones. */
  readonly flexible?: boolean;
}

export type Row = readonly string[];

export interface TableOptions {
  /** Rows below a second rule, such as totals. */
  readonly footer?: readonly Row[];
  /** Most characters per line; 100 when left out. */
  readonly width?: number;
}

/** Characters per line that reports keep within. */
export const LINE_WIDTH = 100;

const GAP = '  ';

/** Narrowest a flexible column becomes, even where the table then passes the width. */
const MIN_FLEXIBLE = 8;

/** A table: titles, a rule, the rows, and under another rule the footer. Every line without its end. */
export function table(
  columns: readonly Column[],
  rows: readonly Row[],
  options: TableOptions = {},
): string[] {
  const { footer = [], width = LINE_WIDTH } = options;
  const cells = [...rows, ...footer].map((row) => row.map(cleanText));
  const widths = columnWidths(columns, cells, width);
  const line = (row: Row): string =>
    columns
      .map(({ align }, i) => {
        const text = shorten(row[i] ?? '', widths[i]);
        return align === 'right' ? text.padStart(widths[i]) : text.padEnd(widths[i]);
      })
      .join(GAP)
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, w) => sum + w, 0) + GAP.length * (columns.length - 1));
  const lines = [line(columns.map(({ title }) => title)), rule, ...cells.slice(0, rows.length).map(line)];
  return footer.length === 0 ? lines : [...lines, rule, ...cells.slice(rows.length).map(line)];
}

function columnWidths(columns: readonly Column[], cells: readonly Row[], width: number): number[] {
  const widths = columns.map(({ title }, i) =>
    Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const rest = columns.reduce((sum, { flexible }, i) => sum + (flexible ? 0 : widths[i]), 0);
  const flexible = columns.flatMap((column, i) => (column.flexible ? [i] : []));
  const room = width - rest - GAP.length * (columns.length - 1);
  for (const [i, share] of shares(
    flexible.map((column) => widths[column]),
    room,
  ).entries()) {
    widths[flexible[i]] = share;
  }
  return widths;
}

/** Widths cut so that their sum keeps within the room: the widest become equally wide, the others stay. */
function shares(widths: readonly number[], room: number): number[] {
  const sum = (limit: number): number => widths.reduce((total, w) => total + Math.min(w, limit), 0);
  let limit = Math.max(0, ...widths);
  while (limit > MIN_FLEXIBLE && sum(limit) > room) limit--;
  let spare = room - sum(limit);
  // What is left over when all are cut to one width goes to the first of them.
  return widths.map((w) => (w > limit && spare-- > 0 ? limit + 1 : Math.min(w, limit)));
}

/** Lines of `key  value`, keys aligned, long values wrapped under their start. */
export function keyValues(entries: readonly (readonly [string, string])[], width = LINE_WIDTH): string[] {
  const keyWidth = Math.max(0, ...entries.map(([key]) => key.length));
  return entries.flatMap(([key, value]) => {
    const parts = wrap(cleanText(value), width - keyWidth - GAP.length);
    return parts.map((part, i) => `${(i === 0 ? key : '').padEnd(keyWidth)}${GAP}${part}`.trimEnd());
  });
}

/**
 * Breaks text at spaces into lines of at most `width` characters; longer words stand alone. No-break spaces hold
 * words together and come out as spaces.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((text) => text.replaceAll('\u00A0', ' '));
}
