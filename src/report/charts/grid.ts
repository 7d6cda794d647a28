/** A grid of sizes: what was measured, the darker the faster, and the way that a search took over it. */
import type { Spread } from '../../tune/timing/measure.js';
import {
  AXIS_LINE,
  FONT,
  WIDTH,
  colour,
  coordinate,
  line,
  pointList,
  rectangle,
  svg,
  text,
  type ChartFrame,
} from './svg.js';

export interface GridCell {
  /** Places among rows and columns. */
  readonly row: number;
  readonly column: number;
  readonly value: Spread;
}

export interface GridChart extends ChartFrame {
  readonly rowLabel: string;
  readonly columnLabel: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly cells: readonly GridCell[];
  /** Cells by index, from the first to the last. */
  readonly path: readonly number[];
  /** What stands in a cell: short. */
  readonly short: (value: Spread) => string;
  /** A cell's value in words. */
  readonly format: (value: Spread) => string;
}

const CELL_HEIGHT = 34;
const MAX_CELL_WIDTH = 96;
const [LEFT, TOP] = [70, 52];

export function gridChart(chart: GridChart): string {
  const { rows, columns, rowLabel, columnLabel, cells, path, short, format } = chart;
  const width = Math.min(MAX_CELL_WIDTH, (WIDTH - LEFT - 8) / Math.max(columns.length, 1));
  const bottom = TOP + CELL_HEIGHT * rows.length;
  const middle = (i: number): readonly [number, number] => {
    const { row, column } = cells[i];
    return [LEFT + width * (column + 0.5), TOP + CELL_HEIGHT * (row + 0.5)];
  };
  const body = [
    text(LEFT, 16, columnLabel, { muted: true }),
    text(4, TOP - 8, rowLabel, { muted: true }),
    ...columns.map((name, i) => text(LEFT + width * (i + 0.5), TOP - 8, name, { anchor: 'middle' })),
    ...rows.map((name, i) => text(LEFT - 8, TOP + CELL_HEIGHT * (i + 0.5) + 4, name, { anchor: 'end' })),
  ];
  for (let i = 0; i <= rows.length; i++) {
    const y = TOP + CELL_HEIGHT * i;
    body.push(line(LEFT, y, LEFT + width * columns.length, y, 'stroke="currentColor" stroke-opacity="0.12"'));
  }
  const best = Math.min(...cells.map(({ value }) => value.median));
  for (const { row, column, value } of cells) {
    // From the best, which is full, to twice its time, which is nearly empty.
    const strength = Math.max(0.08, 0.75 * Math.max(0, 2 - value.median / best));
    const [x, y] = [LEFT + width * column, TOP + CELL_HEIGHT * row];
    const label = `${rows[row]} by ${columns[column]}: ${format(value)}`;
    const style = `fill="${colour(0)}" fill-opacity="${coordinate(strength)}"`;
    body.push(
      rectangle(x + 1, y + 1, width - 2, CELL_HEIGHT - 2, style, label),
      ...(width >= 30 ? [text(x + width / 2, y + CELL_HEIGHT - 6, short(value), { anchor: 'middle' })] : []),
    );
  }
  if (path.length > 0) {
    const way = path.map(middle).map(([x, y]) => [x, y - FONT / 2] as const);
    const [last] = way.slice(-1);
    body.push(
      `<polyline points="${pointList(way)}" fill="none" stroke="${colour(1)}" stroke-width="2.5"/>`,
      ...way
        .slice(0, -1)
        .map(([x, y]) => `<circle cx="${coordinate(x)}" cy="${coordinate(y)}" r="3" fill="${colour(1)}"/>`),
      `<circle cx="${coordinate(last[0])}" cy="${coordinate(last[1])}" r="5" fill="none" stroke="${colour(1)}" stroke-width="2.5"/>`,
    );
  }
  body.push(line(LEFT, bottom, LEFT + width * columns.length, bottom, AXIS_LINE));
  return svg(chart, bottom + 14, body);
}
