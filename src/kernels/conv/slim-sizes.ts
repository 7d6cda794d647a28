/** Sizes of the slim pointwise convolution (slim.ts): what is legal, what is worth trying, and what is a good default. */
import type { GpuLimits } from '../../devices/gpu.js';
import { isSoftware, mostLines } from '../stem/tile.js';

/** Sums of an invocation, and how it comes by them. */
export interface SlimSizes {
  /** Vectors of four positions of an invocation. */
  readonly vectors: number;
  /** Output channels of a block, a multiple of 4: an invocation sums one block at a time. */
  readonly channels: number;
  /** Input channels that an invocation holds at once: all of them, or as many as are multiplied in one step. */
  readonly depth: number;
  /** Blocks that a workgroup makes one after another of the input channels that its invocations hold. */
  readonly blocks: number;
  /** Invocations of a workgroup. */
  readonly threads: number;
}

/** What sizes depend on. */
export interface SlimShape {
  readonly channels: number;
  readonly outChannels: number;
  /** Output positions of the whole batch. */
  readonly positions: number;
}

/** Sizes to choose from. */
export const SLIM_SIZES = {
  vectors: [1, 2],
  channels: [4, 8, 12, 16, 20, 24, 32],
  depth: [2, 4, 8, 12, 16, 24, 32],
  blocks: [1, 2, 3, 4, 6, 8, 12, 16, 24, 36, 48],
  threads: [64, 128, 256],
} as const;

/** Channels up to which an invocation can hold one side of the product, four positions by all of them, in registers. */
const HELD = 32;

/** Registers that sums and inputs under way may take, of 255; some 30 others are for places and weights. */
const REGISTERS = 208;

/** Vectors of sums, and of inputs, where a CPU does the work: SwiftShader compiles more loads and stores for minutes. */
const SOFTWARE_VECTORS = 4;

/** Workgroups that keep a large GPU busy to the end. */
const MANY = 1024;

/** Why a convolution of so many channels is not slim, or undefined. */
export function slimShapeRefusal({ channels, outChannels }: SlimShape): string | undefined {
  return Math.min(channels, outChannels) > HELD
    ? `neither the ${channels} input nor the ${outChannels} output channels are held in registers`
    : undefined;
}

/** Whether an invocation holds all input channels while it walks over blocks of output channels. */
export function holdsInput({ channels }: SlimShape, { depth }: SlimSizes): boolean {
  return depth >= channels;
}

/** Input channels in registers at once: with steps, the next one's are under way. */
export function heldChannels(shape: SlimShape, sizes: SlimSizes): number {
  return holdsInput(shape, sizes) ? shape.channels : 2 * sizes.depth;
}

/** Rows of weights that are staged: those beyond the input's channels, of the last step, are zero. */
export function stagedRows(shape: SlimShape, sizes: SlimSizes): number {
  if (holdsInput(shape, sizes)) return shape.channels;
  return Math.ceil(shape.channels / sizes.depth) * sizes.depth;
}

/** Bytes of workgroup memory: the weights of a workgroup's output channels. */
export function slimBytes(shape: SlimShape, sizes: SlimSizes): number {
  return stagedRows(shape, sizes) * sizes.channels * sizes.blocks * 4;
}

/** Workgroups of a kernel. */
export function slimGroups({ outChannels, positions }: SlimShape, sizes: SlimSizes): number {
  const { vectors, channels, blocks, threads } = sizes;
  return Math.ceil(positions / (4 * vectors * threads)) * Math.ceil(outChannels / (channels * blocks));
}

/** Whether a smaller size is enough already. */
function isMore(size: number, among: readonly number[], enough: number): boolean {
  return among.some((other) => other < size && other >= enough);
}

/** Why sizes are illegal or of no use, or undefined. */
export function slimRefusal(shape: SlimShape, sizes: SlimSizes, limits: GpuLimits): string | undefined {
  const { vectors, channels, depth, blocks, threads } = sizes;
  const { maxInvocations, maxWorkgroupSize, maxWorkgroupBytes } = limits;
  if (threads > maxInvocations || threads > maxWorkgroupSize[0]) {
    return `${threads} invocations per workgroup are too many`;
  }
  if (isMore(channels, SLIM_SIZES.channels, shape.outChannels)) return 'a block has more than all channels';
  if (isMore(depth, SLIM_SIZES.depth, shape.channels)) return 'a step has more than all channels';
  if (isMore(blocks, SLIM_SIZES.blocks, Math.ceil(shape.outChannels / channels))) {
    return 'there are fewer blocks';
  }
  if (blocks > 1 && !holdsInput(shape, sizes)) return 'every block would read the input again';
  const registers = 4 * vectors * (channels + heldChannels(shape, sizes));
  if (registers > REGISTERS) return 'sums and inputs do not fit into registers';
  const most = vectors * Math.max(channels, heldChannels(shape, sizes));
  if (isSoftware(limits) && most > SOFTWARE_VECTORS) return 'a CPU would compile this for minutes';
  if (vectors * channels * Math.min(depth, shape.channels) > mostLines(limits)) return 'the text is too long';
  const bytes = slimBytes(shape, sizes);
  return bytes > maxWorkgroupBytes ? `the weights take ${bytes} bytes of workgroup memory` : undefined;
}

/** Output channels of a block where inputs are held: a vector of weights serves 16 sums whatever the block. */
const BLOCK = 4;

/** Input channels beside which a block's sums and the weights read ahead leave registers for three workgroups. */
const EASILY_HELD = 24;

/**
 * Good sizes, by reasoning and by what nvcc makes of them for an H200: with 24 inputs held, blocks of 4 take 152 registers
 * and blocks of 8 take 234, as the compiler reads weights far ahead; with 16 inputs 96 and 125. Where few outputs are held
 * instead, eight inputs are under way beside up to 16 of them, four beside more (24 outputs: 166 registers). Undefined if
 * none is legal.
 */
export function slimSizes(shape: SlimShape, limits: GpuLimits): SlimSizes | undefined {
  const { channels, outChannels } = shape;
  const holds = outChannels > (channels <= EASILY_HELD ? BLOCK : HELD);
  for (const threads of [128, 64]) {
    const held = heldSizes(shape, limits, threads);
    const streamed = streamedSizes(shape, limits, threads);
    const best = holds ? (held ?? streamed) : (streamed ?? held);
    if (best) return best;
  }
  return undefined;
}

/** All inputs held: as many blocks per workgroup as leave workgroups enough. */
function heldSizes(shape: SlimShape, limits: GpuLimits, threads: number): SlimSizes | undefined {
  const depth = SLIM_SIZES.depth.find((size) => size >= shape.channels);
  if (depth === undefined) return undefined;
  const legal = [...SLIM_SIZES.blocks]
    .reverse()
    .map((blocks): SlimSizes => ({ vectors: 1, channels: BLOCK, depth, blocks, threads }))
    .filter((sizes) => slimRefusal(shape, sizes, limits) === undefined);
  return legal.find((sizes) => slimGroups(shape, sizes) >= MANY) ?? legal.at(-1);
}

/** All outputs held, or as many as can be. */
function streamedSizes(shape: SlimShape, limits: GpuLimits, threads: number): SlimSizes | undefined {
  return [...SLIM_SIZES.channels]
    .reverse()
    .flatMap((channels) =>
      [...SLIM_SIZES.depth]
        .reverse()
        .filter((depth) => depth <= (channels > 16 ? 4 : 8))
        .map((depth): SlimSizes => ({ vectors: 1, channels, depth, blocks: 1, threads })),
    )
    .find((sizes) => slimRefusal(shape, sizes, limits) === undefined);
}

/** The sizes' part of a kernel id. */
export function slimTag({ vectors, channels, depth, blocks, threads }: SlimSizes): string {
  return `${4 * vectors}x${channels}_t${threads}k${depth}b${blocks}`;
}
