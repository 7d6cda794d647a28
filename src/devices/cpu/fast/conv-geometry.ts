/** Shapes of a 2-D convolution, and which part of the input a rectangle of its output needs. */

/** A 2-D convolution, NCHW, weights `[outChannels, inChannels / groups, kernelHeight, kernelWidth]`; sizes in elements. */
export interface Conv2dShape {
  readonly batch: number;
  readonly inChannels: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outChannels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly padBottom: number;
  readonly padRight: number;
  readonly groups: number;
}

function outputLength(input: number, pads: number, kernel: number, dilation: number, stride: number): number {
  return Math.max(Math.floor((input + pads - (kernel - 1) * dilation - 1) / stride) + 1, 0);
}

/** Height and width of the output in elements; 0 where the window does not fit into the padded input. */
export function conv2dOutputSize(shape: Conv2dShape): { height: number; width: number } {
  const { padTop, padBottom, padLeft, padRight } = shape;
  return {
    height: outputLength(
      shape.inHeight,
      padTop + padBottom,
      shape.kernelHeight,
      shape.dilationHeight,
      shape.strideHeight,
    ),
    width: outputLength(
      shape.inWidth,
      padLeft + padRight,
      shape.kernelWidth,
      shape.dilationWidth,
      shape.strideWidth,
    ),
  };
}

/** A part of one output plane: whole rows of it, or a piece of one row, so that it is contiguous in memory. */
export interface Rectangle {
  readonly y: number;
  readonly x: number;
  readonly rows: number;
  readonly cols: number;
}

/** Cuts a plane into contiguous rectangles of at most about `limit` elements (at least one) and nearly equal size. */
export function cutPlane(height: number, width: number, limit: number): Rectangle[] {
  const rectangles: Rectangle[] = [];
  if (height === 0 || width === 0) return rectangles;
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

/**
 * The zero-padded piece of an input plane under a rectangle of outputs, as it lies in the scratch.
 *
 * Each row is split by the horizontal stride into phases: column x is at `phase(x mod s)`, position `floor(x / s)`. The
 * inputs that neighbouring outputs multiply with the same weight are then neighbours, whatever the stride, and the
 * kernels need no strided loads.
 */
export interface Slab {
  readonly height: number;
  readonly width: number;
  /** Floats from one phase of a row to the next; a row has `strideWidth` phases. */
  readonly phaseFloats: number;
  readonly rowFloats: number;
  readonly floats: number;
}

/** Size of the slab for `rows` x `cols` outputs. */
export function slabFor(shape: Conv2dShape, rows: number, cols: number): Slab {
  const height = (rows - 1) * shape.strideHeight + (shape.kernelHeight - 1) * shape.dilationHeight + 1;
  const width = (cols - 1) * shape.strideWidth + (shape.kernelWidth - 1) * shape.dilationWidth + 1;
  const phaseFloats = Math.ceil(width / shape.strideWidth);
  const rowFloats = phaseFloats * shape.strideWidth;
  return { height, width, phaseFloats, rowFloats, floats: height * rowFloats };
}

/** Floats from an output's place in the slab to the input under kernel element (ky, kx). */
export function tapOffset(shape: Conv2dShape, slab: Slab, ky: number, kx: number): number {
  const x = kx * shape.dilationWidth;
  const phase = x % shape.strideWidth;
  return (
    ky * shape.dilationHeight * slab.rowFloats + phase * slab.phaseFloats + Math.floor(x / shape.strideWidth)
  );
}

/** The residues modulo the stride of the slab rows (or columns) that any kernel element touches. */
function touchedResidues(kernel: number, dilation: number, stride: number): number[] {
  const touched = new Set<number>();
  for (let i = 0; i < Math.min(kernel, stride); i++) touched.add((i * dilation) % stride);
  return [...touched];
}

/** The rows and columns of an input plane that go into a slab. */
export interface SlabSource {
  readonly slab: Slab;
  /** Input coordinates of the slab's first element; negative in the padding. */
  readonly y: number;
  readonly x: number;
  /** Only these residues of rows modulo the vertical stride are read. */
  readonly rowResidues: readonly number[];
  /** Only these phases of a row are read. */
  readonly phases: readonly number[];
}

/** Where the slab of a rectangle comes from. */
export function slabSource(shape: Conv2dShape, rectangle: Rectangle): SlabSource {
  return {
    slab: slabFor(shape, rectangle.rows, rectangle.cols),
    y: rectangle.y * shape.strideHeight - shape.padTop,
    x: rectangle.x * shape.strideWidth - shape.padLeft,
    rowResidues: touchedResidues(shape.kernelHeight, shape.dilationHeight, shape.strideHeight),
    phases: touchedResidues(shape.kernelWidth, shape.dilationWidth, shape.strideWidth),
  };
}
