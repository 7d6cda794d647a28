/**
 * Caffe's softmax as the paper found it (section V.B): a copy, then maximum, subtract, exp, sum and divide as a
 * launch each, with one invocation per row in maximum and sum. Everything between goes through memory. A baseline
 * to measure against, never a choice.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { flatSegments, placementOf, segmentsExpression, segmentsOf } from '../reduce/row-space.js';
import { idealBytes } from '../view.js';
import { alias, bindings, constants, foldedGrid, kernelText, WORKGROUP } from '../wgsl.js';
import { LOWEST, softmaxId, softmaxSpace, type SoftmaxConfig } from './config.js';

/** Copies x to y. */
const COPY_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  y[i] = Out(x[i]);
}
`;

/** rows[k] = maximum of a row of y. */
const MAX_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let k = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (k >= COUNT) { return; }
  let origin = place(k);
  var top = LOWEST;
  for (var r = 0u; r < ROW; r++) { top = max(top, f32(y[origin + step(r)])); }
  rows[k] = top;
}
`;

/** y -= rows[k]. */
const SUBTRACT_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  y[i] = Out(f32(y[i]) - rows[row_of(i)]);
}
`;

/** y = exp(y). */
const EXP_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  y[i] = Out(exp(f32(y[i])));
}
`;

/** rows[k] = sum of a row of y. */
const SUM_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let k = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (k >= COUNT) { return; }
  let origin = place(k);
  var sum = 0.0;
  for (var r = 0u; r < ROW; r++) { sum += f32(y[origin + step(r)]); }
  rows[k] = sum;
}
`;

/** y /= rows[k]. */
const DIVIDE_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  y[i] = Out(f32(y[i]) / rows[row_of(i)]);
}
`;

/** The launches in order; the last operand is written. `perRow` marks those with one invocation per row. */
const STAGES = [
  { name: 'copy', body: COPY_BODY, operands: ['x', 'y'], perRow: false },
  { name: 'max', body: MAX_BODY, operands: ['y', 'rows'], perRow: true },
  { name: 'subtract', body: SUBTRACT_BODY, operands: ['rows', 'y'], perRow: false },
  { name: 'exp', body: EXP_BODY, operands: ['y'], perRow: false },
  { name: 'sum', body: SUM_BODY, operands: ['y', 'rows'], perRow: true },
  { name: 'divide', body: DIVIDE_BODY, operands: ['rows', 'y'], perRow: false },
] as const;

export interface CaffeLaunch {
  readonly source: WgslKernel;
  /** What each binding is: x, y, or the scratch buffer with a number per row. */
  readonly operands: readonly ('x' | 'y' | 'rows')[];
}

/** The six launches, for dense row-major x and y, without a logarithm. */
export function caffeSoftmax(config: SoftmaxConfig): readonly CaffeLaunch[] {
  const { x, y, axes, maxGrid } = config;
  const space = softmaxSpace(x, axes);
  const placement = placementOf(x);
  const place = segmentsExpression(segmentsOf(space, 'kept', placement), 'k');
  const step = segmentsExpression(segmentsOf(space, 'row', placement), 'r');
  return STAGES.map(({ name, body, operands, perRow }) => {
    const count = perRow ? space.kept : space.kept * space.row;
    const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), maxGrid);
    const writes = operands.at(-1);
    const list = operands.map((operand) => ({
      name: operand,
      access: operand === writes ? ('read_write' as const) : ('read' as const),
      element: operand === 'rows' ? 'f32' : { x: x.type, y: 'Out' }[operand],
    }));
    return {
      operands,
      source: {
        id: softmaxId(config, `caffe-${name}`, 'x1'),
        wgsl: kernelText(
          [x.type, y.type],
          [
            constants({ WORKGROUP, GRID_X: gridX, COUNT: count, ROW: space.row, LOWEST: { f32: LOWEST } }),
            alias('Out', y.type),
            bindings(list),
            `fn place(k: u32) -> u32 { return ${place}; }\n`,
            `fn row_of(i: u32) -> u32 { return ${segmentsExpression(flatSegments(space, 'kept'), 'i')}; }\n`,
            `fn step(r: u32) -> u32 { return ${step}; }\n`,
          ],
          body,
        ),
        bindings: list.map(({ name: bound, access }) => ({ name: bound, access })),
        workgroup: [WORKGROUP, 1, 1],
        grid,
        features: [x.type, y.type].includes('f16') ? ['f16'] : [],
        workgroupBytes: 0,
        flops: count,
        bytes: name === 'copy' ? idealBytes(x) + idealBytes(y) : 2 * idealBytes(y),
      },
    };
  });
}
