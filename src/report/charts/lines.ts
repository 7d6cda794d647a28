/** Lines over sizes, with bands from quartile to quartile, and places that are marked. */
import type { Spread } from '../../tune/timing/measure.js';
import { plotOf, yAt, yAxis } from './plot.js';
import { linearScale, logScale, tickText } from './scale.js';
import {
  AXIS_LINE,
  coordinate,
  colour,
  escapeText,
  legend,
  line,
  pointList,
  svg,
  text,
  widthOf,
  type ChartFrame,
} from './svg.js';

export interface LinePoint {
  /** Above zero. */
  readonly x: number;
  readonly value: Spread;
}

export interface LineSeries {
  readonly name: string;
  /** By x, ascending. */
  readonly points: readonly LinePoint[];
}

export interface LineChart extends ChartFrame {
  readonly unit: string;
  /** What x is. */
  readonly xLabel: string;
  readonly series: readonly LineSeries[];
  /** Whether y is logarithmic; x is, to base 2. */
  readonly log?: boolean;
  /** Vertical lines. */
  readonly marks?: readonly { readonly x: number; readonly label: string }[];
  readonly format: (value: Spread) => string;
}

const HEIGHT = 280;

export function lineChart(chart: LineChart): string {
  const { unit, xLabel, series, format, log = false, marks = [] } = chart;
  const points = series.flatMap((one) => one.points);
  const values = points.flatMap(({ value }) => [value.low, value.median, value.high]);
  const scale = log ? logScale(values) : linearScale(values);
  const xScale = logScale([...points.map(({ x }) => x), ...marks.map(({ x }) => x)], 2);
  const names = legend(
    series.map(({ name }) => name),
    4,
    4,
  );
  const plot = plotOf(scale, names.height + 26, HEIGHT);
  const { left, right, top, bottom } = plot;
  const xAt = (x: number): number => left + 12 + xScale.at(x) * (right - left - 24);
  const body = [...names.body, ...yAxis(plot, scale, unit)];
  for (const tick of xScale.ticks) {
    body.push(
      line(xAt(tick), bottom, xAt(tick), bottom + 4, AXIS_LINE),
      text(xAt(tick), bottom + 18, tickText(tick), { anchor: 'middle', muted: true }),
    );
  }
  body.push(text((left + right) / 2, bottom + 36, xLabel, { anchor: 'middle', muted: true }));
  for (const [i, one] of series.entries()) {
    const place = (x: number, y: number): readonly [number, number] => [xAt(x), yAt(plot, scale, y)];
    const upper = one.points.map(({ x, value }) => place(x, value.high));
    const lower = one.points.map(({ x, value }) => place(x, value.low)).reverse();
    const middle = one.points.map(({ x, value }) => place(x, value.median));
    body.push(
      `<polygon points="${pointList([...upper, ...lower])}" fill="${colour(i)}" fill-opacity="0.2"/>`,
      `<polyline points="${pointList(middle)}" fill="none" stroke="${colour(i)}" stroke-width="2"/>`,
    );
    for (const [p, [x, y]] of middle.entries()) {
      const { x: size, value } = one.points[p];
      const label = escapeText(`${one.name}, ${xLabel} ${tickText(size)}: ${format(value)}`);
      body.push(
        `<circle cx="${coordinate(x)}" cy="${coordinate(y)}" r="3.5" fill="${colour(i)}"><title>${label}</title></circle>`,
      );
    }
  }
  for (const [i, { x, label }] of marks.entries()) {
    const at = xAt(x);
    const toLeft = at + 6 + widthOf(label) > right;
    body.push(
      line(at, top, at, bottom, 'stroke="currentColor" stroke-dasharray="5 4"'),
      text(toLeft ? at - 6 : at + 6, top + 12 + 16 * i, label, {
        anchor: toLeft ? 'end' : 'start',
        bold: true,
      }),
    );
  }
  return svg(chart, bottom + 46, body);
}
