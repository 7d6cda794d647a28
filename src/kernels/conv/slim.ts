/**
 * Pointwise convolution with few input or few output channels, where memory bounds the time: the tiled product would spend
 * more of it on barriers and on moving elements through workgroup memory than on sums. Positions are contiguous (NCHW, CHWN).
 *
 * Each invocation has one or two vectors of four positions, which it loads coalesced and keeps in registers; of a tile only
 * the weights are in workgroup memory, from where all invocations read the same vector at a time. Either it holds the input's
 * channels and walks over blocks of output channels (16 to 96, say: x is read once, and stores are spread over the time),
 * or it holds a block of sums and walks over the input, with the next step's channels under way (144 to 24).
 */
import { blockTypes } from '../gemm/tiled-product.js';
import { bindings, constants, elementName, foldedGrid, kernelText, range } from '../wgsl.js';
import {
  geometryConstants,
  geometryText,
  isPointwise,
  positionFunction,
  positionsPerAxis,
  product,
} from './geometry.js';
import { inputFunctions, positionOrder } from './implicit.js';
import { pixelLoader, type PixelLoader } from './pixels.js';
import { liftedProblem, type ConvKernel, type ConvProblem, type ConvRole } from './problem.js';
import {
  holdsInput,
  slimBytes,
  slimGroups,
  slimShapeRefusal,
  stagedRows,
  type SlimShape,
  type SlimSizes,
} from './slim-sizes.js';
import { begunEnding, convolutionEnding, storeKind } from './store.js';
import { weightConstants, weightsAreVectors, weightsText } from './weights.js';

export interface SlimConfig {
  readonly id: string;
  readonly problem: ConvProblem;
  readonly sizes: SlimSizes;
  readonly maxGrid: number;
}

/** What sizes depend on, of a problem as given. */
export function slimShape({ geometry }: ConvProblem): SlimShape {
  const { batch, channels, outChannels } = geometry;
  return { channels, outChannels, positions: batch * product(positionsPerAxis(geometry)) };
}

/** Why the kernel does not apply, or undefined. */
export function slimConvRefusal(given: ConvProblem): string | undefined {
  const problem = liftedProblem(given);
  const { geometry, x } = problem;
  if (product(x.dims) * geometry.outChannels === 0) return 'the input is empty';
  if (!isPointwise(given.geometry) || geometry.group > 1 || geometry.transposed) {
    return 'it is not pointwise in one group';
  }
  const loader = pixelLoader(geometry, x, positionOrder(problem), false);
  if (loader?.kind !== 'vectors' || storeKind(problem) !== 'positions') return 'positions are no vectors';
  return slimShapeRefusal(slimShape(given));
}

/** A slim kernel; what may vary are its positions and how inputs come to be. */
export interface SlimConvolution<Role extends string = never> extends SlimConfig {
  /** Lifted. */
  readonly problem: ConvProblem;
  readonly loader: PixelLoader<Role>;
  /** Declares `position_of`. */
  readonly positions: string;
}

export function slimKernel({ id, problem: given, sizes, maxGrid }: SlimConfig): ConvKernel {
  const problem = liftedProblem(given);
  const { geometry, x } = problem;
  const order = positionOrder(problem);
  const loader = pixelLoader(geometry, x, order, false);
  if (!loader) throw new TypeError(`${id}: no loader for ${x.layout.name}`);
  return slimKernelOf({ id, problem, sizes, maxGrid, loader, positions: positionFunction(geometry, order) });
}

export function slimKernelOf<Role extends string = never>(
  config: SlimConvolution<Role>,
): ConvKernel<ConvRole | Role> {
  const { id, problem, sizes, maxGrid, loader, positions } = config;
  const { geometry, x, w } = problem;
  const shape = slimShape(problem);
  // Sums of a walk over the input wait for the first of it, and for what they begin with at the same time.
  const ending = (holdsInput(shape, sizes) ? undefined : begunEnding(problem)) ?? convolutionEnding(problem);
  const { grid, gridX } = foldedGrid(slimGroups(shape, sizes), maxGrid);
  const list = [
    { name: 'x', access: 'read', element: loader.element },
    { name: 'w', access: 'read', element: weightsAreVectors(geometry) ? `vec4<${w.type}>` : w.type },
    ...(loader.bindings ?? []),
    ...ending.bindings,
  ] as const;
  const types = [x.type, w.type, ...ending.types];
  return {
    source: {
      id,
      wgsl: kernelText(
        types,
        [
          slimConstants(shape, sizes, gridX),
          geometryConstants(geometry),
          weightConstants(geometry),
          blockTypes(x.type, w.type),
          ending.aliases,
          bindings(list),
          inputFunctions(x, loader.unit),
          loader.declarations ?? '',
          positions,
          ending.declarations,
        ],
        [
          geometryText(geometry),
          loader.text,
          weightsText(geometry, false),
          ending.text,
          WEIGHTS,
          mainText(shape, sizes, ending.begins ?? false),
        ].join(''),
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: [sizes.threads, 1, 1],
      grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes: slimBytes(shape, sizes),
      flops: problem.flops,
      bytes: problem.bytes,
    },
    roles: list.map(({ name }) => name),
  };
}

function slimConstants(shape: SlimShape, sizes: SlimSizes, gridX: number): string {
  const { vectors, channels, depth, blocks, threads } = sizes;
  return constants({
    THREADS: threads,
    GRID_X: gridX,
    GROUPS: slimGroups(shape, sizes),
    ROWS: shape.outChannels,
    COLS: shape.positions,
    TILE_POSITIONS: 4 * vectors * threads,
    BLOCK_CHANNELS: channels,
    TILE_CHANNELS: channels * blocks,
    CHANNEL_TILES: Math.ceil(shape.outChannels / (channels * blocks)),
    STEP: depth,
    // Of positions that are no vectors in a part of a larger tensor.
    POSITION_STEP: 1,
    STAGED: (stagedRows(shape, sizes) * channels * blocks) / 4,
  });
}

const WEIGHTS = /* wgsl */ `
var<workgroup> w_tile: array<vec4<f32>, STAGED>;

// The i-th vector of the weights of a workgroup, by input channel; zero beyond the channels.
fn staged_weights(channel: u32, i: u32) -> vec4<f32> {
  let state = weights_setup(channel + i % (TILE_CHANNELS / 4u) * 4u, 0u);
  return vec4<f32>(weights_vector(state, tap_at(0u, 0u), i / (TILE_CHANNELS / 4u)));
}
`;

const BEGIN = /* wgsl */ `
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  // Channels first: workgroups that run together read the same input.
  let channel = group % CHANNEL_TILES * TILE_CHANNELS;
  let first = group / CHANNEL_TILES * TILE_POSITIONS + 4u * t;
  let tap = tap_at(0u, 0u);
`;

// The weights come while the first inputs are under way.
const BLOCKS = /* wgsl */ `
  for (var i = t; i < STAGED; i += THREADS) { w_tile[i] = staged_weights(channel, i); }
  workgroupBarrier();

  for (var at = 0u; at < TILE_CHANNELS; at += BLOCK_CHANNELS) {
`;

const STEPS = /* wgsl */ `
    for (var k = 0u; k < GROUP_CHANNELS; k += STEP) {
`;

/** `main`, for sizes: written out, as arrays indexed by loops would lie in memory. */
function mainText(shape: SlimShape, sizes: SlimSizes, begins: boolean): string {
  const { vectors } = sizes;
  const holds = holdsInput(shape, sizes);
  const held = range(holds ? shape.channels : sizes.depth);
  const loads = (k: number, place: string): string[] =>
    range(vectors).map((v) => `x${k}_${v} = vec4<f32>(pixels_vector(pixels${v}, tap, ${place}));\n`);
  const setups = range(vectors).map((v) => `  let pixels${v} = pixels_setup(first${far(v)}, 0u);\n`);
  const firstLoads = held
    .flatMap((k) => loads(k, `${k}u`))
    .map((line) => `  ${holds ? 'let' : 'var'} ${line}`);
  const sums = sumsOf(sizes).map(
    ({ name, row, col }) => `    var ${name} = ${begins ? `begin(0u, ${row}, ${col})` : 'vec4<f32>()'};\n`,
  );
  return [
    BEGIN,
    ...setups,
    ...firstLoads,
    BLOCKS,
    ...sums,
    ...(holds
      ? held.map((k) => productsText(sizes, k, `${k}u`, `x${k}`))
      : [
          STEPS,
          ...held.flatMap((k) => range(vectors).map((v) => `      let y${k}_${v} = x${k}_${v};\n`)),
          ...held.flatMap((k) => loads(k, `k + STEP + ${k}u`)).map((line) => `      ${line}`),
          ...held.map((k) => productsText(sizes, k, `(k + ${k}u)`, `y${k}`)),
          '    }\n',
        ]),
    ...sumsOf(sizes).map(({ name, row, col }) => `    store(0u, ${row}, ${col}, ${name});\n`),
    '  }\n}\n',
  ].join('');
}

/** Vectors of positions lie a workgroup's width apart. */
function far(vector: number): string {
  return vector === 0 ? '' : ` + ${4 * vector}u * THREADS`;
}

function sumsOf({ vectors, channels }: SlimSizes): { name: string; row: string; col: string }[] {
  return range(channels).flatMap((c) =>
    range(vectors).map((v) => ({
      name: `c${c}_${v}`,
      row: `channel + at + ${c}u`,
      col: `first${far(v)}`,
    })),
  );
}

/** The products of an input channel, its row of staged weights being `row`. */
function productsText({ vectors, channels }: SlimSizes, k: number, row: string, x: string): string {
  const reads = range(channels / 4).map(
    (q) => `    let w${k}_${q} = w_tile[${row} * (TILE_CHANNELS / 4u) + at / 4u + ${q}u];\n`,
  );
  const products = range(channels).map((c) => {
    const weight = `w${k}_${Math.floor(c / 4)}.${elementName(c % 4)}`;
    return `    ${range(vectors)
      .map((v) => `c${c}_${v} += ${weight} * ${x}_${v};`)
      .join(' ')}\n`;
  });
  return [...reads, ...products].join('');
}
