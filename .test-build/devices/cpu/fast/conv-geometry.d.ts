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
/** Height and width of the output in elements; 0 where the window does not fit into the padded input. */
export declare function conv2dOutputSize(shape: Conv2dShape): {
    height: number;
    width: number;
};
/** A part of one output plane: whole rows of it, or a piece of one row, so that it is contiguous in memory. */
export interface Rectangle {
    readonly y: number;
    readonly x: number;
    readonly rows: number;
    readonly cols: number;
}
/** Cuts a plane into contiguous rectangles of at most about `limit` elements (at least one) and nearly equal size. */
export declare function cutPlane(height: number, width: number, limit: number): Rectangle[];
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
export declare function slabFor(shape: Conv2dShape, rows: number, cols: number): Slab;
/** Floats from an output's place in the slab to the input under kernel element (ky, kx). */
export declare function tapOffset(shape: Conv2dShape, slab: Slab, ky: number, kx: number): number;
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
export declare function slabSource(shape: Conv2dShape, rectangle: Rectangle): SlabSource;
