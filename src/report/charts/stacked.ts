/** Bars made of parts, in groups: where the time of each goes. */
import { plotOf, yAt, yAxis } from './plot.js';
import { linearScale } from './scale.js';
import { clip, colour, legend, rectangle, svg, text, type ChartFrame } from './svg.js';

export interface StackedBar {
  readonly label: string;
  /** By series, none below zero. */
  readonly parts: readonly number[];
}

export interface StackedChart extends ChartFrame {
  readonly unit: string;
  readonly series: readonly string[];
  readonly groups: readonly { readonly label: string; readonly bars: readonly StackedBar[] }[];
  /** A part's value in words. */
  readonly format: (value: number) => string;
}

const HEIGHT = 280;
/** Room for a bar's label, which stands upright. */
const LABELS = 66;

export function stackedChart(chart: StackedChart): string {
  const { unit, series, groups, format } = chart;
  const bars = groups.flatMap((group) => group.bars);
  const scale = linearScale(bars.map(({ parts }) => parts.reduce((sum, part) => sum + part, 0)));
  const names = legend(series, 4, 4);
  const plot = plotOf(scale, names.height + 26, HEIGHT);
  // Half a bar's room between groups.
  const slots = bars.length + 0.6 * groups.length;
  const slot = (plot.right - plot.left) / Math.max(slots, 1);
  const body = [...names.body, ...yAxis(plot, scale, unit)];
  let x = plot.left;
  for (const { label: group, bars: own } of groups) {
    const start = x + slot * 0.3;
    x = start;
    for (const { label, parts } of own) {
      let below = 0;
      for (const [i, part] of parts.entries()) {
        if (part <= 0) continue;
        const [from, to] = [yAt(plot, scale, below), yAt(plot, scale, below + part)];
        const name = `${group}, ${label}, ${series[i]}: ${format(part)}`;
        body.push(rectangle(x + slot * 0.06, to, slot * 0.88, from - to, `fill="${colour(i)}"`, name));
        below += part;
      }
      const at = x + slot / 2 + 4;
      body.push(text(at, plot.bottom + 8, clip(label, LABELS), { anchor: 'end', muted: true, rotate: -90 }));
      x += slot;
    }
    const width = slot * (own.length + 0.6);
    const middle = (start + x) / 2;
    body.push(text(middle, plot.bottom + LABELS + 24, clip(group, width), { anchor: 'middle' }));
    x += slot * 0.3;
  }
  return svg(chart, plot.bottom + LABELS + 34, body);
}
