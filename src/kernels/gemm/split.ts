/**
 * Splitting the depth of a tiled product (split-K) where its output has too few tiles to fill the device: every part
 * writes partial sums to scratch memory, and a second kernel adds them and does what `store` does.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import type { Ending } from './store.js';
import type { Product } from './tile.js';

const WORKGROUP = 128;

/** Bytes of the partial sums, always f32: rows of whole vec4, by batch, by part. */
export function partialBytes({ rows, cols, batches }: Product, parts: number): number {
  return parts * batches * rows * Math.ceil(cols / 4) * 16;
}

/** The `store` of a product in parts; `batch` counts the batches of all parts. */
export const STORE_PARTIAL = /* wgsl */ `
fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  partial[(batch * ROWS + row) * ((COLS + 3u) / 4u) + col / 4u] = v;
}
`;

/** The ending of a product in parts: sums go to scratch memory as they are. */
export const PARTIAL: Ending<'partial'> = {
  types: [],
  aliases: '',
  bindings: [{ name: 'partial', access: 'read_write', element: 'vec4<f32>' }],
  declarations: '',
  text: STORE_PARTIAL,
};

/**
 * Depth of each part but the last, whole steps of a tile.
 * @throws TypeError where a part would have no step: kernels count down to it, and would go on and on
 */
export function partDepth(depth: number, step: number, parts: number): number {
  const own = Math.ceil(Math.ceil(depth / step) / parts) * step;
  if (own * (parts - 1) < depth || parts === 1) return own;
  throw new TypeError(`a depth of ${depth} has no ${parts} parts of whole steps of ${step}`);
}

/** What a depth in parts adds to a candidate's id. */
export function splitTag(parts: number): string {
  return parts > 1 ? `_split${parts}` : '';
}

/** Scratch memory of a depth in parts: bytes of each buffer. */
export function splitWorkspace(product: Product, parts: number): readonly number[] {
  return parts > 1 ? [partialBytes(product, parts)] : [];
}

/** The kernel of a config, and the one that adds its parts where there are several. */
export function inParts<Config extends { readonly parts: number }, Kernel>(
  config: Config,
  kernel: (config: Config) => Kernel,
  reduce: (config: Config) => Kernel,
): Kernel[] {
  return config.parts > 1 ? [kernel(config), reduce(config)] : [kernel(config)];
}

// Neighbouring invocations take neighbouring vectors of a row: coalesced in the partial sums.
const REDUCE = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= VECTORS) { return; }
  var sum = partial[i];
  for (var part = 1u; part < PARTS; part++) { sum += partial[part * VECTORS + i]; }
  let col = i % ((COLS + 3u) / 4u) * 4u;
  let rest = i / ((COLS + 3u) / 4u);
  store(rest / ROWS, rest % ROWS, col, sum);
}
`;

/** What adds parts: constants, and a body that calls what an ending declares. */
export interface ReduceText extends Pick<WgslKernel, 'workgroup' | 'grid' | 'workgroupBytes'> {
  readonly constants: string;
  readonly body: string;
}

/** The text that adds the parts of a tiled product. */
export function reduceText({ rows, cols, batches }: Product, parts: number, maxGrid: number): ReduceText {
  const vectors = batches * rows * Math.ceil(cols / 4);
  const { grid, gridX } = foldedGrid(Math.ceil(vectors / WORKGROUP), maxGrid);
  return {
    constants: constants({
      WORKGROUP,
      GRID_X: gridX,
      ROWS: rows,
      COLS: cols,
      VECTORS: vectors,
      PARTS: parts,
    }),
    body: REDUCE,
    workgroup: [WORKGROUP, 1, 1],
    grid,
    workgroupBytes: 0,
  };
}

/**
 * The kernel that adds the parts which another kernel made, and finishes.
 * @param id the other kernel's
 */
export function reduceKernel<Role extends string>(
  id: string,
  { constants, body, workgroup, grid, workgroupBytes }: ReduceText,
  ending: Ending<Role>,
): { readonly source: WgslKernel; readonly roles: readonly ('partial' | Role)[] } {
  const list = [{ name: 'partial', access: 'read', element: 'vec4<f32>' } as const, ...ending.bindings];
  return {
    source: {
      id: `${id}_reduce`,
      wgsl: kernelText(
        ending.types,
        [constants, ending.aliases, bindings(list), ending.declarations],
        ending.text + body,
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup,
      grid,
      features: ending.types.includes('f16') ? ['f16'] : [],
      workgroupBytes,
      // The op's figures are the first kernel's; this one is overhead.
      flops: 0,
      bytes: 0,
    },
    roles: list.map(({ name }) => name),
  };
}
