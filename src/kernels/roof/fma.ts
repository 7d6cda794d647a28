/** Fused multiply-adds in registers and nothing else: what a device's arithmetic units can do at best. */
import type { WgslKernel } from '../../devices/gpu.js';
import { alias, bindings, constants, foldedGrid, kernelText } from '../wgsl.js';

/** Small, so that grids of any number of invocations can be made. */
export const FMA_WORKGROUP = 64;

/** Independent chains of an invocation: four vec4. NVIDIA's and AMD's units need 4 to 6 for their latency. */
const CHAINS = 16;
/** Multiply-adds of each chain in one iteration: enough that the loop's own instructions do not count (2 %). */
const DEPTH = 8;

/** vec4s that each invocation of a workgroup reads: the factor and the beginnings of its chains. */
const READS = 5;

/** Bytes of x, which all workgroups read. */
export function fmaInputBytes(type: FmaConfig['type']): number {
  return READS * FMA_WORKGROUP * vectorBytes(type);
}

/** Bytes of y: a vec4 per invocation, so that no result can be left out. */
export function fmaOutputBytes({ workgroups, type }: Pick<FmaConfig, 'workgroups' | 'type'>): number {
  return workgroups * FMA_WORKGROUP * vectorBytes(type);
}

export interface FmaConfig {
  readonly type: 'f32' | 'f16';
  readonly workgroups: number;
  /** Each is 8 multiply-adds of 16 independent chains. */
  readonly iterations: number;
  readonly maxGrid: number;
}

/**
 * v + a v: two different registers an instruction. With three (v a + b), NVIDIA's register banks collide, and an H200
 * reads 43 TFLOP/s instead of 64. The factor is small so that chains stay bounded whatever is in x.
 */
const BODY = /* wgsl */ `
fn eight(start: Vector, a: Vector) -> Vector {
  var v = fma(start, a, start);
  v = fma(v, a, v);
  v = fma(v, a, v);
  v = fma(v, a, v);
  v = fma(v, a, v);
  v = fma(v, a, v);
  v = fma(v, a, v);
  return fma(v, a, v);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let a = x[lane] * 0.0001;
  var p = x[1u * WORKGROUP + lane];
  var q = x[2u * WORKGROUP + lane];
  var r = x[3u * WORKGROUP + lane];
  var s = x[4u * WORKGROUP + lane];
  for (var k = 0u; k < ITERATIONS; k++) {
    p = eight(p, a);
    q = eight(q, a);
    r = eight(r, a);
    s = eight(s, a);
  }
  y[min((wid.x + wid.y * GRID_X) * WORKGROUP + lane, COUNT - 1u)] = p + q + r + s;
}
`;

/** x has `fmaInputBytes`, y has `fmaOutputBytes`. */
export function fmaKernel(config: FmaConfig): WgslKernel {
  const { type, workgroups, iterations, maxGrid } = config;
  const { grid, gridX } = foldedGrid(workgroups, maxGrid);
  const list = [
    { name: 'x', access: 'read', element: 'Vector' },
    { name: 'y', access: 'read_write', element: 'Vector' },
  ] as const;
  const invocations = workgroups * FMA_WORKGROUP;
  const sizes = { WORKGROUP: FMA_WORKGROUP, ITERATIONS: iterations, COUNT: invocations, GRID_X: gridX };
  return {
    id: `fma_chains${CHAINS}_${iterations}x${DEPTH}_${type}`,
    wgsl: kernelText([type], [constants(sizes), alias('Vector', `vec4<${type}>`), bindings(list)], BODY),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [FMA_WORKGROUP, 1, 1],
    grid,
    features: type === 'f16' ? ['f16'] : [],
    workgroupBytes: 0,
    flops: 2 * DEPTH * CHAINS * iterations * invocations,
    bytes: fmaInputBytes(type) + fmaOutputBytes(config),
  };
}

function vectorBytes(type: FmaConfig['type']): number {
  return type === 'f16' ? 8 : 16;
}
