/** What max, average and Lp pooling share. */
import { sizeOf, type Dims, type TensorType } from '../tensor/index.js';
import { expectRank, typeAt, type AttributeValue, type InputTypes } from './op.js';
import { WindowOp } from './window-op.js';
import {
  checkPerAxis,
  outputDims,
  placedWindows,
  type PlacedWindow,
  type Window,
  type WindowStepOptions,
} from './window.js';

/** Attributes of all poolings. The kernel tells how many spatial axes there are. */
export interface PoolOptions extends WindowStepOptions {
  readonly kernel: readonly number[];
  /** Whether a last window may stand out behind the padding; see `outputExtent`. Off when left out. */
  readonly ceilMode?: boolean;
}

/** An op that makes one number of every window of every channel. Input x: [N, C, D...]; output y: [N, C, O...]. */
export abstract class Pool extends WindowOp implements Window {
  readonly kernel: readonly number[];
  readonly ceilMode: boolean;

  /** @throws ShapeError for lists of different lengths, zero kernels, strides or dilations, negative pads */
  constructor(options: PoolOptions) {
    const rank = options.kernel.length;
    super(rank, options);
    this.kernel = checkPerAxis(options.kernel, 'kernel', rank, 1);
    this.ceilMode = options.ceilMode ?? false;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { kernel: this.kernel, ...super.attributes, ceilMode: this.ceilMode };
  }

  override flops(_inputs: InputTypes, [y]: readonly TensorType[]): number {
    return sizeOf(y.dims) * sizeOf(this.kernel);
  }

  /** Type of x and of y. @throws ShapeError when they do not fit the window */
  protected types(inputs: InputTypes): { x: TensorType; y: TensorType } {
    const x = typeAt(inputs, 0, 'x');
    expectRank(x, 'x', this.kernel.length + 2);
    return { x, y: { dtype: x.dtype, dims: this.outputDims(x.dims) } };
  }

  protected outputDims([batch, channels, ...spatial]: Dims): number[] {
    return [batch, channels, ...outputDims(spatial, this, this.ceilMode)];
  }

  /**
   * Calls `visit` for every window of every plane [n, c].
   * @param xDims dims of the input
   * @param yDims dims of the output
   */
  protected forEachWindow(
    xDims: Dims,
    yDims: Dims,
    visit: (window: PlacedWindow, xOffset: number, yOffset: number) => void,
  ): void {
    const [batch, channels, ...input] = xDims;
    const output = yDims.slice(2);
    const [xPlane, yPlane] = [sizeOf(input), sizeOf(output)];
    for (const placed of placedWindows(input, this, output)) {
      for (let plane = 0; plane < batch * channels; plane++) {
        visit(placed, plane * xPlane, plane * yPlane + placed.output);
      }
    }
  }
}
