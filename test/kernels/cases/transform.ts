/**
 * Cases of the ops that are a change of layout, and transforms themselves, which are no ops: all pairs of layouts,
 * with guard zones around the output and poison in it.
 */
import { GPU_TYPE_BYTES, type GpuDevice, type GpuType, type KernelSource } from '../../../src/devices/gpu.js';
import type { TensorView } from '../../../src/kernels/view.js';
import { Identity } from '../../../src/ops/identity.js';
import { Reshape } from '../../../src/ops/reshape.js';
import { Transpose } from '../../../src/ops/transpose.js';
import {
  LAYOUT_KINDS,
  Tensor,
  layoutOf,
  permutedLayout,
  physicalSize,
  sizeOf,
} from '../../../src/tensor/index.js';
import type { Layout, LayoutKind } from '../../../src/tensor/index.js';
import { randomNumbers, toDevice, type OpCase } from '../harness.js';

const f32 = (...dims: number[]): { dtype: 'f32'; dims: number[] } => ({ dtype: 'f32', dims });

const TRANSPOSES: readonly (readonly [dims: number[], perm: number[]])[] = [
  [
    [2, 3, 4, 5],
    [0, 2, 3, 1],
  ],
  [
    [2, 8, 3, 4],
    [1, 2, 3, 0],
  ],
  [
    [3, 5, 4, 8],
    [3, 2, 1, 0],
  ],
  [
    [1, 6, 1, 9],
    [0, 3, 2, 1],
  ],
  [
    [5, 7],
    [1, 0],
  ],
  [
    [3, 4, 9],
    [2, 0, 1],
  ],
  [
    [2, 3, 2, 5, 4],
    [0, 4, 1, 3, 2],
  ],
  [
    [2, 3, 2, 1, 3, 2],
    [5, 3, 1, 0, 2, 4],
  ],
];

const RESHAPES: readonly (readonly [from: number[], to: number[]])[] = [
  [
    [2, 3, 4, 5],
    [2, 60],
  ],
  [
    [2, 8, 3, 3],
    [2, 72],
  ],
  [
    [2, 5, 1, 1],
    [2, 5],
  ],
  [
    [2, 12, 1, 1],
    [2, 12],
  ],
  [
    [2, 6, 4, 4],
    [2, 2, 3, 16],
  ],
  [
    [2, 8, 6],
    [2, 2, 4, 6],
  ],
  [
    [6, 4],
    [4, 6],
  ],
  [
    [3, 4, 5, 2],
    [4, 15, 2],
  ],
  [
    [2, 3, 1, 4, 1, 5],
    [6, 20],
  ],
  [[1, 1, 1], []],
  [[7], [1, 7, 1, 1]],
];

export const transformCases: readonly OpCase[] = [
  ...TRANSPOSES.map(([dims, perm]): OpCase => ({
    name: `transpose ${dims.join('x')} by ${perm.join('')}`,
    op: new Transpose(perm),
    inputs: [f32(...dims)],
  })),
  {
    name: 'transpose i64',
    op: new Transpose([1, 0]),
    inputs: [{ dtype: 'i64', dims: [5, 6], range: [-99, 99] }],
  },
  {
    name: 'transpose bool',
    op: new Transpose([1, 0, 2]),
    inputs: [{ dtype: 'bool', dims: [2, 3, 4], range: [0, 1] }],
  },
  ...RESHAPES.map(([from, to]): OpCase => ({
    name: `reshape ${from.join('x')} to ${to.join('x')}`,
    op: new Reshape(to),
    inputs: [f32(...from)],
  })),
  { name: 'identity 2x3x4x5', op: new Identity(), inputs: [f32(2, 3, 4, 5)] },
  { name: 'identity u8', op: new Identity(), inputs: [{ dtype: 'u8', dims: [7], range: [0, 255] }] },
];

/** Shapes for transforms: ranks 2 to 5, few channels, sizes that divide and sizes that do not, more than one tile. */
export const TRANSFORM_SHAPES: readonly (readonly number[])[] = [
  [1, 1, 1, 1],
  [1, 7, 1, 1],
  [1, 3, 5, 7],
  [2, 3, 8, 8],
  [5, 8, 3, 4],
  [4, 6, 5, 5],
  [3, 4, 1, 9],
  [33, 20, 7, 9],
  [64, 32, 4, 5],
  [2, 70, 9, 11],
  [130, 2, 6, 6],
  [1, 64, 17, 16],
  [2, 5],
  [64, 96],
  [67, 130],
  [3, 5, 17],
  [8, 12, 20],
  [2, 3, 4, 5, 6],
  [3, 8, 2, 3, 4],
];

/** Transforms into a part of a larger tensor: aligned to blocks or not, at the end of the tensor or not. */
export const PART_CASES: readonly {
  readonly name: string;
  readonly dims: readonly number[];
  readonly from: LayoutKind;
  readonly to: LayoutKind;
  readonly within: NonNullable<TensorView['within']>;
}[] = [
  {
    name: 'rows of NHWC',
    dims: [2, 8, 2, 3],
    from: 'nchw',
    to: 'nhwc',
    within: { dims: [2, 8, 5, 4], origin: [0, 0, 1, 1] },
  },
  {
    name: 'channels of NHWC, four by four',
    dims: [2, 4, 3, 3],
    from: 'nhwc',
    to: 'nhwc',
    within: { dims: [2, 12, 3, 3], origin: [0, 8, 0, 0] },
  },
  {
    name: 'whole blocks of NCHW4c',
    dims: [2, 8, 3, 3],
    from: 'nchw',
    to: 'nchw4c',
    within: { dims: [2, 14, 3, 3], origin: [0, 4, 0, 0] },
  },
  {
    name: 'channels across blocks of NCHW4c',
    dims: [2, 5, 3, 2],
    from: 'nchw',
    to: 'nchw4c',
    within: { dims: [2, 12, 3, 2], origin: [0, 3, 0, 0] },
  },
  {
    name: 'the last channels of NCHW4c',
    dims: [2, 5, 3, 2],
    from: 'chwn',
    to: 'nchw4c',
    within: { dims: [2, 10, 3, 2], origin: [0, 5, 0, 0] },
  },
  {
    name: 'the last blocks of NCHW4c',
    dims: [8, 6, 3, 5],
    from: 'chwn',
    to: 'nchw4c',
    within: { dims: [8, 10, 3, 5], origin: [0, 4, 0, 0] },
  },
  {
    name: 'a window of NCHW4c, in boxes at lines of memory',
    dims: [8, 8, 3, 256],
    from: 'chwn',
    to: 'nchw4c',
    within: { dims: [9, 16, 5, 259], origin: [1, 4, 1, 1] },
  },
];

/** The layouts of a rank, and where it has room for it a rotated one, as weights have. */
export function layoutsForTransforms(rank: number): Layout[] {
  const kinds = LAYOUT_KINDS.map((kind) => layoutOf(kind, rank));
  const reversed = Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  return [...kinds, permutedLayout('reversed', reversed)];
}

export interface TransformRun {
  readonly dims: readonly number[];
  readonly from: Layout;
  readonly to: Layout;
  readonly type: GpuType;
  /** A larger tensor that y is a part of: dims and the part's first index. */
  readonly within?: TensorView['within'];
}

const GUARD = 256;

/** Runs a kernel that is to convert x to y. @returns what is wrong, or undefined */
export async function runTransform(
  device: GpuDevice,
  { dims, from, to, type, within }: TransformRun,
  kernel: (x: TensorView, y: TensorView) => KernelSource,
): Promise<string | undefined> {
  const random = randomNumbers(dims.length + sizeOf(dims));
  const values = Array.from({ length: sizeOf(dims) }, () => Math.round(1 + 4000 * random()));
  const tensor = Tensor.from(type, dims, values);
  const input = toDevice(tensor, from, type);
  const y: TensorView = { dims, layout: to, type, ...(within ? { within } : {}) };
  const bytes = physicalSize(to, within?.dims ?? dims) * GPU_TYPE_BYTES[type];
  const x = await device.allocate(Math.max(input.byteLength, 4), 'x');
  const out = await device.allocate(bytes + 2 * GUARD, 'y');
  try {
    device.write(x, 0, input);
    const expected = new Uint8Array(out.bytes).fill(0xff);
    device.write(out, 0, expected);
    if (within) {
      // What lies around the part keeps its poison; the last part fills the padding of the whole.
      const whole = toDevice(partOf(tensor, within), to, type);
      expected.set(new Uint8Array(whole.buffer, whole.byteOffset, bytes), GUARD);
      const { block } = to;
      const last = block && within.origin[block.axis] + dims[block.axis] === within.dims[block.axis];
      if (block && !last) poisonPadding(expected, to, within.dims, bytes);
    } else {
      const wanted = toDevice(tensor, to, type);
      expected.set(new Uint8Array(wanted.buffer, wanted.byteOffset, bytes), GUARD);
    }
    const source = kernel({ dims, layout: from, type }, y);
    const [compiled] = await device.compile([source]);
    const slices = [
      { buffer: x, offset: 0, bytes: x.bytes },
      { buffer: out, offset: GUARD, bytes },
    ];
    const whole = { buffer: out, offset: 0, bytes: out.bytes };
    const recording = await device.record([{ kernel: compiled, slices }], [whole]);
    const [actual] = await device.submit(recording);
    device.release(recording);
    const at = actual.findIndex((byte, i) => byte !== expected[i]);
    return at < 0 ? undefined : `${source.id} is wrong at byte ${at - GUARD} of ${bytes}`;
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  } finally {
    x.destroy();
    out.destroy();
  }
}

/** Poison where a blocked tensor's padding lies. */
function poisonPadding(memory: Uint8Array, layout: Layout, dims: readonly number[], bytes: number): void {
  const real = new Tensor('u32', dims);
  real.data.fill(1);
  const marks = toDevice(real, layout, 'u32') as Uint32Array;
  const width = bytes / marks.length;
  for (const [i, mark] of marks.entries()) {
    if (mark === 0) memory.fill(0xff, GUARD + i * width, GUARD + (i + 1) * width);
  }
}

/** The larger tensor with the part's elements in it, and poison elsewhere. */
function partOf(part: Tensor, within: NonNullable<TensorView['within']>): Tensor {
  const whole = new Tensor(part.dtype, within.dims);
  new Uint8Array(whole.data.buffer).fill(0xff);
  const source = part.data as Float32Array;
  const target = whole.data as Float32Array;
  const index = part.dims.map(() => 0);
  for (let i = 0; i < part.size; i++) {
    let flat = 0;
    for (const [axis, dim] of within.dims.entries()) flat = flat * dim + within.origin[axis] + index[axis];
    target[flat] = source[i];
    for (let axis = index.length - 1; axis >= 0; axis--) {
      if (++index[axis] < part.dims[axis]) break;
      index[axis] = 0;
    }
  }
  return whole;
}
