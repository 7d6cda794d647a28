/** Convolutions by cuDNN: problems as the data that its descriptors are made of. */
import { type ConvCall, type LibraryActivation, type LibraryType } from '../../devices/cuda/library-calls.js';
import type { LibraryKernel } from '../../devices/gpu.js';
import type { UnaryFunction } from '../../ops/unary.js';
import { permutedLayout, sizeOf, type Layout } from '../../tensor/index.js';
import { channelsInnermost, type ConvProblem, type ConvRole } from '../conv/problem.js';
import { isDense, viewStrides, type TensorView } from '../view.js';
import { libraryKernel, libraryType, type LibraryNumbers } from './frame.js';

export interface LibraryConvConfig extends LibraryNumbers {
  readonly id: string;
  readonly problem: ConvProblem;
  /** By cuDNN's own order, from 0. */
  readonly algorithm: number;
}

/** A call, and what each of its bindings stands for. */
export interface LibraryConvKernel {
  readonly source: LibraryKernel;
  readonly roles: readonly ConvRole[];
}

/** The layout of weights [M, C / group, K...] that cuDNN wants: channels where x has them. */
export function libraryWeightLayout(rank: number, channelsLast: boolean): Layout {
  const spatial = Array.from({ length: rank - 2 }, (_, i) => i + 2);
  const name = ['W', 'HW', 'DHW'][rank - 3] ?? 'S';
  return channelsLast
    ? permutedLayout(`O${name}I`, [0, ...spatial, 1])
    : permutedLayout(`OI${name}`, [0, 1, ...spatial]);
}

/** Why cuDNN is not asked, or undefined. */
export function libraryConvRefusal(problem: ConvProblem, numbers: LibraryNumbers): string | undefined {
  const { geometry, x, w, bias, residual, y, activation } = problem;
  const views = [x, w, y, ...(bias ? [bias] : []), ...(residual ? [residual] : [])];
  if (views.some(({ type }) => type !== y.type)) return 'the tensors are of several types';
  if (!libraryType(y.type, numbers)) return `${y.type} is not for convolutions in cuDNN`;
  if (geometry.transposed) return 'it is for convolutions that are not transposed';
  if (sizeOf(x.dims) * sizeOf(y.dims) === 0) return 'the input is empty';
  if (views.some(({ layout }) => layout.block)) return 'channels are in blocks';
  if (views.some((view) => !isDense(view))) return 'a tensor is a part of a larger one';
  if (!activationOf(activation)) return `cuDNN has no ${activation?.name} with these parameters`;
  const lone = channelsInnermost(y) ? undefined : loneEnding(problem);
  if (lone !== undefined) return `cuDNN has no engine for ${lone} where channels are not innermost`;
  const { begin, end } = pads(problem);
  if (begin.some((count, axis) => count !== end[axis]))
    return 'the padding before the input and behind it differ';
  return undefined;
}

/**
 * What cuDNN neither fuses with a convolution in NCHW nor computes by itself: version 9.19 has no engine for graphs of these
 * alone, tried on an H200 in f32, tf32 and f16. In NHWC it has.
 */
function loneEnding({ bias, residual, activation }: ConvProblem): string | undefined {
  if (residual && !bias) return 'a residual without a bias';
  return activation && ['Gelu', 'LeakyRelu'].includes(activation.name) ? activation.name : undefined;
}

/** @throws TypeError for a problem that is refused */
export function libraryConvKernel(config: LibraryConvConfig): LibraryConvKernel {
  const { id, problem, algorithm } = config;
  const { bias, residual, y, flops, bytes } = problem;
  const [type, activation] = [libraryType(y.type, config), activationOf(problem.activation)];
  if (!type || !activation) throw new TypeError(`cuDNN does not compute ${id}`);
  const roles: ConvRole[] = ['x', 'w', ...optional(bias, 'bias'), ...optional(residual, 'residual'), 'y'];
  const parameters = parametersOf(problem, type, activation, algorithm);
  const source = libraryKernel({
    id,
    call: { library: 'cudnn', operation: 'conv', parameters },
    bindings: roles,
    outputs: sizeOf(y.dims),
    flops,
    bytes,
  });
  return { source, roles };
}

function optional(view: TensorView | undefined, role: ConvRole): ConvRole[] {
  return view ? [role] : [];
}

function parametersOf(
  problem: ConvProblem,
  type: LibraryType,
  { name, parameters }: Activation,
  algorithm: number,
): ConvCall {
  const { geometry, x, w, bias, residual, y } = problem;
  const { begin, end } = pads(problem);
  const [xPlace, wPlace, yPlace] = [placeOf(x), placeOf(w), placeOf(y)];
  return {
    algorithm,
    type,
    xDims: xPlace.dims,
    xStrides: xPlace.strides,
    wDims: wPlace.dims,
    wStrides: wPlace.strides,
    yDims: yPlace.dims,
    yStrides: yPlace.strides,
    strides: spatial(geometry.strides, y),
    dilations: spatial(geometry.dilations, y),
    padsBegin: begin,
    padsEnd: end,
    bias: bias !== undefined,
    residual: residual !== undefined,
    activation: name,
    activationParameters: parameters,
  };
}

/** Spatial axes that cuDNN is told of: two at least. */
function spatialAxes({ dims }: TensorView): number {
  return Math.max(2, dims.length - 2);
}

function spatial(triple: readonly number[], y: TensorView): number[] {
  return triple.slice(-spatialAxes(y));
}

/** Dims and strides, with a height of 1 in front of a lone spatial axis. */
function placeOf(view: TensorView): { readonly dims: number[]; readonly strides: number[] } {
  const { dims } = view;
  const strides = viewStrides(view);
  if (dims.length !== 3) return { dims: [...dims], strides };
  const [n, c, width] = dims;
  // A step that is never taken: that of a whole row, which is what dense tensors have there.
  const row = width * strides[2];
  return { dims: [n, c, 1, width], strides: [strides[0], strides[1], row, strides[2]] };
}

/**
 * Padding along the axes. Behind the input it is as before, wherever the output is the same: most of cuDNN's engines
 * take no other, and ONNX's padding behind may be less or more than windows use.
 */
function pads({ geometry, y }: ConvProblem): { readonly begin: number[]; readonly end: number[] } {
  const { input, output, kernel, strides, dilations, padsBegin } = geometry;
  const end = padsBegin.map((begin, axis) => {
    const extent = (kernel[axis] - 1) * dilations[axis] + 1;
    const positions = Math.floor((input[axis] + 2 * begin - extent) / strides[axis]) + 1;
    if (positions === output[axis]) return begin;
    return Math.max(0, (output[axis] - 1) * strides[axis] + extent - input[axis] - begin);
  });
  return { begin: spatial(padsBegin, y), end: spatial(end, y) };
}

interface Activation {
  readonly name: LibraryActivation;
  readonly parameters: readonly number[];
}

/** The largest number of f32: what cuDNN takes for "no upper bound". */
const NO_BOUND = 3.4028234663852886e38;

/** A function as cuDNN has it; undefined for one that it has not. */
function activationOf(fn: UnaryFunction | undefined): Activation | undefined {
  if (!fn) return { name: 'none', parameters: [] };
  const { alpha, min, max, approximate } = { ...fn.parameters };
  switch (fn.name) {
    case 'Relu':
      return { name: 'relu', parameters: [] };
    case 'Clip':
      return typeof min === 'number' && typeof max === 'number' && Number.isFinite(min) && min <= max
        ? { name: 'clip', parameters: [min, 0, Math.min(max, NO_BOUND)] }
        : undefined;
    case 'LeakyRelu':
      return typeof alpha === 'number' ? { name: 'clip', parameters: [0, alpha, NO_BOUND] } : undefined;
    case 'Sigmoid':
      return { name: 'sigmoid', parameters: [] };
    case 'Tanh':
      return { name: 'tanh', parameters: [] };
    case 'Elu':
      return typeof alpha === 'number' ? { name: 'elu', parameters: [alpha] } : undefined;
    case 'Swish':
      return typeof alpha === 'number' ? { name: 'swish', parameters: [alpha] } : undefined;
    case 'Gelu':
      return { name: approximate === 'tanh' ? 'gelu-tanh' : 'gelu', parameters: [] };
    default:
      return undefined;
  }
}
