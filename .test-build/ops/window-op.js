/** What all ops with a sliding window share: how the window moves. */
import { Op } from './op.js';
import { windowSteps } from './window.js';
/** An op whose window moves over the spatial axes of [N, C, D1, ..., Dk]. */
export class WindowOp extends Op {
    strides;
    dilations;
    padsBegin;
    padsEnd;
    /**
     * @param rank number of spatial axes
     * @throws ShapeError for lists of another length, strides or dilations below 1, negative pads
     */
    constructor(rank, options) {
        super();
        const { strides, dilations, padsBegin, padsEnd } = windowSteps(rank, options);
        this.strides = strides;
        this.dilations = dilations;
        this.padsBegin = padsBegin;
        this.padsEnd = padsEnd;
    }
    /** The steps alone. */
    get steps() {
        const { strides, dilations, padsBegin, padsEnd } = this;
        return { strides, dilations, padsBegin, padsEnd };
    }
    get attributes() {
        const { strides, dilations, padsBegin, padsEnd } = this;
        return { strides, pads: [...padsBegin, ...padsEnd], dilations };
    }
}
//# sourceMappingURL=window-op.js.map