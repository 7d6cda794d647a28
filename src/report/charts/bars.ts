/** Bars in groups, a colour for each series, with whiskers from quartile to quartile. */
import type { Spread } from '../../tune/timing/measure.js';
import { plotOf, yAt, yAxis } from './plot.js';
import { linearScale, logScale } from './scale.js';
import { WHISKER, clip, colour, legend, line, rectangle, svg, text, type ChartFrame } from './svg.js';

export interface BarGroup {
  readonly label: string;
  /** By series; undefined where there is nothing. */
  readonly values: readonly (Spread | undefined)[];
}

export interface BarChart extends ChartFrame {
  readonly unit: string;
  readonly series: readonly string[];
  readonly groups: readonly BarGroup[];
  /** Whether the axis is logarithmic; bars then begin at its lower end. */
  readonly log?: boolean;
  /** A level to compare with: a dashed line. */
  readonly level?: { readonly value: number; readonly label: string };
  /** A bar's value in words. */
  readonly format: (value: Spread) => string;
}

const HEIGHT = 260;
/** Least height of a bar. */
const LEAST = 2;

export function barChart(chart: BarChart): string {
  const { unit, series, groups, level, format, log = false } = chart;
  const spreads = groups.flatMap(({ values }) => values.filter((value) => value !== undefined));
  const numbers = [
    ...spreads.flatMap(({ low, median, high }) => [low, median, high]),
    ...(level ? [level.value] : []),
  ];
  const scale = log ? logScale(numbers) : linearScale(numbers);
  const names = legend(series, 4, 4);
  const plot = plotOf(scale, names.height + 26, HEIGHT);
  const slot = (plot.right - plot.left) / Math.max(groups.length, 1);
  const bar = (slot * 0.84) / Math.max(series.length, 1);
  const heading = level ? `${unit}; dashed: ${level.label}` : unit;
  const body = [...names.body, ...yAxis(plot, scale, heading)];
  for (const [g, { label, values }] of groups.entries()) {
    const start = plot.left + slot * (g + 0.08);
    for (const [i, value] of values.entries()) {
      if (!value) continue;
      // What lies at the axis' lower end still is a bar.
      const [x, y] = [start + i * bar, Math.min(yAt(plot, scale, value.median), plot.bottom - LEAST)];
      const name = `${label}, ${series[i]}: ${format(value)}`;
      body.push(
        rectangle(x + bar * 0.04, y, bar * 0.92, plot.bottom - y, `fill="${colour(i)}"`, name),
        line(x + bar / 2, yAt(plot, scale, value.low), x + bar / 2, yAt(plot, scale, value.high), WHISKER),
      );
    }
    body.push(text(start + slot * 0.42, plot.bottom + 18, clip(label, slot), { anchor: 'middle' }));
  }
  if (level) {
    const y = yAt(plot, scale, level.value);
    body.push(line(plot.left, y, plot.right, y, 'stroke="currentColor" stroke-dasharray="5 4"'));
  }
  return svg(chart, plot.bottom + 30, body);
}
