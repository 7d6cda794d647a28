import { idealBytes, viewSize } from '../view.js';
import { alias, bindings, constants, foldedGrid, kernelText, layoutTag, WORKGROUP } from '../wgsl.js';
import { unaryWgsl } from './functions.js';
const SCALAR_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  y[i] = Out(f(f32(x[i])));
}
`;
const VECTOR_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let v = vec4<f32>(x[i]);
  y[i] = Out(vec4<f32>(f(v.x), f(v.y), f(v.z), f(v.w)));
}
`;
export function unaryKernel({ fn, x, y, maxGrid }) {
    const size = viewSize(y);
    const unit = size % 4 === 0 ? 4 : 1;
    const count = size / unit;
    const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), maxGrid);
    const element = (type) => (unit === 4 ? `vec4<${type}>` : type);
    const list = [
        { name: 'x', access: 'read', element: element(x.type) },
        { name: 'y', access: 'read_write', element: 'Out' },
    ];
    return {
        id: `${fn.name.toLowerCase()}_${layoutTag(y.layout)}_v${unit}_${y.type}`,
        wgsl: kernelText([x.type, y.type], [
            constants({ WORKGROUP, COUNT: count, GRID_X: gridX }),
            alias('Out', element(y.type)),
            bindings(list),
            unaryWgsl('f', fn),
        ], unit === 4 ? VECTOR_BODY : SCALAR_BODY),
        bindings: list.map(({ name, access }) => ({ name, access })),
        workgroup: [WORKGROUP, 1, 1],
        grid,
        features: [x.type, y.type].includes('f16') ? ['f16'] : [],
        workgroupBytes: 0,
        flops: (fn.flops ?? 1) * size,
        bytes: idealBytes(x) + idealBytes(y),
    };
}
//# sourceMappingURL=unary.js.map