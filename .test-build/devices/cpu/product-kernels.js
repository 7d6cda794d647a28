import { Gemm } from '../../ops/gemm.js';
import { MatMul } from '../../ops/matmul.js';
import { matmulShape } from '../../ops/matrix-product.js';
import { tensorAt } from '../../ops/op.js';
import { Tensor, sizeOf, walk } from '../../tensor/index.js';
import { activateRest, kernelActivation } from './activation.js';
import { gemm } from './fast/index.js';
import { allF32 } from './kernel.js';
export const gemmKernel = {
    id: 'gemm_blocked_f32',
    accepts: (node) => node.op instanceof Gemm && allF32(node) && (!node.inputs[2] || node.op.beta === 0 || node.op.beta === 1),
    run: (node, inputs) => {
        const { op } = node;
        if (!(op instanceof Gemm))
            throw new TypeError(`${node.label} is no Gemm`);
        const a = tensorAt(inputs, 0, 'a');
        const b = tensorAt(inputs, 1, 'b');
        const { m, n, k } = op.shape(a, b);
        const y = new Tensor('f32', [m, n]);
        const c = op.beta === 0 ? undefined : inputs[2];
        gemm({
            m,
            n,
            k,
            a: a.toFloat32(),
            b: b.toFloat32(),
            out: y.data,
            transposeA: op.transA,
            transposeB: op.transB,
            alpha: op.alpha,
            ...(c && { bias: biasOf(c, m, n) }),
            ...kernelActivation(op.activation),
        });
        activateRest(y.data, op.activation);
        return [y];
    },
};
/** How c, which broadcasts to [m, n], is shared by the elements of the result. */
function biasOf(c, m, n) {
    const data = c.toFloat32();
    const [rows, columns] = [c.dims.length < 2 ? 1 : c.dims[0], c.dims.at(-1) ?? 1];
    if (rows === m && columns === n)
        return { kind: 'full', data };
    if (columns === n && n > 1)
        return { kind: 'column', data };
    if (rows === m && m > 1)
        return { kind: 'row', data };
    return { kind: 'scalar', value: data[0] };
}
export const matmulKernel = {
    id: 'matmul_blocked_f32',
    accepts: (node) => node.op instanceof MatMul && allF32(node),
    run: (node, inputs) => {
        const { op } = node;
        if (!(op instanceof MatMul))
            throw new TypeError(`${node.label} is no MatMul`);
        const a = tensorAt(inputs, 0, 'a');
        const b = tensorAt(inputs, 1, 'b');
        const y = new Tensor('f32', node.outputs[0].type.dims);
        multiplyBatch(a.toFloat32(), a.dims, b.toFloat32(), b.dims, y.data, op);
        activateRest(y.data, op.activation);
        return [y];
    },
};
function multiplyBatch(a, aDims, b, bDims, out, { activation }) {
    const { m, n, k, batch, aBatchStrides, bBatchStrides } = matmulShape(aDims, bDims);
    if (sizeOf(batch) === 0)
        return;
    walk(batch, [aBatchStrides, bBatchStrides], ([aOffset, bOffset], i) => {
        gemm({
            m,
            n,
            k,
            a: a.subarray(aOffset, aOffset + m * k),
            b: b.subarray(bOffset, bOffset + k * n),
            out: out.subarray(i * m * n, (i + 1) * m * n),
            ...kernelActivation(activation),
        });
    });
}
//# sourceMappingURL=product-kernels.js.map