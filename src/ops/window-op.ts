/** What all ops with a sliding window share: how the window moves. */
import { Op, type AttributeValue } from './op.js';
import { windowSteps, type WindowStepOptions, type WindowSteps } from './window.js';

/** An op whose window moves over the spatial axes of [N, C, D1, ..., Dk]. */
export abstract class WindowOp extends Op implements WindowSteps {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];

  /**
   * @param rank number of spatial axes
   * @throws ShapeError for lists of another length, strides or dilations below 1, negative pads
   */
  constructor(rank: number, options: WindowStepOptions) {
    super();
    const { strides, dilations, padsBegin, padsEnd } = windowSteps(rank, options);
    this.strides = strides;
    this.dilations = dilations;
    this.padsBegin = padsBegin;
    this.padsEnd = padsEnd;
  }

  /** The steps alone. */
  get steps(): WindowSteps {
    const { strides, dilations, padsBegin, padsEnd } = this;
    return { strides, dilations, padsBegin, padsEnd };
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    const { strides, dilations, padsBegin, padsEnd } = this;
    return { strides, pads: [...padsBegin, ...padsEnd], dilations };
  }
}
