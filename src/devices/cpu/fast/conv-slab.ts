/** Copies pieces of input planes, split by stride phase, into the scratch. */
import { type Conv2dShape, type SlabSource } from './conv-geometry.js';
import { copyRun } from './scratch.js';

/**
 * Copies the piece of the plane that starts at `planeOffset` in `x` into the slab at `to` (floats). The padding around
 * it must be zero already and stays so: it is the same for all planes of a rectangle.
 */
export function fillSlab(
  shape: Conv2dShape,
  source: SlabSource,
  x: Float32Array,
  planeOffset: number,
  scratch: Float32Array,
  to: number,
): void {
  const { slab } = source;
  const { inHeight, inWidth, strideHeight, strideWidth } = shape;
  const firstRow = Math.max(-source.y, 0);
  const endRow = Math.min(slab.height, inHeight - source.y);
  const firstCol = Math.max(-source.x, 0);
  const endCol = Math.min(slab.width, inWidth - source.x);
  if (endRow <= firstRow || endCol <= firstCol) return;
  const start = planeOffset + source.y * inWidth + source.x;
  if (strideWidth === 1 && strideHeight === 1 && endCol - firstCol === inWidth && slab.rowFloats === inWidth) {
    copyRun(x, start + firstRow * inWidth, scratch, to + firstRow * inWidth, (endRow - firstRow) * inWidth);
    return;
  }
  for (let r = firstRow; r < endRow; r++) {
    if (source.rowTouched[r % strideHeight] !== true) continue;
    const from = start + r * inWidth;
    const row = to + r * slab.rowFloats;
    if (strideWidth === 1) copyRun(x, from + firstCol, scratch, row + firstCol, endCol - firstCol);
    else splitPhases(source, strideWidth, x, from, firstCol, endCol, scratch, row);
  }
}

function splitPhases(
  source: SlabSource,
  stride: number,
  x: Float32Array,
  from: number,
  firstCol: number,
  endCol: number,
  scratch: Float32Array,
  row: number,
): void {
  for (let phase = 0; phase < stride; phase++) {
    if (source.colTouched[phase] !== true) continue;
    const first = firstCol + ((phase - (firstCol % stride) + stride) % stride);
    let at = row + phase * source.slab.phaseFloats + Math.floor(first / stride);
    for (let col = first; col < endCol; col += stride) scratch[at++] = x[from + col]!;
  }
}
