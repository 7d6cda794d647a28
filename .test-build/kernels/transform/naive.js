import { physicalSize } from '../../tensor/index.js';
import { idealBytes } from '../view.js';
import { alias, atFunction, bindings, constants, coordsFunction, foldedGrid, kernelText, layoutTag, WORKGROUP, } from '../wgsl.js';
const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let p = y_coords(i);
  if (PADDED && p[BLOCK_AXIS] >= BLOCK_EXTENT) {
    y[y_at(p)] = Out(0);
    return;
  }
  y[y_at(p)] = Out(x[x_at(p)]);
}
`;
/** Copies x to y, element by element. */
export function naiveTransformKernel({ x, y, maxGrid }) {
    const count = physicalSize(y.layout, y.dims);
    const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), maxGrid);
    const { block } = y.layout;
    const list = [
        { name: 'x', access: 'read', element: x.type },
        { name: 'y', access: 'read_write', element: 'Out' },
    ];
    return {
        id: `transform_${layoutTag(x.layout)}_${layoutTag(y.layout)}_naive_${x.type}_${y.type}`,
        wgsl: kernelText([x.type, y.type], [
            constants({
                WORKGROUP,
                COUNT: count,
                GRID_X: gridX,
                PADDED: block !== undefined && y.dims[block.axis] % block.size !== 0,
                BLOCK_AXIS: block?.axis ?? 0,
                BLOCK_EXTENT: block ? y.dims[block.axis] : 0,
            }),
            alias('Out', y.type),
            bindings(list),
            atFunction('x', x),
            coordsFunction('y', y),
            atFunction('y', y),
        ], BODY),
        bindings: list.map(({ name, access }) => ({ name, access })),
        workgroup: [WORKGROUP, 1, 1],
        grid,
        features: [x.type, y.type].includes('f16') ? ['f16'] : [],
        workgroupBytes: 0,
        flops: 0,
        bytes: idealBytes(x) + idealBytes(y),
    };
}
//# sourceMappingURL=naive.js.map