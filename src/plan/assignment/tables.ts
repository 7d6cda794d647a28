/** Dense cost tables over several variables: adding them up, and minimising over variables. */

/** A cost that depends on the states of some variables. */
export interface Factor {
  /** The variables, the slowest first. */
  readonly scope: readonly number[];
  /** Row-major over the scope; one number for an empty scope. */
  readonly table: Float64Array;
}

/** Entries of a table over a scope. `sizes` are the numbers of states of all variables. */
export function tableSize(scope: readonly number[], sizes: readonly number[]): number {
  return scope.reduce((entries, variable) => entries * sizes[variable], 1);
}

/** The sum of factors, as a table over `scope`, which holds every variable of theirs. */
export function sumOf(
  factors: readonly Factor[],
  scope: readonly number[],
  sizes: readonly number[],
): Float64Array {
  const sum = new Float64Array(tableSize(scope, sizes));
  for (const { scope: own, table } of factors) {
    walk(scope, own, sizes, (start, offset, length, step) => {
      for (let k = 0; k < length; k++) sum[start + k] += table[offset + k * step];
    });
  }
  return sum;
}

/** The least entry of a table over `scope` for each combination of the variables in `onto`, some of those in `scope`. */
export function minimumOnto(
  table: Float64Array,
  scope: readonly number[],
  onto: readonly number[],
  sizes: readonly number[],
): Float64Array {
  const least = new Float64Array(tableSize(onto, sizes)).fill(Infinity);
  walk(scope, onto, sizes, (start, offset, length, step) => {
    for (let k = 0; k < length; k++) {
      const target = offset + k * step;
      if (table[start + k] < least[target]) least[target] = table[start + k];
    }
  });
  return least;
}

/** The entry of a factor that an assignment selects. */
export function entryOf(
  { scope, table }: Factor,
  assignment: ArrayLike<number>,
  sizes: readonly number[],
): number {
  let offset = 0;
  for (const variable of scope) offset = offset * sizes[variable] + assignment[variable];
  return table[offset];
}

/**
 * Visits a table over `scope` row by row, together with the matching entries of a table over `part`, a subset: entry
 * `start + k` of the row matches entry `offset + k * step`.
 */
function walk(
  scope: readonly number[],
  part: readonly number[],
  sizes: readonly number[],
  visit: (start: number, offset: number, length: number, step: number) => void,
): void {
  const strides = stridesWithin(scope, part, sizes);
  const last = scope.length - 1;
  const length = last < 0 ? 1 : sizes[scope[last]];
  const step = last < 0 ? 0 : strides[last];
  const entries = tableSize(scope, sizes);
  const index = new Int32Array(Math.max(last, 0));
  let offset = 0;
  for (let start = 0; start < entries; start += length) {
    visit(start, offset, length, step);
    for (let axis = last - 1; axis >= 0; axis--) {
      offset += strides[axis];
      if (++index[axis] < sizes[scope[axis]]) break;
      offset -= strides[axis] * index[axis];
      index[axis] = 0;
    }
  }
}

/** How far one step along each variable of `scope` moves in a table over `part`: 0 where it does not depend on it. */
function stridesWithin(
  scope: readonly number[],
  part: readonly number[],
  sizes: readonly number[],
): number[] {
  return scope.map((variable) => {
    const place = part.indexOf(variable);
    return place < 0 ? 0 : tableSize(part.slice(place + 1), sizes);
  });
}
