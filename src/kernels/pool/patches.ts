/**
 * How many outputs one invocation of the patch kernel computes: its working-set expansion, in the paper's words. Pure
 * functions of a shape, for the kernel's default and for the tuner that climbs from there.
 */
import { itemWords } from './reduction.js';
import { vectorWidth, type PoolConfig } from './pool-config.js';

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

/** Output rows of the default patch where windows overlap: see `defaultPatch`. */
const OVERLAPPING_ROWS = { alongW: 3, elsewhere: 2 };

/**
 * The patch to start from: one output wide and two rows high where windows overlap, three where invocations are
 * neighbours along W. Small patches win: an H200's caches serve what neighbours load twice, and occupancy counts for
 * more. Shares of the copy roof, 3x3 windows of stride 2, by rows x columns:
 *
 * | layer            | layout | 1x1  | 2x1  | 3x1  | 14x1 | larger     | one output each, unrolled less |
 * | ---------------- | ------ | ---- | ---- | ---- | ---- | ---------- | ------------------------------ |
 * | PL5 128x96x55x55 | CHWN   |      | 95 % | 94 % | 93 % | 9x4: 85 %  | 85 %                           |
 * | PL5              | NCHW   |      |      | 86 % |      | 27x1: 67 % | 50 %                           |
 * | PL6 128x192x27x27| CHWN   |      | 87 % | 87 % |      | 5x5: 84 %  | 77 %                           |
 * | PL8 64x96x110x110| CHWN   |      | 102 %| 99 % |      | 18x5: 98 % | 89 %                           |
 */
export function defaultPatch(config: PoolConfig): Patch {
  const outH = config.y.dims[2];
  const { kernel, strides } = config.window;
  const { block, order } = config.x.layout;
  const alongW = !block && order.at(-1) === order.length - 1;
  const rows = kernel[0] > strides[0] ? OVERLAPPING_ROWS[alongW ? 'alongW' : 'elsewhere'] : 1;
  return { height: Math.min(rows, outH), width: 1 };
}
