/** Copies pieces of input planes, split by stride phase, into the scratch. */
import {} from './conv-geometry.js';
import {} from './kernels.js';
import { copyRun } from './scratch.js';
/** Floats that {@link fillSlab} needs for staging: the input rows under the slab, or pieces of them. */
export function slabStaging(shape, slab) {
    return Math.min(slab.height, shape.inHeight) * Math.min(shape.inWidth, 2 * slab.width);
}
/**
 * Copies the piece of the plane that starts at `planeOffset` in `x` into the slab at byte address `to`. The padding
 * around it must be zero already and stays so: it is the same for all planes of a rectangle.
 *
 * The rows are staged as they lie, with few long copies, and laid out by the kernels: doing that in JavaScript took 3 ns
 * per element at stride 2, three quarters of a depthwise layer's time.
 */
export function fillSlab(kernels, shape, source, x, planeOffset, to, staging) {
    const { slab } = source;
    const { inHeight, inWidth, strideHeight, strideWidth } = shape;
    const firstRow = Math.max(-source.y, 0);
    const endRow = Math.min(slab.height, inHeight - source.y);
    const firstCol = Math.max(-source.x, 0);
    const endCol = Math.min(slab.width, inWidth - source.x);
    if (endRow <= firstRow || endCol <= firstCol)
        return;
    const inputRow = planeOffset + (source.y + firstRow) * inWidth;
    const rows = endRow - firstRow;
    const scratch = kernels.f32;
    if (strideWidth === 1 && firstCol === 0 && endCol === inWidth && slab.rowFloats === inWidth) {
        copyRun(x, inputRow, scratch, to / 4 + firstRow * inWidth, rows * inWidth);
        return;
    }
    const firstX = source.x + firstCol;
    // Whole rows are one long copy; if most of them would go unused, pieces are copied one by one.
    const width = 2 * (endCol - firstCol) > inWidth ? inWidth : endCol - firstCol;
    const stagedX = width === inWidth ? 0 : firstX;
    if (width === inWidth)
        copyRun(x, inputRow, scratch, staging / 4, rows * inWidth);
    else {
        for (let r = 0; r < rows; r++) {
            copyRun(x, inputRow + r * inWidth + firstX, scratch, staging / 4 + r * width, width);
        }
    }
    for (const residue of source.rowResidues) {
        const row = firstWithResidue(firstRow, residue, strideHeight);
        for (const phase of source.phases) {
            const col = firstWithResidue(firstCol, phase, strideWidth);
            if (row >= endRow || col >= endCol)
                continue;
            const from = (row - firstRow) * width + (col - firstCol) + (firstX - stagedX);
            const at = row * slab.rowFloats + phase * slab.phaseFloats + Math.floor(col / strideWidth);
            kernels.spreadRows(staging + 4 * from, to + 4 * at, Math.ceil((endRow - row) / strideHeight), Math.ceil((endCol - col) / strideWidth), 4 * strideHeight * width, 4 * strideHeight * slab.rowFloats, strideWidth);
        }
    }
}
/** The smallest number >= `least` that is `residue` modulo `modulus`. */
function firstWithResidue(least, residue, modulus) {
    return least + ((residue - (least % modulus) + modulus) % modulus);
}
//# sourceMappingURL=conv-slab.js.map