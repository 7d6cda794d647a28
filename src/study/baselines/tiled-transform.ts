/**
 * CHWN to NCHW as one transpose, [C * H * W][N] to [N][C * H * W], through square tiles of workgroup memory, an element at a
 * time: the paper's transform before it is vectorised (section IV.C; Ruetsch and Micikevicius, "Optimizing matrix transpose
 * in CUDA", 2009). A baseline for the study, never a choice.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { GPU_TYPE_BYTES } from '../../devices/gpu.js';
import { idealBytes, type TensorView } from '../../kernels/view.js';
import { alias, bindings, constants, foldedGrid, kernelText } from '../../kernels/wgsl.js';
import { sizeOf } from '../../tensor/index.js';

/** Elements along an edge of a tile, and rows of it that a workgroup of 256 moves at a time. */
const TILE = 32;
const ROWS = 8;

const BODY = /* wgsl */ `
@compute @workgroup_size(TILE, ROWS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= TILES) { return; }
  let n0 = group % TILES_N * TILE;
  let p0 = group / TILES_N * TILE;
  for (var i = local.y; i < TILE; i += ROWS) {
    let n = n0 + local.x;
    let p = p0 + i;
    if (n < IMAGES && p < PLACES) { tile[i * PITCH + local.x] = x[p * IMAGES + n]; }
  }
  workgroupBarrier();
  for (var i = local.y; i < TILE; i += ROWS) {
    let n = n0 + i;
    let p = p0 + local.x;
    if (n < IMAGES && p < PLACES) { y[n * PLACES + p] = tile[local.x * PITCH + i]; }
  }
}
`;

/** @param x whole, in CHWN; y is whole, in NCHW, of the same type */
export function tiledTransform(x: TensorView, maxGrid: number): WgslKernel {
  const [images] = x.dims;
  const places = sizeOf(x.dims) / images;
  const tilesN = Math.ceil(images / TILE);
  const tiles = tilesN * Math.ceil(places / TILE);
  // One place more than a row has: lanes that read a column then meet in no bank.
  const pitch = TILE + 1;
  const { grid, gridX } = foldedGrid(tiles, maxGrid);
  const list = [
    { name: 'x', access: 'read', element: 'Scalar' },
    { name: 'y', access: 'read_write', element: 'Scalar' },
  ] as const;
  const prelude = [
    constants({ TILE, ROWS, PITCH: pitch, GRID_X: gridX, TILES: tiles, TILES_N: tilesN }),
    constants({ IMAGES: images, PLACES: places }),
    alias('Scalar', x.type),
    bindings(list),
    `var<workgroup> tile: array<Scalar, ${TILE * pitch}>;\n`,
  ];
  return {
    id: `transform_chwn_nchw_tiled-scalar_${TILE}x${TILE}_${x.type}`,
    wgsl: kernelText([x.type], prelude, BODY),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [TILE, ROWS, 1],
    grid,
    features: x.type === 'f16' ? ['f16'] : [],
    workgroupBytes: TILE * pitch * GPU_TYPE_BYTES[x.type],
    flops: 0,
    bytes: 2 * idealBytes(x),
  };
}
