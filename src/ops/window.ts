/**
 * Geometry of windows that slide over the spatial axes of [N, C, D1, ..., Dk]: pure functions of numbers, shared by
 * convolution, pooling, their kernels and graph rewrites. Formulas are those of the ONNX operator specification
 * (Conv, ConvTranspose, MaxPool, AveragePool, MaxUnpool) and of its C++ shape inference where the text is silent.
 *
 * In formulas below: `extent = (kernel - 1) * dilation + 1` is what a window spans; output position `o` of an axis
 * puts tap `t` of the window on input position `o * stride - padBegin + t * dilation`.
 */
import { ShapeError } from '../errors.js';
import { type Dims } from '../tensor/index.js';

/** How a window moves and how far it may stand out of the input: one entry per spatial axis. */
export interface WindowSteps {
  /** Input positions from one window to the next; at least 1. */
  readonly strides: readonly number[];
  /** Input positions from one tap to the next; at least 1. */
  readonly dilations: readonly number[];
  /** Positions added in front of the input; at least 0. */
  readonly padsBegin: readonly number[];
  /** Positions added behind the input; at least 0. */
  readonly padsEnd: readonly number[];
}

/** A window with its size: one entry per spatial axis. */
export interface Window extends WindowSteps {
  /** Taps of the window; at least 1. */
  readonly kernel: readonly number[];
}

/** One axis of a window. */
export interface WindowAxis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
  readonly padEnd: number;
}

/** `WindowSteps` as constructors take them. What is left out is 1 for strides and dilations, 0 for pads. */
export interface WindowStepOptions {
  readonly strides?: readonly number[] | undefined;
  readonly dilations?: readonly number[] | undefined;
  readonly padsBegin?: readonly number[] | undefined;
  readonly padsEnd?: readonly number[] | undefined;
}

/** Bound that keeps all window arithmetic exact in doubles. */
const LARGEST = 2 ** 31 - 1;

/**
 * Checks a list with one entry per spatial axis.
 * @throws ShapeError unless it has `rank` entries, all integers from `least` to 2^31 - 1
 */
export function checkPerAxis(
  list: readonly number[],
  name: string,
  rank: number,
  least: number,
): readonly number[] {
  const valid = list.every((entry) => Number.isInteger(entry) && entry >= least && entry <= LARGEST);
  if (!valid || list.length !== rank) {
    throw new ShapeError(`${name} is [${list.join(', ')}]`, {
      remedy: `It must be ${rank} integers, one per spatial axis, from ${least} to 2^31 - 1.`,
    });
  }
  return list;
}

/** Completes and checks the steps of a window over `rank` spatial axes. @throws ShapeError for a bad list or no axis */
export function windowSteps(rank: number, options: WindowStepOptions): WindowSteps {
  if (rank < 1)
    throw new ShapeError('a window has no axes', { remedy: 'Give it at least one spatial axis.' });
  const filled = (value: number): number[] => new Array<number>(rank).fill(value);
  return {
    strides: checkPerAxis(options.strides ?? filled(1), 'strides', rank, 1),
    dilations: checkPerAxis(options.dilations ?? filled(1), 'dilations', rank, 1),
    padsBegin: checkPerAxis(options.padsBegin ?? filled(0), 'padsBegin', rank, 0),
    padsEnd: checkPerAxis(options.padsEnd ?? filled(0), 'padsEnd', rank, 0),
  };
}

/** One axis of a window. */
export function windowAxis(window: Window, axis: number): WindowAxis {
  return {
    kernel: window.kernel[axis],
    stride: window.strides[axis],
    dilation: window.dilations[axis],
    padBegin: window.padsBegin[axis],
    padEnd: window.padsEnd[axis],
  };
}

/** Input positions that a window spans: `(kernel - 1) * dilation + 1`. */
export function windowExtent(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

/**
 * Output positions along one axis: `floor((input + padBegin + padEnd - extent) / stride) + 1`. With `ceilMode` the
 * quotient is rounded up, and a last window that would start behind the input and its front padding is dropped
 * (ONNX: "Sliding windows that would start in the right padded region are ignored"). Below 1 when nothing fits.
 */
export function outputExtent(input: number, axis: WindowAxis, ceilMode = false): number {
  const { stride, padBegin, padEnd } = axis;
  const steps = (input + padBegin + padEnd - windowExtent(axis.kernel, axis.dilation)) / stride;
  if (!ceilMode) return Math.floor(steps) + 1;
  const outputs = Math.ceil(steps) + 1;
  return (outputs - 1) * stride >= input + padBegin ? outputs - 1 : outputs;
}

/**
 * Spatial dims of what a window makes of spatial dims `input`: `outputExtent` along every axis.
 * @throws ShapeError when an axis would have no output: the window is larger than the padded input
 */
export function outputDims(input: Dims, window: Window, ceilMode = false): number[] {
  return input.map((extent, i) => {
    const axis = windowAxis(window, i);
    const outputs = outputExtent(extent, axis, ceilMode);
    if (outputs < 1) {
      const padded = extent + axis.padBegin + axis.padEnd;
      throw new ShapeError(
        `spatial axis ${i}: a window of ${windowExtent(axis.kernel, axis.dilation)} does not fit ` +
          `an input of ${extent} (${padded} with padding)`,
        { remedy: 'Give a larger input, more padding, or a smaller kernel or dilation.' },
      );
    }
    return outputs;
  });
}

/**
 * Output positions along one axis of a transposed convolution (and of MaxUnpool, without output padding):
 * `stride * (input - 1) + outputPadding + extent - padBegin - padEnd`.
 */
export function transposedExtent(input: number, axis: WindowAxis, outputPadding: number): number {
  const extent = windowExtent(axis.kernel, axis.dilation);
  return axis.stride * (input - 1) + outputPadding + extent - axis.padBegin - axis.padEnd;
}

/** `transposedExtent` along every axis. @throws ShapeError when an axis would have no output */
export function transposedDims(input: Dims, window: Window, outputPadding: readonly number[]): number[] {
  return input.map((extent, i) => {
    const outputs = transposedExtent(extent, windowAxis(window, i), outputPadding[i]);
    if (outputs < 1) {
      throw new ShapeError(
        `spatial axis ${i}: the padding cuts away all output (${outputs} positions are left)`,
        {
          remedy: 'Give a larger input or less padding.',
        },
      );
    }
    return outputs;
  });
}

/** The side that gets the larger half of an odd padding. */
export type LargerSide = 'begin' | 'end';

/** Padding in front and behind. */
export interface PadPair {
  readonly begin: number;
  readonly end: number;
}

/** Halves a padding. */
export function splitPadding(total: number, larger: LargerSide): PadPair {
  const half = Math.floor(total / 2);
  return larger === 'end' ? { begin: half, end: total - half } : { begin: total - half, end: half };
}

/**
 * ONNX's auto_pad SAME_UPPER (larger half at the end) and SAME_LOWER (at the beginning): the least padding with which
 * the output has `ceil(input / stride)` positions, `max(0, (output - 1) * stride + extent - input)`.
 */
export function samePadding(input: number, extent: number, stride: number, larger: LargerSide): PadPair {
  const outputs = Math.ceil(input / stride);
  return splitPadding(Math.max(0, (outputs - 1) * stride + extent - input), larger);
}

/** Padding of one axis of a transposed convolution. */
export interface TransposedPadding {
  readonly padBegin: number;
  readonly padEnd: number;
  readonly outputPadding: number;
}

/**
 * Padding with which a transposed convolution has `target` output positions. ONNX: total padding =
 * `stride * (input - 1) + outputPadding + extent - target`, halved. Where that is negative nothing is cut away and the
 * missing positions are added at the end, as output padding.
 * @param axis its pads are not looked at
 */
export function transposedPadding(
  input: number,
  axis: WindowAxis,
  outputPadding: number,
  target: number,
  larger: LargerSide,
): TransposedPadding {
  const surplus = transposedExtent(input, { ...axis, padBegin: 0, padEnd: 0 }, outputPadding) - target;
  const { begin, end } = splitPadding(Math.max(0, surplus), larger);
  return { padBegin: begin, padEnd: end, outputPadding: outputPadding + Math.max(0, -surplus) };
}

/** Taps of one window along one axis that lie inside the input. */
export interface TapRange {
  /** Input position of tap 0; negative in the front padding. */
  readonly start: number;
  /** First tap inside the input. */
  readonly from: number;
  /** One past the last tap inside the input; equals `from` when none is. */
  readonly to: number;
}

/**
 * Taps inside the input of the window at output position `output`: those with
 * `0 <= output * stride - padBegin + tap * dilation < input`.
 */
export function tapRange(input: number, axis: WindowAxis, output: number): TapRange {
  const { kernel, stride, dilation, padBegin } = axis;
  const start = output * stride - padBegin;
  const from = Math.min(kernel, Math.max(0, Math.ceil(-start / dilation)));
  const to = Math.min(kernel, Math.ceil((input - start) / dilation));
  return { start, from, to: Math.max(from, to) };
}

/**
 * Taps of the window at `output` that lie inside the input and its explicit padding: what AveragePool divides by
 * with count_include_pad. Taps that `ceilMode` lets stand out behind the padding do not count (PyTorch, ONNX Runtime).
 */
export function paddedTapCount(input: number, axis: WindowAxis, output: number): number {
  const padded = axis.padBegin + input + axis.padEnd;
  const { from, to } = tapRange(padded, { ...axis, padBegin: 0 }, output);
  return to - from;
}

/** One position of a window over several axes. Offsets are row-major over the spatial axes. */
export interface PlacedWindow {
  /** Offset of the output element. */
  readonly output: number;
  /** Output position along each axis. */
  readonly position: readonly number[];
  /** Offsets of the input elements under the taps inside the input, in row-major order of taps. */
  readonly input: readonly number[];
  /** Offsets of the same taps in the kernel. */
  readonly kernel: readonly number[];
}

/**
 * Every position of a window, in row-major order of the output: for references, not for speed. `position` is one array,
 * changed between positions.
 */
export function* placedWindows(input: Dims, window: Window, output: Dims): Generator<PlacedWindow> {
  const axes = input.map((_, axis) => windowAxis(window, axis));
  const position = output.map(() => 0);
  const count = output.reduce((product, dim) => product * dim, 1);
  for (let flat = 0; flat < count; flat++) {
    yield { output: flat, position, ...tapsAt(input, axes, position) };
    for (let axis = position.length - 1; axis >= 0 && ++position[axis] === output[axis]; axis--)
      position[axis] = 0;
  }
}

function tapsAt(
  dims: Dims,
  axes: readonly WindowAxis[],
  position: readonly number[],
): { input: number[]; kernel: number[] } {
  let input = [0];
  let kernel = [0];
  for (const [i, axis] of axes.entries()) {
    const { start, from, to } = tapRange(dims[i], axis, position[i]);
    const nextInput: number[] = [];
    const nextKernel: number[] = [];
    for (let outer = 0; outer < input.length; outer++) {
      for (let tap = from; tap < to; tap++) {
        nextInput.push(input[outer] * dims[i] + start + tap * axis.dilation);
        nextKernel.push(kernel[outer] * axis.kernel + tap);
      }
    }
    input = nextInput;
    kernel = nextKernel;
  }
  return { input, kernel };
}
