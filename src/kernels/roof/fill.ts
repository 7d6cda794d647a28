/**
 * Random contents for measurements: zeros and constants run faster than real data on some GPUs, and making the numbers
 * on the host and uploading them took longer than measuring with them.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { bindings, constants, foldedGrid, kernelText, WORKGROUP } from '../wgsl.js';

/** `hash`, and `main`, which puts `word_of(hash(i))` at every place. */
const BODY = /* wgsl */ `
fn hash(i: u32) -> u32 {
  let state = i * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) wid: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (wid.x + wid.y * groups.x) * WORKGROUP + lane;
  if (i < arrayLength(&y)) { y[i] = word_of(hash(i)); }
}
`;

export interface HashFill {
  readonly id: string;
  /** Constants, and `fn word_of(hash: u32) -> u32`. */
  readonly prelude: readonly string[];
  /** Size of y, a multiple of 4. */
  readonly bytes: number;
  readonly maxGrid: number;
}

/**
 * Fills y with words made of a permuted congruential generator as a hash (Jarzynski and Olano, "Hash Functions for GPU
 * Rendering", JCGT 2020). The size comes with the binding, so that one text, compiled once, fills every buffer.
 */
export function hashFillKernel({ id, prelude, bytes, maxGrid }: HashFill): WgslKernel {
  const { grid } = foldedGrid(Math.ceil(bytes / 4 / WORKGROUP), maxGrid);
  const list = [{ name: 'y', access: 'read_write', element: 'u32' }] as const;
  return {
    id,
    wgsl: kernelText(['u32'], [constants({ WORKGROUP }), bindings(list), ...prelude], BODY),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [WORKGROUP, 1, 1],
    grid,
    features: [],
    workgroupBytes: 0,
    flops: 0,
    bytes,
  };
}

/**
 * A word is a float in [-1, 1], and both its halves are half floats of less than 2: the upper half of such a float is at
 * most 0x3f80, 1.875, and in the lower one KEEP clears the bit that makes larger numbers, infinities and NaN.
 */
const WORD = /* wgsl */ `
fn word_of(hash: u32) -> u32 { return bitcast<u32>(f32(hash) * SCALE - 1.0) & KEEP; }
`;

/** @param bytes size of y, a multiple of 4 */
export function fillKernel(bytes: number, maxGrid: number): WgslKernel {
  const prelude = [constants({ SCALE: { f32: 2 ** -31 }, KEEP: 0xffffbfff }), WORD];
  return hashFillKernel({ id: 'fill_v1_f32', prelude, bytes, maxGrid });
}
