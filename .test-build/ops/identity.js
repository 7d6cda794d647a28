import { Op, tensorAt, typeAt } from './op.js';
/** y = x. */
export class Identity extends Op {
    type = 'Identity';
    infer(inputs) {
        return [typeAt(inputs, 0, 'input')];
    }
    /** None: the output can be the input's memory. */
    bytes() {
        return 0;
    }
    reference(inputs) {
        return [tensorAt(inputs, 0, 'input')];
    }
}
//# sourceMappingURL=identity.js.map