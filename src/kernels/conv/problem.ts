/** A convolution node as its kernels take it: geometry, views, and what is fused behind it. */
import type { GpuType, WgslKernel } from '../../devices/gpu.js';
import type { UnaryFunction } from '../../ops/unary.js';
import type { TensorView } from '../view.js';
import { flattenedGeometry, flattenedView, isPointwise, liftedView, type ConvGeometry } from './geometry.js';

/** y = activation(conv(x, w) + bias + residual). */
export interface ConvProblem {
  readonly geometry: ConvGeometry;
  readonly x: TensorView;
  /** Its layout is the kernel's business: [tap, channel, output channel] (`weightLayout`) where nothing else is said. */
  readonly w: TensorView;
  readonly bias?: TensorView | undefined;
  /** Of y's dims and layout. */
  readonly residual?: TensorView | undefined;
  readonly y: TensorView;
  readonly activation?: UnaryFunction | undefined;
  /** The op's own figures. */
  readonly flops: number;
  readonly bytes: number;
}

/** What a kernel's binding stands for. */
export type ConvRole = 'x' | 'w' | 'bias' | 'residual' | 'y' | 'partial';

/** A kernel, and what each of its bindings stands for. */
export interface ConvKernel<Role extends string = ConvRole> {
  readonly source: WgslKernel;
  readonly roles: readonly Role[];
}

/** The problem with views of five axes; of a pointwise convolution the spatial ones are merged where they can be. */
export function liftedProblem(problem: ConvProblem): ConvProblem {
  const lifted = {
    ...problem,
    x: liftedView(problem.x),
    y: liftedView(problem.y),
    residual: problem.residual && liftedView(problem.residual),
  };
  if (!isPointwise(problem.geometry)) return lifted;
  const [x, y] = [flattenedView(lifted.x), flattenedView(lifted.y)];
  const residual = lifted.residual && flattenedView(lifted.residual);
  if (!x || !y || (lifted.residual && !residual)) return lifted;
  return { ...lifted, geometry: flattenedGeometry(problem.geometry), x, y, residual };
}

/** Element types of a problem's tensors, for `enable f16`. */
export function typesOf({ x, w, bias, residual, y }: ConvProblem): GpuType[] {
  return [x, w, bias, residual, y].flatMap((view) => (view ? [view.type] : []));
}

/** Whether channels lie innermost, one by one or in blocks. */
export function channelsInnermost({ layout }: TensorView): boolean {
  return layout.block ? layout.block.axis === 1 : layout.order.at(-1) === 1;
}
