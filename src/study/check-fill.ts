/**
 * Contents for checks that the host knows word by word. `fillKernel` converts integers to floats, which devices may round
 * either way; here bits are put together, which leaves nothing open.
 */
import type { WgslKernel } from '../devices/gpu.js';
import { hashFillKernel } from '../kernels/roof/fill.js';
import { constants } from '../kernels/wgsl.js';
import { FLOAT16, decodeTable } from '../tensor/floats.js';

/** The hash's sign and low bits, but for the one that makes half floats large. */
const KEEP = 0x807fbfff;
/** The exponent of 0.5. */
const EXPONENT = 0x3f000000;

const WORD = /* wgsl */ `
fn word_of(hash: u32) -> u32 { return (hash & KEEP) | EXPONENT; }
`;

/** Fills y with floats of size 0.5 to 1 and either sign, whose halves are half floats of less than 2. @param bytes a multiple of 4 */
export function checkFillKernel(bytes: number, maxGrid: number): WgslKernel {
  const prelude = [constants({ KEEP, EXPONENT }), WORD];
  return hashFillKernel({ id: 'check-fill_v1_u32', prelude, bytes, maxGrid });
}

/** The bits that the kernel writes at word `i`. */
export function filledWord(i: number): number {
  const state = (Math.imul(i, 747796405) + 2891336453) >>> 0;
  const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737);
  return ((((word >>> 22) ^ word) & KEEP) | EXPONENT) >>> 0;
}

const HALVES = decodeTable(FLOAT16);
const BITS = new DataView(new ArrayBuffer(4));

/** A half float by its bits. */
export function halfOf(bits: number): number {
  return HALVES[bits];
}

/** The number at an element's place in a buffer that was filled. */
export function filledValue(type: 'f32' | 'f16', offset: number): number {
  if (type === 'f16') return halfOf((filledWord(offset >> 1) >>> (16 * (offset & 1))) & 0xffff);
  BITS.setUint32(0, filledWord(offset));
  return BITS.getFloat32(0);
}
