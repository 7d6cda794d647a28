/** What the kernels that move elements have in common as data. */
import type { WgslKernel } from '../../devices/gpu.js';
import { idealBytes, type TensorView } from '../view.js';
import type { Movement } from './movement.js';
import { GPU_TYPE_BYTES } from '../../devices/gpu.js';

export interface MoveSourceParts {
  /** Without the types. */
  readonly id: string;
  readonly text: string;
  readonly x: TensorView;
  readonly y: TensorView;
  readonly bytes: number;
  readonly workgroup: number;
  readonly grid: readonly [number, number, number];
  readonly workgroupBytes: number;
}

/** A kernel that reads `x` and writes `y`. */
export function moveSource(parts: MoveSourceParts): WgslKernel {
  const { x, y } = parts;
  return {
    id: `${parts.id}_${typesTag(x, y)}`,
    wgsl: parts.text,
    bindings: [
      { name: 'x', access: 'read' },
      { name: 'y', access: 'read_write' },
    ],
    workgroup: [parts.workgroup, 1, 1],
    grid: parts.grid,
    features: [x.type, y.type].includes('f16') ? ['f16'] : [],
    workgroupBytes: parts.workgroupBytes,
    flops: 0,
    bytes: parts.bytes,
  };
}

/** `f32`, or `f32_f16` for a cast. */
export function typesTag(x: TensorView, y: TensorView): string {
  return x.type === y.type ? y.type : `${x.type}_${y.type}`;
}

/** Ideal bytes: the elements of x that are meant, each once, and all of y. */
export function movedBytes(movement: Movement, x: TensorView, y: TensorView): number {
  const read = movement.loops.reduce((product, loop) => product * (loop.x ? loop.extent : 1), 1);
  return read * GPU_TYPE_BYTES[x.type] + idealBytes(y);
}
