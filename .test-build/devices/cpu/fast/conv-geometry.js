/** Shapes of a 2-D convolution, and which part of the input a rectangle of its output needs. */
function outputLength(input, pads, kernel, dilation, stride) {
    return Math.max(Math.floor((input + pads - (kernel - 1) * dilation - 1) / stride) + 1, 0);
}
/** Height and width of the output in elements; 0 where the window does not fit into the padded input. */
export function conv2dOutputSize(shape) {
    const { padTop, padBottom, padLeft, padRight } = shape;
    return {
        height: outputLength(shape.inHeight, padTop + padBottom, shape.kernelHeight, shape.dilationHeight, shape.strideHeight),
        width: outputLength(shape.inWidth, padLeft + padRight, shape.kernelWidth, shape.dilationWidth, shape.strideWidth),
    };
}
/** Cuts a plane into contiguous rectangles of at most about `limit` elements (at least one) and nearly equal size. */
export function cutPlane(height, width, limit) {
    const rectangles = [];
    if (height === 0 || width === 0)
        return rectangles;
    if (width > limit) {
        // Pieces in multiples of 8 columns, which is what the kernels' tiles hold.
        const pieces = Math.ceil(width / limit);
        const cols = Math.ceil(width / pieces / 8) * 8;
        for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x += cols)
                rectangles.push({ y, x, rows: 1, cols: Math.min(cols, width - x) });
        }
        return rectangles;
    }
    const most = Math.max(Math.floor(limit / Math.max(width, 1)), 1);
    const rows = Math.ceil(height / Math.ceil(height / most));
    for (let y = 0; y < height; y += rows)
        rectangles.push({ y, x: 0, rows: Math.min(rows, height - y), cols: width });
    return rectangles;
}
/** Size of the slab for `rows` x `cols` outputs. */
export function slabFor(shape, rows, cols) {
    const height = (rows - 1) * shape.strideHeight + (shape.kernelHeight - 1) * shape.dilationHeight + 1;
    const width = (cols - 1) * shape.strideWidth + (shape.kernelWidth - 1) * shape.dilationWidth + 1;
    const phaseFloats = Math.ceil(width / shape.strideWidth);
    const rowFloats = phaseFloats * shape.strideWidth;
    return { height, width, phaseFloats, rowFloats, floats: height * rowFloats };
}
/** Floats from an output's place in the slab to the input under kernel element (ky, kx). */
export function tapOffset(shape, slab, ky, kx) {
    const x = kx * shape.dilationWidth;
    const phase = x % shape.strideWidth;
    return (ky * shape.dilationHeight * slab.rowFloats + phase * slab.phaseFloats + Math.floor(x / shape.strideWidth));
}
/** The residues modulo the stride of the slab rows (or columns) that any kernel element touches. */
function touchedResidues(kernel, dilation, stride) {
    const touched = new Set();
    for (let i = 0; i < Math.min(kernel, stride); i++)
        touched.add((i * dilation) % stride);
    return [...touched];
}
/** Where the slab of a rectangle comes from. */
export function slabSource(shape, rectangle) {
    return {
        slab: slabFor(shape, rectangle.rows, rectangle.cols),
        y: rectangle.y * shape.strideHeight - shape.padTop,
        x: rectangle.x * shape.strideWidth - shape.padLeft,
        rowResidues: touchedResidues(shape.kernelHeight, shape.dilationHeight, shape.strideHeight),
        phases: touchedResidues(shape.kernelWidth, shape.dilationWidth, shape.strideWidth),
    };
}
//# sourceMappingURL=conv-geometry.js.map