/** The area in which values are drawn: its place, its y axis. */
import { AXIS_LINE, GRID_LINE, WIDTH, line, text, widthOf } from './svg.js';
import { tickText, type AxisScale } from './scale.js';

export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The area beside a y axis. @param top where it begins */
export function plotOf(scale: AxisScale, top: number, height: number): Plot {
  const widest = Math.max(...scale.ticks.map((tick) => widthOf(tickText(tick))), 10);
  return { left: Math.ceil(widest) + 14, right: WIDTH - 8, top, bottom: top + height };
}

/** The place of a value along y. */
export function yAt({ top, bottom }: Plot, scale: AxisScale, value: number): number {
  return bottom - scale.at(value) * (bottom - top);
}

/** Marks, lines behind the values, and the unit above. */
export function yAxis(plot: Plot, scale: AxisScale, unit: string): string[] {
  const { left, right, bottom, top } = plot;
  return [
    text(4, top - 10, unit, { muted: true }),
    ...scale.ticks.flatMap((tick) => {
      const y = yAt(plot, scale, tick);
      return [
        line(left, y, right, y, GRID_LINE),
        text(left - 6, y + 4, tickText(tick), { anchor: 'end', muted: true }),
      ];
    }),
    line(left, bottom, right, bottom, AXIS_LINE),
  ];
}
