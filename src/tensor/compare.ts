/** How far a tensor is from what was expected. */
import { sameDims, type Dims } from './shape.js';
import { formatType, type Tensor } from './tensor.js';
import { isFloat } from './dtype.js';

export interface Tolerance {
  /** Allowed error relative to the expected element. */
  readonly relative: number;
  /** Allowed error on top of that. */
  readonly absolute: number;
}

/** Result of a comparison: undefined when equal within tolerance, else one sentence. */
export type Difference = string | undefined;

/**
 * Compares element by element as ONNX's own test runner does: |a - e| <= absolute + relative * |e| for floats
 * (NaN equals NaN), exactly for everything else.
 * @returns what differs most and where, or undefined
 */
export function difference(actual: Tensor, expected: Tensor, tolerance: Tolerance): Difference {
  if (actual.dtype !== expected.dtype || !sameDims(actual.dims, expected.dims)) {
    return `is ${formatType(actual)} where ${formatType(expected)} is expected`;
  }
  if (!isFloat(expected.dtype)) return exactDifference(actual, expected);
  const a = actual.toFloat64();
  const e = expected.toFloat64();
  let worst = -1;
  let worstExcess = 0;
  let wrong = 0;
  for (let i = 0; i < e.length; i++) {
    if (a[i] === e[i] || (Number.isNaN(a[i]) && Number.isNaN(e[i]))) continue;
    const allowed = tolerance.absolute + tolerance.relative * Math.abs(e[i]);
    const error = Math.abs(a[i] - e[i]);
    if (error <= allowed) continue;
    wrong++;
    const excess = Number.isNaN(error) ? Infinity : error;
    if (worst < 0 || excess > worstExcess) [worst, worstExcess] = [i, excess];
  }
  if (worst < 0) return undefined;
  return `${wrong} of ${e.length} elements differ, most at ${place(worst, expected.dims)}: ${a[worst]} where ${e[worst]} is expected`;
}

function exactDifference(actual: Tensor, expected: Tensor): Difference {
  const a = actual.data;
  const e = expected.data;
  let first = -1;
  let wrong = 0;
  for (let i = 0; i < e.length; i++) {
    if (a[i] === e[i]) continue;
    wrong++;
    if (first < 0) first = i;
  }
  if (first < 0) return undefined;
  return `${wrong} of ${e.length} elements differ, first at ${place(first, expected.dims)}: ${a[first]} where ${e[first]} is expected`;
}

/** The index of a flat position: `[0, 2, 1]`. */
function place(flat: number, dims: Dims): string {
  const index: number[] = [];
  for (const dim of [...dims].reverse()) {
    index.unshift(flat % dim);
    flat = Math.floor(flat / dim);
  }
  return `[${index.join(', ')}]`;
}

/** ||a - e|| / ||e||, the relative error of a whole tensor; NaN when a non-finite element differs. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let error = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] === expected[i] || (Number.isNaN(actual[i]) && Number.isNaN(expected[i]))) {
      norm += Number.isFinite(expected[i]) ? expected[i] ** 2 : 0;
      continue;
    }
    error += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return Math.sqrt(error) / (Math.sqrt(norm) || 1);
}
