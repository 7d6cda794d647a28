/**
 * How the operands of products on tensor cores come from memory into shared memory: 16 bytes per thread at a time, by
 * asynchronous copies, zeros beyond the operand's end. Each text is a type of C++ of the interface
 * `X(data, first, depth, batch, t)` for the piece that begins at row (column) `first` and depth `depth`, and
 * `load(slot)`, which copies the piece to shared memory at `slot` and goes on to the next step of the depth.
 *
 * Pieces lie in lines of 64 or 128 bytes, whose chunks of 16 bytes are exchanged by XOR with the number of the line: the
 * eight rows of a matrix that `ldmatrix` loads then lie in different banks. It is the pattern of the hardware's own
 * "64-byte" and "128-byte swizzle" (PTX ISA, 9.7.15.5.1), so that warpgroups can read it too.
 */
import { GPU_TYPE_BYTES } from '../../devices/gpu.js';
import { axisConstants, product, type ConvGeometry } from '../conv/geometry.js';
import type { MatrixOperand } from '../gemm/problem.js';
import { viewOffset, viewSize, viewStrides, type TensorView } from '../view.js';
import { CHUNK } from './tile.js';

/** How one operand is loaded. */
export interface MmaLoader {
  /** Whether its lines lie across the depth. */
  readonly across: boolean;
  /** Constants and functions in front of the types. */
  readonly declarations: string;
  /** The type, for a tile's extent. */
  readonly type: (extent: string) => string;
}

/** Constants as CUDA C++. */
export function constantText(values: Readonly<Record<string, number | boolean>>): string {
  return Object.entries(values)
    .map(([name, value]) =>
      typeof value === 'boolean'
        ? `constexpr bool ${name} = ${value};\n`
        : `constexpr unsigned ${name} = ${value >>> 0}u;\n`,
    )
    .join('');
}

/** `NAME_batch(batch)`: elements in front of an operand's matrix. */
export function batchText(name: string, operand: MatrixOperand, batch: readonly number[]): string {
  const terms = [`${operand.offset}u`];
  let inner = 1;
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    if (operand.batchStrides[axis] > 0 && batch[axis] > 1) {
      terms.push(`batch / ${inner}u % ${batch[axis]}u * ${operand.batchStrides[axis]}u`);
    }
    inner *= batch[axis];
  }
  return `__device__ __forceinline__ unsigned ${name}_batch(unsigned batch) { return ${terms.join(' + ')}; }\n`;
}

/**
 * The loader of a matrix of `extent` rows (columns); undefined where its chunks are not aligned.
 * @param near elements from row to row (column to column)
 * @param far elements from depth to depth
 */
export function lineLoader(
  name: string,
  operand: MatrixOperand,
  extent: number,
  depth: number,
  batch: readonly number[],
  [near, far]: readonly [number, number],
): MmaLoader | undefined {
  const lanes = CHUNK / GPU_TYPE_BYTES[operand.type];
  const whole = (...counts: readonly number[]): boolean => counts.every((count) => count % lanes === 0);
  if (!whole(operand.offset, ...operand.batchStrides)) return undefined;
  const declarations = batchText(name, operand, batch);
  const template = (kind: string, stride: number) => (tile: string) =>
    `${kind}<${tile}, ${extent}u, ${stride}u, ${name}_batch>`;
  // Of a single row the step to the next one says nothing.
  if (far === 1 && whole(depth) && (whole(near) || extent === 1)) {
    return { across: false, declarations, type: template('DepthLines', near) };
  }
  if (near === 1 && whole(extent) && (whole(far) || depth === 1) && operand.type === 'f16') {
    return { across: true, declarations, type: template('AcrossLines', far) };
  }
  return undefined;
}

/** Most elements of a convolution's input: offsets are u32, and wrap in front of the first. */
const MOST_ELEMENTS = 2 ** 31;

/** Why windows of an input with channels innermost cannot be gathered, or undefined. */
export function pixelsRefusal({ channels, kernel }: ConvGeometry, x: TensorView): string | undefined {
  const lanes = CHUNK / GPU_TYPE_BYTES[x.type];
  const [c, ...others] = [1, 0, 2, 3, 4].map((axis) => viewStrides(x)[axis]);
  if (x.layout.block || c !== 1) return 'channels of the input are not innermost';
  if ([channels, viewOffset(x), ...others].some((count) => count % lanes !== 0)) {
    return `channels do not divide into vectors of ${lanes}`;
  }
  if (kernel[0] + kernel[1] + kernel[2] > 32) return `windows of ${kernel.join('x')} have too many taps`;
  return viewSize(x) > MOST_ELEMENTS ? 'the input is too large' : undefined;
}

/** The loader of a convolution's windows: rows (columns) are positions in the order n, d, h, w; the depth is tap, channel. */
export function pixelsLoader(geometry: ConvGeometry, x: TensorView, checked: boolean): MmaLoader {
  const { channels, output, batch } = geometry;
  const [n, , ...steps] = viewStrides(x);
  return {
    across: false,
    declarations: constantText({
      ...axisConstants(geometry, { X: steps }),
      CHANNELS: channels,
      X_N: n,
      X_OFFSET: viewOffset(x),
      POSITIONS: batch * product(output),
      CHECKED: checked,
    }),
    type: (extent) => `Pixels<${extent}>`,
  };
}

/** What all loaders use. */
export const CHUNKS_TEXT = /* cuda */ `
// Elements of a chunk.
constexpr unsigned LANES = 16u / sizeof(Element);
// Bytes of a line along the depth.
constexpr unsigned LINE = TILE_DEPTH * sizeof(Element);

// What a chunk's number is exchanged with in a line of WIDTH bytes.
template <unsigned WIDTH>
__device__ __forceinline__ unsigned swizzle(unsigned line) {
  return WIDTH == 128u ? line & 7u : line >> 1u & 3u;
}

// Whether a thread has no line in the i-th pass of PASS lines: the last one may be a part.
template <unsigned LINES, unsigned PASS>
__device__ __forceinline__ bool beyond(unsigned i, unsigned line) {
  return LINES % PASS != 0u && (i + 1u) * PASS > LINES && line + i * PASS >= LINES;
}
`;

export const DEPTH_LINES_TEXT = /* cuda */ `
// A matrix whose depth is contiguous: a line per row.
template <unsigned TILE, unsigned EXTENT, unsigned STRIDE, unsigned (*BATCH)(unsigned)>
struct DepthLines {
  static constexpr unsigned PER_LINE = LINE / 16u;
  static constexpr unsigned PASS = THREADS / PER_LINE;
  static constexpr unsigned COUNT = (TILE + PASS - 1u) / PASS;
  const Element* from;
  unsigned row, k, to;

  __device__ __forceinline__ DepthLines(const Element* data, unsigned first, unsigned depth, unsigned batch, unsigned t) {
    const unsigned line = t / PER_LINE, chunk = t % PER_LINE;
    row = first + line;
    k = depth + chunk * LANES;
    to = line * LINE + ((chunk ^ swizzle<LINE>(line)) << 4u);
    from = data + ((unsigned long long)BATCH(batch) + (unsigned long long)row * STRIDE + k);
  }

  __device__ __forceinline__ void load(unsigned slot) {
#pragma unroll
    for (unsigned i = 0u; i < COUNT; i++) {
      if (beyond<TILE, PASS>(i, threadIdx.x / PER_LINE)) break;
      const bool inside = k < DEPTH && row + i * PASS < EXTENT;
      copy_async(slot + to + i * (PASS * LINE), from + (unsigned long long)(i * PASS) * STRIDE, inside);
    }
    from += TILE_DEPTH;
    k += TILE_DEPTH;
  }
};
`;

export const ACROSS_LINES_TEXT = /* cuda */ `
// A matrix whose rows are contiguous: lines of up to 64 rows, one per depth; the next 64 rows follow the last depth.
template <unsigned TILE, unsigned EXTENT, unsigned STRIDE, unsigned (*BATCH)(unsigned)>
struct AcrossLines {
  static constexpr unsigned WIDTH = TILE * sizeof(Element) < 128u ? TILE * sizeof(Element) : 128u;
  static constexpr unsigned PER_LINE = WIDTH / 16u;
  static constexpr unsigned PASS = THREADS / PER_LINE;
  static constexpr unsigned LINES = TILE * sizeof(Element) / WIDTH * TILE_DEPTH;
  static constexpr unsigned COUNT = (LINES + PASS - 1u) / PASS;
  const Element* data;
  unsigned row, line, k, to;

  __device__ __forceinline__ AcrossLines(const Element* matrix, unsigned first, unsigned depth, unsigned batch, unsigned t) {
    const unsigned chunk = t % PER_LINE;
    line = t / PER_LINE;
    row = first + chunk * LANES;
    k = depth;
    to = line * WIDTH + ((chunk ^ swizzle<WIDTH>(line)) << 4u);
    data = matrix + BATCH(batch);
  }

  __device__ __forceinline__ void load(unsigned slot) {
#pragma unroll
    for (unsigned i = 0u; i < COUNT; i++) {
      if (beyond<LINES, PASS>(i, line)) break;
      const unsigned at = line + i * PASS;
      const unsigned d = k + at % TILE_DEPTH;
      const unsigned r = row + at / TILE_DEPTH * (WIDTH / (unsigned)sizeof(Element));
      const bool inside = d < DEPTH && r < EXTENT;
      copy_async(slot + to + i * (PASS * WIDTH), data + ((unsigned long long)d * STRIDE + r), inside);
    }
    k += TILE_DEPTH;
  }
};
`;

export const PIXELS_TEXT = /* cuda */ `
// Windows of an input with channels innermost. Which taps lie within the input is asked once per position, axis by axis,
// and kept as bits; a thread's chunks of a step are of one tap.
template <unsigned TILE>
struct Pixels {
  static constexpr unsigned PER_LINE = LINE / 16u;
  static constexpr unsigned PASS = THREADS / PER_LINE;
  static constexpr unsigned COUNT = (TILE + PASS - 1u) / PASS;
  const Element* data;
  unsigned base[COUNT], taps[COUNT];
  unsigned k, c, d, h, w, to;

  __device__ __forceinline__ Pixels(const Element* input, unsigned first, unsigned depth, unsigned, unsigned t) {
    const unsigned line = t / PER_LINE, chunk = t % PER_LINE;
    data = input;
    to = line * LINE + ((chunk ^ swizzle<LINE>(line)) << 4u);
    k = depth + chunk * LANES;
    c = k % CHANNELS;
    const unsigned tap = k / CHANNELS;
    w = tap % KERNEL_W;
    h = tap / KERNEL_W % KERNEL_H;
    d = tap / (KERNEL_W * KERNEL_H);
#pragma unroll
    for (unsigned i = 0u; i < COUNT; i++) place(i, first + line + i * PASS);
  }

  __device__ __forceinline__ void place(unsigned i, unsigned position) {
    const unsigned n = position / (OUT_W * OUT_H * OUT_D);
    // What lies in front of the input wraps, and is beyond every extent.
    const unsigned x = position % OUT_W * STRIDE_W - PAD_W;
    const unsigned y = position / OUT_W % OUT_H * STRIDE_H - PAD_H;
    const unsigned z = position / (OUT_W * OUT_H) % OUT_D * STRIDE_D - PAD_D;
    base[i] = X_OFFSET + n * X_N + z * X_D + y * X_H + x * X_W;
    unsigned bits = 1u;
    if (CHECKED) {
      bits = 0u;
      for (unsigned tap = 0u; tap < KERNEL_D; tap++) {
        bits |= (unsigned)(z + tap * DILATION_D < IN_D) << tap;
      }
      for (unsigned tap = 0u; tap < KERNEL_H; tap++) {
        bits |= (unsigned)(y + tap * DILATION_H < IN_H) << (KERNEL_D + tap);
      }
      for (unsigned tap = 0u; tap < KERNEL_W; tap++) {
        bits |= (unsigned)(x + tap * DILATION_W < IN_W) << (KERNEL_D + KERNEL_H + tap);
      }
    }
    taps[i] = position < POSITIONS ? bits : 0u;
  }

  __device__ __forceinline__ void load(unsigned slot) {
    const unsigned offset = d * (DILATION_D * X_D) + h * (DILATION_H * X_H) + w * (DILATION_W * X_W) + c;
    // Beyond the depth d is beyond its bits too, and may be any shift.
    const unsigned wanted = !CHECKED ? 1u : 1u << (d & 31u) | 1u << (KERNEL_D + h) | 1u << (KERNEL_D + KERNEL_H + w);
#pragma unroll
    for (unsigned i = 0u; i < COUNT; i++) {
      if (beyond<TILE, PASS>(i, threadIdx.x / PER_LINE)) break;
      const bool inside = k < DEPTH && (taps[i] & wanted) == wanted;
      copy_async(slot + to + i * (PASS * LINE), data + (base[i] + offset), inside);
    }
    k += TILE_DEPTH;
    c += TILE_DEPTH;
    if constexpr (CHANNELS >= TILE_DEPTH) {
      if (c >= CHANNELS) next_tap();
    } else {
      while (c >= CHANNELS) next_tap();
    }
  }

  __device__ __forceinline__ void next_tap() {
    c -= CHANNELS;
    w = w + 1u == KERNEL_W ? 0u : w + 1u;
    h = w != 0u ? h : h + 1u == KERNEL_H ? 0u : h + 1u;
    d = w != 0u || h != 0u ? d : d + 1u;
  }
};
`;
