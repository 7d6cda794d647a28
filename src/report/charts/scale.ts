/** From values to places in a chart, and the values at which an axis has marks. */

export interface AxisScale {
  /** Values with marks, within the range. */
  readonly ticks: readonly number[];
  /** From 0 to 1; what is outside of the range comes to its ends. */
  readonly at: (value: number) => number;
}

/** From 0 to at least the largest value. */
export function linearScale(values: readonly number[]): AxisScale {
  const most = Math.max(0, ...values.filter(Number.isFinite));
  const step = niceStep(most > 0 ? most / 5 : 1);
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  const end = count * step;
  return {
    ticks: Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12))),
    at: (value) => clamp(value / end),
  };
}

/** 1, 2 or 5 times a power of ten, at least the value. */
function niceStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Powers of a base around all values above zero. @param base 10, or 2 for sizes */
export function logScale(values: readonly number[], base: 2 | 10 = 10): AxisScale {
  const logs = values
    .filter((value) => value > 0 && Number.isFinite(value))
    .map((value) => logOf(value, base));
  const low = Math.floor(Math.min(...logs, logs.length > 0 ? Infinity : 0) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.max(...logs, logs.length > 0 ? -Infinity : 1) - 1e-9));
  const every = Math.ceil((high - low) / 12);
  const powers = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  const few = base === 10 && high - low <= 2;
  const ticks = few
    ? powers.flatMap((power) => [1, 2, 5].map((factor) => factor * 10 ** power))
    : powers.filter((_, i) => i % every === 0).map((power) => base ** power);
  return {
    ticks: ticks.filter((tick) => tick <= base ** high * (1 + 1e-9)),
    at: (value) => (value > 0 ? clamp((logOf(value, base) - low) / (high - low)) : 0),
  };
}

function logOf(value: number, base: 2 | 10): number {
  return base === 2 ? Math.log2(value) : Math.log10(value);
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** A mark's number: `0.02`, `5`, `1,000`, `2e+6`. */
export function tickText(value: number): string {
  if (value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3)) return value.toExponential(0);
  return Number(value.toPrecision(6)).toLocaleString('en-US', { maximumFractionDigits: 6 });
}
