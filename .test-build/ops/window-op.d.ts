/** What all ops with a sliding window share: how the window moves. */
import { Op, type AttributeValue } from './op.js';
import { type WindowStepOptions, type WindowSteps } from './window.js';
/** An op whose window moves over the spatial axes of [N, C, D1, ..., Dk]. */
export declare abstract class WindowOp extends Op implements WindowSteps {
    readonly strides: readonly number[];
    readonly dilations: readonly number[];
    readonly padsBegin: readonly number[];
    readonly padsEnd: readonly number[];
    /**
     * @param rank number of spatial axes
     * @throws ShapeError for lists of another length, strides or dilations below 1, negative pads
     */
    constructor(rank: number, options: WindowStepOptions);
    /** The steps alone. */
    get steps(): WindowSteps;
    get attributes(): Readonly<Record<string, AttributeValue>>;
}
