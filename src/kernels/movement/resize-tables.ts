/**
 * Where a resized axis takes its elements from, as tables small enough for WGSL constants. Most scales repeat: after
 * `period` output positions the input has moved on by `shift` elements and the weights begin again.
 */
import { isExtrapolated, resizeTaps, type Interpolation, type ResizeAxis } from '../../ops/resample.js';

export interface AxisTable {
  /** Taps per position. */
  readonly taps: number;
  /** Per position of a period: input index of the first tap, before it is held inside the axis; `OUTSIDE`. */
  readonly first: readonly number[];
  /** Per position of a period, a weight per tap; 0 where there is none. */
  readonly weights: readonly (readonly number[])[];
  readonly period: number;
  readonly shift: number;
}

/** Marks positions that take the extrapolation value. */
export const OUTSIDE = -(2 ** 31);

/** Periods that are looked for. */
const LONGEST_PERIOD = 64;

interface Position {
  readonly first: number;
  readonly weights: readonly number[];
}

/** The table for output positions [start, start + length). */
export function axisTable(axis: ResizeAxis, how: Interpolation, start: number, length: number): AxisTable {
  const positions = Array.from({ length }, (_, i) => positionOf(axis, how, start + i));
  const taps = Math.max(1, ...positions.map(({ weights }) => weights.length));
  for (let period = 1; period <= Math.min(LONGEST_PERIOD, length / 2); period++) {
    const table = periodic(positions, period, taps, axis.input);
    if (table) return table;
  }
  return {
    taps,
    first: positions.map(({ first }) => first),
    weights: positions.map(({ weights }) => filled(weights, taps)),
    period: length,
    shift: 0,
  };
}

/** Words that a table takes; single taps need no weights. */
export function tableWords({ taps, period }: AxisTable): number {
  return period * (taps === 1 ? 1 : 1 + taps);
}

/** First tap and weights of a position, in consecutive places; indices were held inside the axis and repeat there. */
function positionOf(axis: ResizeAxis, how: Interpolation, position: number): Position {
  if (isExtrapolated(axis, position)) return { first: OUTSIDE, weights: [] };
  const { indices, weights } = resizeTaps(axis, how, position);
  const atStart = indices.filter((index) => index === 0).length;
  const first = atStart > 1 ? 1 - atStart : indices[0];
  const spread: number[] = [];
  for (const [k, index] of indices.entries()) {
    // Taps of weight 0 are left out of the list: their places stay 0.
    const missing = k < atStart ? 0 : Math.max(0, index - first - spread.length);
    spread.push(...new Array<number>(missing).fill(0), weights[k]);
  }
  return { first, weights: spread };
}

function filled(weights: readonly number[], taps: number): number[] {
  return Array.from({ length: taps }, (_, k) => weights[k] ?? 0);
}

/** The table of one period, taken from the middle, if it gives every position. */
function periodic(
  positions: readonly Position[],
  period: number,
  taps: number,
  input: number,
): AxisTable | undefined {
  const turn = Math.max(1, Math.floor(positions.length / 2 / period));
  const base = turn * period;
  if (base + period > positions.length) return undefined;
  const shift = positions[base].first - positions[base - period].first;
  const middle = positions.slice(base, base + period);
  if (middle.some(({ first }) => first === OUTSIDE) || shift < 0) return undefined;
  const table: AxisTable = {
    taps,
    first: middle.map(({ first }) => first - turn * shift),
    weights: middle.map(({ weights }) => filled(weights, taps)),
    period,
    shift,
  };
  const inside = (index: number): number => Math.min(Math.max(index, 0), input - 1);
  const fits = positions.every(({ first, weights }, position) => {
    const place = position % period;
    const start = table.first[place] + Math.floor(position / period) * shift;
    return table.weights[place].every((weight, k) => {
      const wanted = weights[k] ?? 0;
      const same = wanted === 0 || inside(start + k) === inside(first + k);
      return same && Math.abs(weight - wanted) <= 1e-7;
    });
  });
  return fits && !positions.some(({ first }) => first === OUTSIDE) ? table : undefined;
}
