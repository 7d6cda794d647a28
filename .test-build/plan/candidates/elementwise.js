/** Candidates of element-wise ops: one pass over memory, in whatever layout the neighbours like. */
import { unaryKernel } from '../../kernels/elementwise/unary.js';
import { Unary } from '../../ops/unary.js';
import { LAYOUT_KINDS, layoutOf } from '../../tensor/index.js';
import { entry, gpuTypeOf } from '../candidate.js';
const unary = ({ fn }, { outputs: [y] }, context) => {
    gpuTypeOf(y.dtype, context.storage);
    return LAYOUT_KINDS.map((kind) => {
        const layout = layoutOf(kind, y.dims.length);
        return {
            id: `${fn.name.toLowerCase()}_${layout.name.toLowerCase()}`,
            inputs: [layout],
            outputs: [layout],
            workspace: [],
            inPlace: 0,
            build: ({ inputs: [x], outputs: [out] }) => {
                if (!x)
                    throw new TypeError('a unary op has one input');
                return [
                    {
                        source: unaryKernel({ fn, x, y: out, maxGrid: context.limits.maxGrid }),
                        operands: [
                            { kind: 'input', index: 0 },
                            { kind: 'output', index: 0 },
                        ],
                    },
                ];
            },
        };
    });
};
export const elementwise = [entry(Unary, unary)];
//# sourceMappingURL=elementwise.js.map