/** Cases of normalisations. */
import { BatchNormalization } from '../../../src/ops/batch-normalization.js';
import { GroupNormalization } from '../../../src/ops/group-normalization.js';
import { InstanceNormalization } from '../../../src/ops/instance-normalization.js';
import { LayerNormalization, RMSNormalization } from '../../../src/ops/layer-normalization.js';
import { LpNormalization } from '../../../src/ops/lp-normalization.js';
import { LRN } from '../../../src/ops/lrn.js';
import { MeanVarianceNormalization } from '../../../src/ops/mean-variance-normalization.js';
import type { Op } from '../../../src/ops/op.js';
import { relu } from '../../../src/ops/unary-functions.js';
import type { CaseInput, OpCase } from '../harness.js';

type Shape = readonly number[];

function normalizeCase(
  name: string,
  op: Op,
  dims: Shape,
  parameters: readonly Shape[],
  range?: [number, number],
): OpCase {
  const shapes = [dims, ...parameters].map((shape) => shape.join('x') || 'scalar');
  return {
    name: `${name} ${shapes.join(' ')}`,
    op,
    inputs: [
      { dtype: 'f32', dims, ...(range ? { range } : {}) },
      ...parameters.map((shape): CaseInput => ({ dtype: 'f32', dims: shape, range: [0.5, 1.5] })),
    ],
  };
}

const instance = (dims: Shape, range?: [number, number]): OpCase =>
  normalizeCase('instance norm', new InstanceNormalization(1e-5), dims, [[dims[1]], [dims[1]]], range);

const group = (dims: Shape, groups: number, affine: 'channel' | 'group'): OpCase => {
  const parameters = affine === 'channel' ? dims[1] : groups;
  return normalizeCase(
    `group norm of ${groups} (${affine})`,
    new GroupNormalization({ groups, epsilon: 1e-5, affine }),
    dims,
    [[parameters], [parameters]],
  );
};

const layer = (dims: Shape, axis: number, parameters: readonly Shape[], statistics?: 'f32'): OpCase =>
  normalizeCase(
    `layer norm from ${axis}${statistics ? ' with statistics' : ''}`,
    new LayerNormalization({ axis, epsilon: 1e-5, statistics }),
    dims,
    parameters,
  );

const rms = (dims: Shape, axis: number, parameter: Shape): OpCase =>
  normalizeCase(`rms norm from ${axis}`, new RMSNormalization(axis, 1e-5), dims, [parameter]);

const mvn = (dims: Shape, axes: readonly number[], range?: [number, number]): OpCase =>
  normalizeCase(
    `mean-variance norm over ${axes.join(',')}`,
    new MeanVarianceNormalization(axes),
    dims,
    [],
    range,
  );

const lp = (dims: Shape, axis: number, p: 1 | 2): OpCase =>
  normalizeCase(`L${p} norm along ${axis}`, new LpNormalization(axis, p), dims, []);

const batch = (dims: Shape, activated = false): OpCase => {
  const channels = [dims[1]];
  return normalizeCase(
    `batch norm${activated ? ' with relu' : ''}`,
    new BatchNormalization({ epsilon: 1e-5, activation: activated ? relu : undefined }),
    dims,
    [channels, channels, channels, channels],
  );
};

const lrn = (dims: Shape, size: number, beta = 0.75): OpCase =>
  normalizeCase(`LRN over ${size}`, new LRN({ size, alpha: 0.5, beta, bias: 1.5 }), dims, [], [-3, 3]);

export const normalizeCases: readonly OpCase[] = [
  instance([2, 3, 4, 5]),
  instance([1, 1, 7]),
  instance([2, 5, 2, 3, 2]),
  instance([2, 4, 16, 16], [999, 1001]),
  instance([1, 2, 130, 130], [99, 101]),
  instance([2, 3, 1, 1, 1, 2]),
  group([2, 6, 3, 3], 3, 'channel'),
  group([2, 6, 3, 3], 3, 'group'),
  group([1, 16, 2, 3], 2, 'channel'),
  group([1, 8, 4, 4], 1, 'group'),
  group([2, 5, 3], 1, 'channel'),
  group([3, 12], 3, 'group'),
  group([2, 4, 3, 2], 4, 'channel'),
  layer([3, 40], 1, [[40], [40]]),
  layer([2, 5, 3, 4], 1, [
    [5, 3, 4],
    [5, 3, 4],
  ]),
  layer([2, 4, 2, 8], 2, [[2, 8]], 'f32'),
  layer([2, 3, 4], 2, [[1], [4]], 'f32'),
  layer([2, 3, 4, 5], 1, [[1, 3, 1, 5], [5]]),
  layer([6], 0, [[6], []]),
  layer([1, 9000], 1, [[9000], [9000]]),
  rms([3, 33], 1, [33]),
  rms([2, 3, 4, 4], 3, [4]),
  mvn([2, 3, 5, 4], [0, 2, 3]),
  // In f16 these inputs are multiples of 4, most channels constant: what is left is the mean's rounding over epsilon.
  { ...mvn([3, 6, 4, 2], [0, 2, 3], [4999, 5001]), tolerance: { f32: 1e-5, f16: 0.1 } },
  mvn([2, 3, 4], [1]),
  lp([3, 5, 2, 2], 1, 2),
  lp([4, 7], 1, 1),
  lp([4, 7], 0, 2),
  {
    name: 'L2 norm of zeros',
    op: new LpNormalization(1, 2),
    inputs: [{ dtype: 'f32', dims: [2, 3], values: [0, 0, 0, 3, 4, 0] }],
  },
  batch([2, 3, 4, 5], true),
  batch([1, 5, 3, 3]),
  batch([3, 8, 2, 2]),
  batch([4, 6]),
  batch([2, 3, 2, 3, 2]),
  lrn([2, 7, 3, 4], 5),
  lrn([1, 3, 2, 2], 5),
  lrn([2, 16, 3, 3], 4, 1),
  lrn([4, 20, 1, 2], 1),
  lrn([1, 6, 2, 5], 19),
  lrn([2, 12, 3], 9),
  lrn([3, 5], 3),
];
