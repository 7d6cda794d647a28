/** One element of y per invocation, any strides and element type: always valid, and how integers are multiplied. */
import { unaryWgsl } from '../elementwise/functions.js';
import { alias, bindings, constants, floatLiteral, foldedGrid, kernelText, WORKGROUP } from '../wgsl.js';
import { batchFunction, batchesOf } from './problem.js';
const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let minor = i % MINOR;
  let major = i / MINOR % MAJOR;
  let row = select(major, minor, ROWS_MINOR);
  let col = select(minor, major, ROWS_MINOR);
  let batch = i / (MINOR * MAJOR);
  var a_at = a_batch(batch) + row * A_ROW;
  var b_at = b_batch(batch) + col * B_COL;
  var sum = Sum();
  for (var k = 0u; k < DEPTH; k++) {
    sum += Sum(a[a_at]) * Sum(b[b_at]);
    a_at += A_COL;
    b_at += B_ROW;
  }
  y[y_batch(batch) + row * Y_ROW + col * Y_COL] = Out(finish(ALPHA * sum + addend(batch, row, col)));
}
`;
export function naiveGemmKernel({ id, problem, maxGrid }) {
    const { a, b, c, y, rows, cols, depth, batch } = problem;
    const sum = a.type === 'i32' || a.type === 'u32' ? a.type : 'f32';
    const number = (value) => sum === 'f32' ? floatLiteral(value) : sum === 'u32' ? `${value >>> 0}u` : `i32(${value})`;
    const count = batchesOf(problem) * rows * cols;
    const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), maxGrid);
    const rowsMinor = y.rowStride === 1 && y.colStride !== 1;
    const list = [
        { name: 'a', access: 'read', element: a.type },
        { name: 'b', access: 'read', element: b.type },
        ...(c ? [{ name: 'c', access: 'read', element: c.type }] : []),
        { name: 'y', access: 'read_write', element: 'Out' },
    ];
    const addend = c
        ? `${number(problem.beta)} * Sum(c[c_batch(batch) + row * ${c.rowStride}u + col * ${c.colStride}u])`
        : 'Sum()';
    const types = [a.type, b.type, ...(c ? [c.type] : []), y.type];
    return {
        source: {
            id,
            wgsl: kernelText(types, [
                constants({
                    WORKGROUP,
                    GRID_X: gridX,
                    COUNT: count,
                    DEPTH: depth,
                    MINOR: Math.max(1, rowsMinor ? rows : cols),
                    MAJOR: Math.max(1, rowsMinor ? cols : rows),
                    ROWS_MINOR: rowsMinor,
                    A_ROW: a.rowStride,
                    A_COL: a.colStride,
                    B_ROW: b.rowStride,
                    B_COL: b.colStride,
                    Y_ROW: y.rowStride,
                    Y_COL: y.colStride,
                }),
                `const ALPHA = ${number(problem.alpha)};\n`,
                alias('Out', y.type),
                alias('Sum', sum),
                bindings(list),
                batchFunction('a_batch', a, batch),
                batchFunction('b_batch', b, batch),
                batchFunction('y_batch', y, batch),
                c ? batchFunction('c_batch', c, batch) : '',
                `fn addend(batch: u32, row: u32, col: u32) -> Sum { return ${addend}; }\n`,
                sum === 'f32'
                    ? unaryWgsl('finish', problem.activation)
                    : 'fn finish(x: Sum) -> Sum { return x; }\n',
            ], BODY),
            bindings: list.map(({ name, access }) => ({ name, access })),
            workgroup: [WORKGROUP, 1, 1],
            grid,
            features: types.includes('f16') ? ['f16'] : [],
            workgroupBytes: 0,
            flops: problem.flops,
            bytes: problem.bytes,
        },
        roles: c ? ['a', 'b', 'c', 'y'] : ['a', 'b', 'y'],
    };
}
//# sourceMappingURL=naive.js.map