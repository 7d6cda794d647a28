/** Measured quantities in words: a median with its quartiles, never without. */
import type { Spread } from '../../tune/timing/measure.js';
import { formatFlops, formatMicroseconds, formatNumber, formatShare } from '../format.js';

/** What stands where nothing was measured. */
export const NOTHING = '–';

/** `12.3 µs (12.1 to 12.6)` of nanoseconds. */
export function timeText(value: Spread | undefined): string {
  return spreadText(value, formatMicroseconds, ' µs');
}

/** `3.41× (3.38 to 3.45)`. */
export function ratioText(value: Spread | undefined): string {
  return spreadText(value, ratio, '×');
}

/** `4.10 TB/s (4.08 to 4.11)` of units a second. @param unit `B/s` */
export function rateText(value: Spread | undefined, unit: 'B/s' | 'FLOP/s'): string {
  if (!value) return NOTHING;
  return `${formatFlops(value.median)}${unit} (${formatFlops(value.low)} to ${formatFlops(value.high)})`;
}

/** `82 % (81 % to 83 %)` of shares. */
export function shareText(value: Spread | undefined): string {
  return value
    ? `${formatShare(value.median)} (${formatShare(value.low)} to ${formatShare(value.high)})`
    : NOTHING;
}

/** A ratio without a unit: `0.04`, `3.41`, `27.9`, `412`. */
export function ratio(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** `2.1e-7`; nothing where it was not checked. */
export function errorText(error: number | null): string {
  return error === null ? NOTHING : error === 0 ? '0' : formatNumber(Number(error.toPrecision(2)));
}

function spreadText(value: Spread | undefined, number: (value: number) => string, unit: string): string {
  if (!value) return NOTHING;
  return `${number(value.median)}${unit} (${number(value.low)} to ${number(value.high)})`;
}

/** A spread as a part of a whole that is known exactly, or times a factor. */
export function scaled({ median, low, high }: Spread, factor: number): Spread {
  return { median: median * factor, low: low * factor, high: high * factor };
}

/** What has no spread because it is counted, not measured. */
export function exact(value: number): Spread {
  return { median: value, low: value, high: value };
}
