/**
 * How many outputs one invocation of the patch kernel computes: its working-set expansion, in the paper's words. Pure
 * functions of a shape, for the kernel's default and for the tuner that climbs from there.
 */
import { itemWords } from './reduction.js';
import { planeNumbering, vectorWidth, type PoolConfig } from './pool-config.js';

/** Output rows and columns of one invocation. */
export interface Patch {
  readonly height: number;
  readonly width: number;
}

/** Largest window, along an axis, that is kept in registers. */
export const LARGEST_KERNEL = 16;

/** 32-bit registers that a patch may fill; about as many again remain for addresses and results. */
const REGISTERS = 128;

/** Heights worth trying; the window's rows roll through registers, so that height costs none. */
const HEIGHTS = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 48, 64, 96, 128];

const LARGEST_WIDTH = 8;

/** Input columns under a patch. */
export function segmentOf(width: number, kernel: number, stride: number): number {
  return (width - 1) * stride + kernel;
}

/** Why the patch kernel cannot run this pooling, if so. The configuration has two spatial axes. */
export function patchRefusal({ window: { kernel, dilations } }: PoolConfig): string | undefined {
  if (kernel.length > 2) return 'the window has more than two axes';
  if (dilations.some((dilation, axis) => dilation > 1 && kernel[axis] > 1)) return 'the window is dilated';
  if (kernel.some((taps) => taps > LARGEST_KERNEL)) {
    return `the window is larger than ${LARGEST_KERNEL} along an axis`;
  }
  return undefined;
}

/** Whether a patch fits: not larger than the output, and its rows within registers (any patch of width 1 does). */
export function isLegalPatch(config: PoolConfig, { height, width }: Patch): boolean {
  const [outH, outW] = config.y.dims.slice(2);
  if (height < 1 || width < 1 || height > outH || width > outW) return false;
  return width === 1 || registers(config, width) <= REGISTERS;
}

/** Registers of the window's rows, each reduced to the patch's width, and of one row of input. */
function registers(config: PoolConfig, width: number): number {
  const { kernel, strides } = config.window;
  const items = kernel[0] * width + segmentOf(width, kernel[1], strides[1]);
  return items * vectorWidth(config) * itemWords(config.reduction);
}

/** Every patch worth timing, the smallest first. The configuration has two spatial axes. */
export function legalPatches(config: PoolConfig): Patch[] {
  const outH = config.y.dims[2];
  const heights = HEIGHTS.filter((height) => height < outH);
  const patches: Patch[] = [];
  for (const height of [...heights, outH]) {
    for (let width = 1; width <= LARGEST_WIDTH; width++) {
      if (isLegalPatch(config, { height, width })) patches.push({ height, width });
    }
  }
  return patches;
}

/**
 * Invocations at which a large GPU has enough loads in flight: 132 multiprocessors need some 40 KB each, and an
 * invocation keeps about two rows of a patch, 100 to 300 bytes, in flight.
 */
const ENOUGH = 48 * 1024;

/** Columns of input that one invocation loads per row by default: beyond, registers cost more occupancy than it gains. */
const LARGEST_SEGMENT = 11;

/** Lanes along the innermost axis that fill whole memory transactions whatever the distance between patches. */
const COALESCED_LANES = 8;

/**
 * The patch to start from. Width: where invocations are neighbours along N or C, the width with which the fewest
 * input columns are loaded twice; 1 where they are neighbours along W, so that their loads coalesce. Height: the
 * output's height, cut until there are `ENOUGH` invocations.
 */
export function defaultPatch(config: PoolConfig): Patch {
  const [outH, outW] = config.y.dims.slice(2);
  const { lanes, outer } = planeNumbering(config.x, vectorWidth(config));
  const { kernel, strides } = config.window;
  let width = 1;
  if (lanes >= COALESCED_LANES) {
    let fewest = Infinity;
    for (let candidate = 1; candidate <= LARGEST_WIDTH; candidate++) {
      const columns = Math.ceil(outW / candidate);
      const segment = segmentOf(candidate, kernel[1], strides[1]);
      const enough = lanes * columns * outer * outH >= ENOUGH;
      const legal = isLegalPatch(config, { height: 1, width: candidate }) && segment <= LARGEST_SEGMENT;
      if (candidate > 1 && !(enough && legal)) continue;
      if (columns * segment <= fewest) [fewest, width] = [columns * segment, candidate];
    }
  }
  const perStrip = lanes * Math.ceil(outW / width) * outer;
  const strips = Math.min(outH, Math.max(1, Math.ceil(ENOUGH / perStrip)));
  return { height: Math.ceil(outH / strips), width };
}
