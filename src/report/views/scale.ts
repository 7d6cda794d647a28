/** Axes: numbers to places, and the marks beside them. */

export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** A linear axis from 0 on, with about `count` round marks. */
export function linearScale(most: number, [from, to]: readonly [number, number], count = 5): Scale {
  const end = most > 0 ? most : 1;
  const rough = end / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? power;
  const ticks = Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => i * step);
  return { at: (value) => from + ((to - from) * value) / end, ticks };
}

/** The same for bytes: marks at multiples of a power of two. */
export function byteScale(most: number, range: readonly [number, number]): Scale {
  const { at } = linearScale(most, range);
  const step = 2 ** Math.ceil(Math.log2(Math.max(most, 1) / 6));
  return { at, ticks: Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step) };
}

/** A logarithmic axis, with marks at powers of ten. @param low greater than 0, less than `high` */
export function logScale(low: number, high: number, [from, to]: readonly [number, number]): Scale {
  const [start, end] = [Math.log10(low), Math.log10(high)];
  const first = Math.ceil(start - 1e-9);
  const ticks = Array.from(
    { length: Math.max(0, Math.floor(end + 1e-9) - first + 1) },
    (_, i) => 10 ** (first + i),
  );
  return { at: (value) => from + ((to - from) * (Math.log10(value) - start)) / (end - start), ticks };
}

/** The powers of ten around a range of positive numbers. */
export function decadesAround(values: readonly number[]): [number, number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return [0.1, 10];
  const low = Math.floor(Math.log10(Math.min(...positive)));
  const high = Math.ceil(Math.log10(Math.max(...positive)));
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}
