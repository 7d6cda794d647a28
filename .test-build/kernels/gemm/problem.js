import { sizeOf } from '../../tensor/index.js';
/** Turns the problem so that the columns of y are contiguous, if either is. */
export function oriented(problem) {
    const { a, b, c, y } = problem;
    if (y.colStride === 1 || y.rowStride !== 1 || problem.cols === 1)
        return { problem, swapped: false };
    const turned = (operand) => ({
        ...operand,
        rowStride: operand.colStride,
        colStride: operand.rowStride,
    });
    return {
        problem: {
            ...problem,
            rows: problem.cols,
            cols: problem.rows,
            a: turned(b),
            b: turned(a),
            c: c && turned(c),
            y: turned(y),
        },
        swapped: true,
    };
}
/** Bindings' roles after `oriented`. */
export function rolesOf(swapped, ...roles) {
    return roles.map((role) => (swapped && role === 'a' ? 'b' : swapped && role === 'b' ? 'a' : role));
}
/** Matrices of a batch. */
export function batchesOf(problem) {
    return sizeOf(problem.batch);
}
/** `fn NAME(batch: u32) -> u32`: offset of an operand's matrix. */
export function batchFunction(name, operand, batch) {
    const terms = operand.offset > 0 ? [`${operand.offset}u`] : [];
    let inner = 1;
    for (let axis = batch.length - 1; axis >= 0; axis--) {
        if (operand.batchStrides[axis] > 0 && batch[axis] > 1) {
            const index = axis === 0 ? `batch / ${inner}u` : `batch / ${inner}u % ${batch[axis]}u`;
            terms.push(`${index} * ${operand.batchStrides[axis]}u`);
        }
        inner *= batch[axis];
    }
    return `fn ${name}(batch: u32) -> u32 { return ${terms.length > 0 ? terms.join(' + ') : '0u'}; }\n`;
}
/** Whether vec4 loads along columns (or rows) are aligned: stride 1 there, everything else divisible by 4. */
export function vectorAlong(along, operand, extents) {
    const [near, far] = along === 'cols' ? [operand.colStride, operand.rowStride] : [operand.rowStride, operand.colStride];
    const whole = [extents[along], far, operand.offset, ...operand.batchStrides];
    return near === 1 && whole.every((count) => count % 4 === 0);
}
//# sourceMappingURL=problem.js.map