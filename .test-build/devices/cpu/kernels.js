import { convKernel } from './conv-kernel.js';
import { gemmKernel, matmulKernel } from './product-kernels.js';
const reference = {
    id: 'reference_f64',
    accepts: () => true,
    run: (node, inputs) => node.op.reference(inputs),
};
const CANDIDATES = [convKernel, gemmKernel, matmulKernel];
/** The first kernel that accepts the node. */
export function kernelFor(node) {
    return CANDIDATES.find((kernel) => kernel.accepts(node)) ?? reference;
}
//# sourceMappingURL=kernels.js.map