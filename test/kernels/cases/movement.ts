/** Cases of the ops that move elements. */
import { Concat } from '../../../src/ops/concat.js';
import { DepthToSpace } from '../../../src/ops/depth-to-space.js';
import { Expand } from '../../../src/ops/expand.js';
import { Gather, GatherElements, GatherND } from '../../../src/ops/gather.js';
import { GridSample, type GridSampling } from '../../../src/ops/grid-sample.js';
import { OneHot } from '../../../src/ops/one-hot.js';
import { Pad, type PadMode } from '../../../src/ops/pad.js';
import type {
  CoordinateMode,
  InterpolationMode,
  NearestMode,
  ResizeAxis,
} from '../../../src/ops/resample.js';
import { Resize } from '../../../src/ops/resize.js';
import { Slice } from '../../../src/ops/slice.js';
import { SpaceToDepth } from '../../../src/ops/space-to-depth.js';
import { Split } from '../../../src/ops/split.js';
import { Tile } from '../../../src/ops/tile.js';
import type { DType } from '../../../src/tensor/index.js';
import type { CaseInput, OpCase } from '../harness.js';

const input = (dims: number[], dtype: DType = 'f32'): CaseInput => ({
  dtype,
  dims,
  ...(dtype.startsWith('f') ? {} : { range: dtype === 'bool' ? [0, 1] : [0, 99] }),
});

const indices = (dims: number[], range: [number, number]): CaseInput => ({ dtype: 'i64', dims, range });

const concat = (axis: number, parts: number[][], dtype: DType = 'f32'): OpCase => ({
  name: `concat ${dtype} ${parts.map((dims) => dims.join('x')).join(' + ')} along ${axis}`,
  op: new Concat(axis),
  inputs: parts.map((dims) => input(dims, dtype)),
});

const split = (dims: number[], axis: number, sizes: number[]): OpCase => ({
  name: `split ${dims.join('x')} along ${axis} into ${sizes.join(', ')}`,
  op: new Split(axis, sizes),
  inputs: [input(dims)],
});

const slice = (dims: number[], starts: number[], steps: number[], extents: number[]): OpCase => ({
  name: `slice ${dims.join('x')} from ${starts.join(',')} by ${steps.join(',')}`,
  op: new Slice(starts, steps, extents),
  inputs: [input(dims)],
});

const pad = (mode: PadMode, dims: number[], begins: number[], ends: number[], value = 0): OpCase => ({
  name: `pad ${mode} ${dims.join('x')} by ${begins.join(',')} and ${ends.join(',')}`,
  op: new Pad(mode, begins, ends, value),
  inputs: [input(dims)],
});

interface ResizeCase {
  readonly mode: InterpolationMode;
  readonly coordinates?: CoordinateMode;
  readonly nearest?: NearestMode;
  readonly scales: readonly number[];
  readonly antialias?: boolean;
  readonly excludeOutside?: boolean;
  readonly roi?: readonly [number, number];
  readonly dtype?: DType;
}

const resize = (dims: readonly number[], how: ResizeCase): OpCase => {
  const axes = dims.map((extent, axis): ResizeAxis => {
    const resized = how.scales[axis] !== 1;
    return {
      input: extent,
      output: Math.floor(extent * how.scales[axis]),
      scale: how.scales[axis],
      coordinates: resized ? (how.coordinates ?? 'half_pixel') : 'half_pixel',
      nearest: how.nearest ?? 'round_prefer_floor',
      roi: how.roi ?? [0, 1],
    };
  });
  const words = [
    how.coordinates,
    how.nearest,
    how.antialias && 'antialias',
    how.excludeOutside && 'inside',
    how.dtype,
  ];
  return {
    name: `resize ${how.mode} ${dims.join('x')} by ${how.scales.join(',')} ${words.filter(Boolean).join(' ')}`,
    op: new Resize(axes, {
      mode: how.mode,
      cubicCoefficient: -0.75,
      excludeOutside: how.excludeOutside ?? false,
      antialias: how.antialias ?? false,
      extrapolation: 7,
    }),
    inputs: [input([...dims], how.dtype)],
  };
};

const gridSample = (x: number[], outputs: number[], sampling: GridSampling): OpCase => ({
  name: `grid sample ${x.join('x')} at ${outputs.join('x')} ${sampling.mode} ${sampling.padding} ${sampling.alignCorners}`,
  op: new GridSample(sampling),
  inputs: [input(x), { dtype: 'f32', dims: [x[0], ...outputs, x.length - 2], range: [-1.6, 1.6] }],
});

export const movementCases: readonly OpCase[] = [
  concat(1, [
    [2, 4, 3, 5],
    [2, 8, 3, 5],
    [2, 3, 3, 5],
  ]),
  concat(1, [
    [1, 3, 4, 4],
    [1, 2, 4, 4],
    [1, 0, 4, 4],
    [1, 6, 4, 4],
  ]),
  concat(2, [
    [3, 5, 2, 4],
    [3, 5, 1, 4],
  ]),
  concat(0, [[3], [4]], 'i64'),
  concat(
    1,
    [
      [2, 3],
      [2, 1],
    ],
    'bool',
  ),
  split([2, 12, 3, 3], 1, [4, 8]),
  split([2, 9, 3, 2], 1, [3, 5, 0, 1]),
  split([3, 4, 7], 2, [3, 4]),
  slice([2, 9, 5, 6], [0, 4, 1, 5], [1, 1, 2, -1], [2, 5, 2, 4]),
  slice([3, 8, 4, 4], [2, 7, 0, 0], [-1, -2, 1, 1], [3, 4, 4, 4]),
  slice([2, 16, 3, 3], [0, 8, 0, 1], [1, 1, 1, 1], [1, 8, 3, 2]),
  slice([11], [9], [-3], [4]),
  { name: 'expand 3x1x5 to 2x3x4x5', op: new Expand([2, 3, 4, 5]), inputs: [input([3, 1, 5])] },
  { name: 'expand 2x1x3x1', op: new Expand([2, 6, 3, 4]), inputs: [input([2, 1, 3, 1])] },
  { name: 'tile 2x3x2x2', op: new Tile([1, 3, 2, 1]), inputs: [input([2, 3, 2, 2])] },
  { name: 'tile 2x4x3x1', op: new Tile([2, 2, 1, 5]), inputs: [input([2, 4, 3, 1])] },
  { name: 'depth to space DCR', op: new DepthToSpace(2, 'DCR'), inputs: [input([2, 16, 3, 2])] },
  { name: 'depth to space CRD', op: new DepthToSpace(2, 'CRD'), inputs: [input([1, 12, 2, 3])] },
  { name: 'space to depth DCR', op: new SpaceToDepth(2, 'DCR'), inputs: [input([2, 4, 4, 6])] },
  { name: 'space to depth CRD', op: new SpaceToDepth(3, 'CRD'), inputs: [input([2, 2, 3, 6])] },
  pad('constant', [2, 5, 3, 4], [0, 0, 1, 2], [0, 0, 3, 0], -Infinity),
  pad('constant', [4, 4, 3, 4], [0, 1, 0, 2], [0, 2, -1, -1], 0.5),
  pad('constant', [0, 3], [1, 0], [2, 1], 3),
  pad('reflect', [4, 8, 3, 4], [0, 0, 2, 5], [0, 0, 3, 1]),
  pad('edge', [2, 3, 4], [1, 0, 3], [0, 2, 1]),
  pad('wrap', [3, 5], [1, 4], [2, 7]),
  { name: 'pad i64', op: new Pad('constant', [1, 2], [0, 1], -5), inputs: [{ ...input([2, 3], 'i64') }] },
  { name: 'gather rows', op: new Gather(0), inputs: [input([7, 8]), indices([3, 2], [-7, 6])] },
  { name: 'gather channels', op: new Gather(1), inputs: [input([2, 6, 3, 4]), indices([5], [-6, 5])] },
  { name: 'gather a scalar', op: new Gather(2), inputs: [input([2, 8, 3]), indices([], [1, 1])] },
  {
    name: 'gather elements',
    op: new GatherElements(1),
    inputs: [input([3, 6, 2, 5]), indices([2, 7, 2, 3], [-6, 5])],
  },
  { name: 'gather nd', op: new GatherND(1), inputs: [input([2, 3, 4, 8]), indices([2, 5, 1], [-3, 2])] },
  { name: 'gather nd all', op: new GatherND(0), inputs: [input([3, 4], 'i32'), indices([2, 3, 2], [-3, 2])] },
  {
    name: 'one hot',
    op: new OneHot(1, 6),
    inputs: [
      { dtype: 'i64', dims: [3, 5], range: [-8, 8] },
      { dtype: 'f32', dims: [2], values: [-1, 2] },
    ],
  },
  {
    name: 'one hot of floats',
    op: new OneHot(0, 4),
    inputs: [
      { dtype: 'f32', dims: [7], range: [-5, 5] },
      { dtype: 'u8', dims: [2], values: [3, 9] },
    ],
  },
  resize([2, 8, 3, 5], {
    mode: 'nearest',
    coordinates: 'asymmetric',
    nearest: 'floor',
    scales: [1, 1, 2, 2],
  }),
  resize([1, 3, 5, 7], { mode: 'nearest', scales: [1, 1, 0.6, 1.7] }),
  resize([2, 5, 4, 6], { mode: 'linear', scales: [1, 1, 2, 2] }),
  resize([4, 4, 7, 5], { mode: 'linear', coordinates: 'align_corners', scales: [1, 1, 1.5, 0.7] }),
  resize([1, 2, 6, 5], {
    mode: 'linear',
    coordinates: 'tf_crop_and_resize',
    roi: [-0.2, 0.9],
    scales: [1, 1, 1.3, 2],
  }),
  resize([1, 2, 5, 6], { mode: 'linear', scales: [1, 1, 2, 1.7], dtype: 'i32' }),
  resize([1, 4, 5, 6], { mode: 'cubic', scales: [1, 1, 2, 1.3] }),
  resize([1, 1, 5, 4], { mode: 'cubic', scales: [1, 1, 0.8, 2], excludeOutside: true }),
  resize([1, 1, 9, 8], { mode: 'linear', scales: [1, 1, 0.4, 0.5], antialias: true }),
  resize([1, 1, 9, 8], { mode: 'cubic', scales: [1, 1, 0.5, 0.4], antialias: true }),
  resize([1, 1, 701], { mode: 'linear', scales: [1, 1, 0.913] }),
  resize([3, 4, 5], { mode: 'linear', scales: [1.5, 2, 2] }),
  gridSample([2, 4, 5, 6], [3, 4], { mode: 'linear', padding: 'zeros', alignCorners: false }),
  gridSample([1, 3, 4, 5], [5, 3], { mode: 'cubic', padding: 'reflection', alignCorners: true }),
  gridSample([1, 3, 4, 5], [5, 3], { mode: 'cubic', padding: 'reflection', alignCorners: false }),
  gridSample([2, 5, 4, 3], [2, 5], { mode: 'nearest', padding: 'border', alignCorners: false }),
  gridSample([1, 4, 3, 4, 5], [2, 3, 2], { mode: 'linear', padding: 'border', alignCorners: true }),
  gridSample([2, 3, 9], [7], { mode: 'cubic', padding: 'zeros', alignCorners: false }),
];
