/** Small tensors for the tests of ops that move elements, and the plainest way to say where each element goes. */
import { Tensor, sizeOf } from '../../src/tensor/index.js';

/** A list of 64-bit integers, as shapes and axes come. */
export function ints(...values: (number | bigint)[]): Tensor {
  return Tensor.from('i64', [values.length], values.map(BigInt));
}

/** A tensor whose elements are their own offsets. */
export function ramp(...dims: number[]): Tensor {
  return Tensor.from(
    'f32',
    dims,
    Array.from({ length: sizeOf(dims) }, (_, i) => i),
  );
}

/** The element at an index, by Horner's rule. */
export function at(x: Tensor, index: readonly number[]): number {
  return Number(x.data[index.reduce((offset, i, axis) => offset * x.dims[axis] + i, 0)]);
}

/** All indices of a shape in row-major order. */
function indices(dims: readonly number[]): number[][] {
  return dims.reduce<number[][]>(
    (prefixes, dim) => prefixes.flatMap((prefix) => Array.from({ length: dim }, (_, i) => [...prefix, i])),
    [[]],
  );
}

/** An f32 tensor of these dims that has, at each index, the element of x that `source` names. */
export function rearranged(
  dims: readonly number[],
  x: Tensor,
  source: (index: number[]) => number[],
): Tensor {
  return Tensor.from(
    'f32',
    dims,
    indices(dims).map((index) => at(x, source(index))),
  );
}
