/** How convolutions end: bias, residual and activation, and the store, into any layout. */
import type { GpuType, KernelBinding } from '../../devices/gpu.js';
import { unaryWgsl } from '../elementwise/functions.js';
import type { Ending } from '../gemm/store.js';
import { viewOffset } from '../view.js';
import { alias } from '../wgsl.js';
import { flattenedView, index5, vectorsAlong } from './geometry.js';
import { channelsInnermost, type ConvProblem } from './problem.js';

/** What four neighbouring results are stored as. */
export type StoreKind = 'channels' | 'positions' | 'scalars';

/**
 * The widest store for a lifted problem. Vectors of channels want products of positions by channels, vectors of
 * positions channels by positions.
 */
export function storeKind({ geometry, y, residual }: ConvProblem): StoreKind {
  const views = residual ? [y, residual] : [y];
  const { group, outChannels, transposed, strides } = geometry;
  if (channelsInnermost(y)) {
    const whole = group === 1 || (outChannels / group) % 4 === 0;
    return whole && views.every((view) => vectorsAlong(view, 1)) ? 'channels' : 'scalars';
  }
  if (y.layout.order.at(-1) === 0)
    return views.every((view) => vectorsAlong(view, 0)) ? 'positions' : 'scalars';
  // Positions of a phase are neighbours in memory only where there is one phase.
  if (transposed && strides.some((stride) => stride > 1)) return 'scalars';
  const lines = views.every((view) => {
    const flat = flattenedView(view);
    return flat !== undefined && vectorsAlong(flat, 4);
  });
  return lines ? 'positions' : 'scalars';
}

/** Why y cannot be stored, or undefined. */
export function storeRefusal({ geometry: { group, outChannels }, y }: ConvProblem): string | undefined {
  if (!y.layout.block) return undefined;
  const aligned = (group === 1 || (outChannels / group) % 4 === 0) && viewOffset(y) % 4 === 0;
  return aligned ? undefined : 'groups of output channels do not fill blocks of four';
}

/** Bindings of what `epilogue` reads and writes, in order. */
export function epilogueBindings(
  problem: ConvProblem,
  kind: StoreKind,
): (KernelBinding & { element: string; name: 'bias' | 'residual' | 'y' })[] {
  const { bias, residual } = problem;
  const element = (type: string): string => (kind === 'scalars' ? type : `vec4<${type}>`);
  return [
    ...(bias ? ([{ name: 'bias', access: 'read', element: bias.type }] as const) : []),
    ...(residual ? ([{ name: 'residual', access: 'read', element: element(residual.type) }] as const) : []),
    { name: 'y', access: 'read_write', element: 'Out' },
  ];
}

/** How convolutions end in whole sums. */
export type ConvEnding = Ending<'bias' | 'residual' | 'y'>;

/**
 * The same with a residual that the sums begin with: it is loaded together with the first operands, instead of between the
 * last product and the store, where everything would wait for it. Undefined where there is none, or none in vectors.
 */
export function begunEnding(problem: ConvProblem): ConvEnding | undefined {
  const kind = storeKind(problem);
  const { residual } = problem;
  if (!residual || kind === 'scalars') return undefined;
  const ending = convolutionEnding(problem);
  const rest = epilogue({ ...problem, residual: undefined }, kind);
  return {
    ...ending,
    declarations: rest + index5('residual', residual),
    text: ending.text + (kind === 'channels' ? BEGIN_CHANNELS : BEGIN_POSITIONS),
    begins: true,
  };
}

/** The ending of a convolution in whole sums. */
export function convolutionEnding(problem: ConvProblem): ConvEnding {
  const kind = storeKind(problem);
  return {
    types: endTypes(problem),
    aliases: outAlias(problem, kind),
    bindings: epilogueBindings(problem, kind),
    declarations: epilogue(problem, kind),
    text: storeText(kind, channelsInnermost(problem.y)),
  };
}

/** Element types of what `epilogueBindings` binds. */
export function endTypes({ bias, residual, y }: ConvProblem): GpuType[] {
  return [bias, residual, y].flatMap((view) => (view ? [view.type] : []));
}

/** Declarations that the store texts use, but for the bindings. */
export function epilogue(problem: ConvProblem, kind: StoreKind): string {
  const { residual, y } = problem;
  const four = kind !== 'scalars';
  const place = 'n: u32, c: u32, d: u32, h: u32, w: u32';
  const [type, nothing] = four ? ['vec4<f32>', 'vec4<f32>()'] : ['f32', '0.0'];
  const read = `${type}(residual[residual_index(n, c, d, h, w)${four ? ' / 4u' : ''}])`;
  return [
    index5('y', y),
    residual ? index5('residual', residual) : '',
    `fn residual_at(${place}) -> ${type} { return ${residual ? read : nothing}; }\n`,
    biasAndActivation(problem),
  ].join('');
}

/** `bias_at(c)` and `activation(x)`. */
export function biasAndActivation({ bias, activation }: ConvProblem): string {
  // Channels beyond the last are the padding of a block.
  const value = bias ? 'f32(bias[min(c, OUT_CHANNELS - 1u)])' : '0.0';
  return `fn bias_at(c: u32) -> f32 { return ${value}; }\n${unaryWgsl('activation', activation)}`;
}

/** The alias of y's element, which the bindings need. */
export function outAlias({ y }: ConvProblem, kind: StoreKind): string {
  return alias('Out', kind === 'scalars' ? y.type : `vec4<${y.type}>`);
}

const BEYOND = /* wgsl */ `
// Only phases of unequal length have positions beyond the output.
fn beyond(o: vec3<u32>) -> bool { return o.x >= OUT_D || o.y >= OUT_H || o.z >= OUT_W; }
`;

/** Rows are positions, columns channels: four channels are one vec4, zeros in a block's padding. */
const STORE_CHANNELS = /* wgsl */ `
fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  let p = position_of(row);
  let o = output_position(p, batch);
  if (beyond(o)) { return; }
  let c = group_of(batch) * GROUP_OUT + col;
  let added = residual_at(p.x, c, o.x, o.y, o.z);
  let result = vec4<f32>(
    activation(v.x + bias_at(c) + added.x),
    activation(v.y + bias_at(c + 1u) + added.y),
    activation(v.z + bias_at(c + 2u) + added.z),
    activation(v.w + bias_at(c + 3u) + added.w),
  );
  let real = c + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(OUT_CHANNELS);
  y[y_index(p.x, c, o.x, o.y, o.z) / 4u] = Out(select(vec4<f32>(), result, real));
}
`;

/** Rows are channels, columns positions: four positions are one vec4. */
const STORE_POSITIONS = /* wgsl */ `
fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  let p = position_of(col);
  let o = output_position(p, batch);
  if (beyond(o)) { return; }
  let c = group_of(batch) * GROUP_OUT + row;
  let sum = v + bias_at(c) + residual_at(p.x, c, o.x, o.y, o.z);
  y[y_index(p.x, c, o.x, o.y, o.z) / 4u] =
    Out(vec4<f32>(activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w)));
}
`;

const BEGIN_CHANNELS = /* wgsl */ `
fn begin(batch: u32, row: u32, col: u32) -> vec4<f32> {
  if (row >= ROWS || col >= COLS) { return vec4<f32>(); }
  let p = position_of(row);
  let o = output_position(p, batch);
  if (beyond(o)) { return vec4<f32>(); }
  let c = group_of(batch) * GROUP_OUT + col;
  return vec4<f32>(residual[residual_index(p.x, c, o.x, o.y, o.z) / 4u]);
}
`;

const BEGIN_POSITIONS = /* wgsl */ `
fn begin(batch: u32, row: u32, col: u32) -> vec4<f32> {
  if (row >= ROWS || col >= COLS) { return vec4<f32>(); }
  let p = position_of(col);
  let o = output_position(p, batch);
  if (beyond(o)) { return vec4<f32>(); }
  let c = group_of(batch) * GROUP_OUT + row;
  return vec4<f32>(residual[residual_index(p.x, c, o.x, o.y, o.z) / 4u]);
}
`;

const STORE_ONE = /* wgsl */ `
fn store_one(batch: u32, position: u32, channel: u32, v: f32) {
  if (position >= POSITIONS || channel >= GROUP_OUT) { return; }
  let p = position_of(position);
  let o = output_position(p, batch);
  if (beyond(o)) { return; }
  let c = group_of(batch) * GROUP_OUT + channel;
  y[y_index(p.x, c, o.x, o.y, o.z)] =
    Out(activation(v + bias_at(c) + residual_at(p.x, c, o.x, o.y, o.z)));
}
`;

const ROWS_ARE_POSITIONS = /* wgsl */ `
fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  for (var i = 0u; i < 4u; i++) { store_one(batch, row, col + i, v[i]); }
}
`;

const ROWS_ARE_CHANNELS = /* wgsl */ `
fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  for (var i = 0u; i < 4u; i++) { store_one(batch, col + i, row, v[i]); }
}
`;

/** The text of `store`; with scalars of `store_one(batch, position, channel, v)` too. */
export function storeText(kind: StoreKind, rowsArePositions: boolean): string {
  switch (kind) {
    case 'channels':
      return BEYOND + STORE_CHANNELS;
    case 'positions':
      return BEYOND + STORE_POSITIONS;
    case 'scalars':
      return BEYOND + STORE_ONE + (rowsArePositions ? ROWS_ARE_POSITIONS : ROWS_ARE_CHANNELS);
  }
}
