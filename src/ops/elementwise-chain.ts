/** Several element-wise operators as one: intermediate results stay in registers. */
import { ShapeError } from '../errors.js';
import {
  Tensor,
  broadcastDims,
  broadcastStrides,
  formatType,
  sameDims,
  sizeOf,
  walk,
  type Dims,
  type TensorType,
} from '../tensor/index.js';
import type { BinaryFunction } from './binary.js';
import { FLOATS, expectElementType } from './element-types.js';
import {
  Op,
  expectSameDType,
  tensorAt,
  typeAt,
  type AttributeValue,
  type InputTensors,
  type InputTypes,
} from './op.js';
import type { UnaryFunction } from './unary.js';

/** A function of one or two earlier results. */
export type ChainStep =
  | { readonly fn: UnaryFunction; readonly args: readonly [number] }
  | { readonly fn: BinaryFunction; readonly args: readonly [number, number] };

/**
 * y = the last of several steps, each a function of inputs and earlier steps, element by element.
 *
 * A step's arguments are numbered: first the inputs, then the steps. Inputs: floats of one type whose shapes broadcast
 * as in NumPy. Output: their common shape. Nothing is rounded between the steps.
 */
export class ElementwiseChain extends Op {
  readonly type = 'ElementwiseChain';
  /** Number of inputs. */
  readonly arity: number;
  readonly steps: readonly ChainStep[];

  /** @throws ShapeError for steps that refer forward, leave an input unused, or do not take and give floats */
  constructor(arity: number, steps: readonly ChainStep[]) {
    super();
    this.arity = arity;
    this.steps = steps;
    checkSteps(arity, steps);
  }

  /** The formula: `Relu(Add(x0, Mul(x1, x2)))`. */
  override get attributes(): Readonly<Record<string, AttributeValue>> {
    const texts = Array.from({ length: this.arity }, (_, i) => `x${i}`);
    for (const { fn, args } of this.steps)
      texts.push(
        formatCall(
          fn,
          args.map((arg) => texts[arg]),
        ),
      );
    return { formula: texts.at(-1) };
  }

  infer(inputs: InputTypes): TensorType[] {
    const types = Array.from({ length: this.arity }, (_, i) => typeAt(inputs, i, `x${i}`));
    for (const { dtype } of types) expectElementType(this.type, dtype, FLOATS);
    expectSameDType(types);
    return [{ dtype: types[0].dtype, dims: this.#dims(types).at(-1) ?? [] }];
  }

  override flops(inputs: InputTypes): number {
    const dims = this.#dims(Array.from({ length: this.arity }, (_, i) => typeAt(inputs, i, `x${i}`)));
    return this.steps.reduce((sum, { fn }, i) => sum + (fn.flops ?? 1) * sizeOf(dims[this.arity + i]), 0);
  }

  reference(inputs: InputTensors): Tensor[] {
    const tensors = Array.from({ length: this.arity }, (_, i) => tensorAt(inputs, i, `x${i}`));
    const dims = this.#dims(tensors);
    const target = dims.at(-1) ?? [];
    const data = tensors.map((tensor) => tensor.toFloat64());
    const y = new Float64Array(sizeOf(target));
    const strides = tensors.map((tensor) => broadcastStrides(tensor.dims, target));
    walk(target, strides, (offsets, flat) => {
      const values = data.map((elements, i) => elements[offsets[i]]);
      for (const step of this.steps) values.push(evaluate(step, values));
      y[flat] = values[values.length - 1];
    });
    return [Tensor.from(tensors[0].dtype, target, y)];
  }

  /** Dims of the inputs and of all steps' results. */
  #dims(inputs: readonly TensorType[]): Dims[] {
    const dims: Dims[] = inputs.map((type) => type.dims);
    for (const { fn, args } of this.steps) {
      const result = broadcastDims(...args.map((arg) => dims[arg]));
      if ('unidirectional' in fn && fn.unidirectional && !sameDims(result, dims[args[0]])) {
        throw new ShapeError(`an argument of ${fn.name} is larger than what it applies to`, {
          remedy: `Inputs are ${inputs.map((type) => formatType(type)).join(', ')}: only ${fn.name}'s second broadcasts.`,
        });
      }
      dims.push(result);
    }
    return dims;
  }
}

function evaluate(step: ChainStep, values: readonly number[]): number {
  return isUnary(step)
    ? step.fn.apply(values[step.args[0]])
    : step.fn.apply(values[step.args[0]], values[step.args[1]]);
}

/** Tells the two kinds of step apart. */
export function isUnary(step: ChainStep): step is Extract<ChainStep, { readonly args: readonly [number] }> {
  return step.args.length === 1;
}

function formatCall(fn: UnaryFunction | BinaryFunction, args: readonly string[]): string {
  const parameters = Object.entries(fn.parameters ?? {}).map(([name, value]) => `${name}=${value}`);
  return `${fn.name}(${[...args, ...parameters].join(', ')})`;
}

function checkSteps(arity: number, steps: readonly ChainStep[]): void {
  const used = new Set<number>();
  for (const [i, { fn, args }] of steps.entries()) {
    const known = args.every((arg) => Number.isInteger(arg) && arg >= 0 && arg < arity + i);
    if (!known || fn.result) {
      throw new ShapeError(`step ${i} of a chain is ${formatCall(fn, args.map(String))}`, {
        remedy: `Its arguments must be inputs or earlier steps, from 0 to ${arity + i - 1}, its result a float.`,
      });
    }
    for (const arg of args) used.add(arg);
  }
  if (steps.length === 0 || used.size !== arity + steps.length - 1) {
    throw new ShapeError('a chain has results that nothing uses', {
      remedy: 'Use every input and every step but the last.',
    });
  }
}
