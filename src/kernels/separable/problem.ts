/**
 * Depthwise separable convolution as one kernel: a pointwise convolution of what a depthwise one makes (Howard et al.,
 * MobileNets, arXiv 1704.04861). What lies between the two is as large as the input, or several times the output, and never
 * goes to memory: whoever multiplies an element makes it, from its window. That costs a window's multiply-adds again for every
 * tile of output channels, few beside the products.
 */
import type { UnaryFunction } from '../../ops/unary.js';
import { liftedView, product, type ConvGeometry } from '../conv/geometry.js';
import type { ConvProblem } from '../conv/problem.js';
import { storeRefusal } from '../conv/store.js';
import type { TensorView } from '../view.js';

/** The depthwise convolution: middle = activation(conv(x, w) + bias). */
export interface SeparableWindow {
  readonly geometry: ConvGeometry;
  /** In `weightLayout`: of every tap all channels. */
  readonly w: TensorView;
  readonly bias?: TensorView | undefined;
  readonly activation?: UnaryFunction | undefined;
}

/**
 * y = activation(pointwise(middle, w) + bias + residual). The geometry is the pointwise convolution's, on planes of the size
 * of y; x is the depthwise one's input.
 */
export interface SeparableProblem extends ConvProblem {
  readonly window: SeparableWindow;
}

/** Taps of the largest window that is written out. */
const MOST_TAPS = 25;

/** With views of five axes. Spatial axes stay apart: windows need to know where they are. */
export function liftedSeparable(problem: SeparableProblem): SeparableProblem {
  return {
    ...problem,
    x: liftedView(problem.x),
    y: liftedView(problem.y),
    residual: problem.residual && liftedView(problem.residual),
  };
}

/** Taps of the window. */
export function tapsOf({ geometry }: SeparableWindow): number {
  return product(geometry.kernel);
}

/** Why no kernel applies, or undefined. */
export function separableRefusal(problem: SeparableProblem): string | undefined {
  const { geometry, x, window } = problem;
  const { input, output, kernel } = window.geometry;
  if (product(x.dims) * geometry.outChannels === 0) return 'the input is empty';
  if (input[0] * output[0] * kernel[0] > 1) return 'there are three spatial axes';
  if (tapsOf(window) > MOST_TAPS) return `the window has more than ${MOST_TAPS} taps`;
  return storeRefusal(problem);
}
