/* oxlint-disable vitest/expect-expect -- the assertions are in expectSameResults */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Constant, Graph, type Value } from '../../../src/graph/index.js';
import { foldBatchNormalization } from '../../../src/graph/rewrites/fold-batch-normalization.js';
import { BatchNormalization } from '../../../src/ops/batch-normalization.js';
import { Conv } from '../../../src/ops/conv.js';
import { ConvTranspose } from '../../../src/ops/conv-transpose.js';
import { Gemm, type GemmOptions } from '../../../src/ops/gemm.js';
import { Unary } from '../../../src/ops/unary.js';
import { abs, relu } from '../../../src/ops/unary-functions.js';
import { Tensor, type DType } from '../../../src/tensor/index.js';
import { expectSameResults, opTypes, randomTensor, type Build } from '../evaluate.js';

type Random = () => number;

/** Sums in f32 of products that were rounded once more. */
const ROUNDED = { relative: 1e-5, absolute: 1e-5 };
const FOLDED = { count: 1, tolerance: ROUNDED };

interface NormalizationCase {
  readonly activation?: typeof relu;
  readonly dtype?: DType;
}

function normalize(graph: Graph, random: Random, x: Value, options: NormalizationCase = {}): Value {
  const { dtype = 'f32', activation } = options;
  const channels = [x.type.dims[1]];
  const parameter = (name: string, low: number, high: number): Value =>
    graph.constant(name, randomTensor(random, dtype, channels, low, high));
  const inputs = [
    parameter('s', -2, 2),
    parameter('b', -1, 1),
    parameter('m', -1, 1),
    parameter('v', 0.1, 3),
  ];
  return graph.add(new BatchNormalization({ epsilon: 1e-3, activation }), [x, ...inputs])[0];
}

interface ConvCase {
  readonly bias?: boolean;
  readonly group?: number;
  readonly dtype?: DType;
}

function conv(graph: Graph, random: Random, { bias = true, group = 1, dtype = 'f32' }: ConvCase = {}): Value {
  const x = graph.input('x', { dtype, dims: [2, 2 * group, 5, 3] });
  const w = graph.constant('w', randomTensor(random, dtype, [3 * group, 2, 3, 1]));
  const b = bias ? [graph.constant('conv.b', randomTensor(random, dtype, [3 * group]))] : [];
  return graph.add(new Conv({ strides: [1, 2], padsBegin: [1, 0], group }), [x, w, ...b], {
    name: 'conv',
  })[0];
}

test.each([
  ['a bias', { bias: true }],
  ['no bias', { bias: false }],
  ['groups', { bias: true, group: 3 }],
])('a convolution with %s takes it over', (_, options) => {
  expectSameResults(
    (graph, random) => {
      graph.output('y', normalize(graph, random, conv(graph, random, options)));
    },
    foldBatchNormalization,
    { ...FOLDED, ops: ['Conv'] },
  );
});

test('its activation moves along', () => {
  const graph = expectSameResults(
    (graph, random) => {
      graph.output('y', normalize(graph, random, conv(graph, random), { activation: relu }));
    },
    foldBatchNormalization,
    { ...FOLDED, ops: ['Conv'] },
  );
  const [node] = graph.nodes;
  expect(node.op.attributes.activation).toBe('Relu');
});

test.each([1, 2, 4])('a transposed convolution in %i groups takes it over', (group) => {
  expectSameResults(
    (graph, random) => {
      const x = graph.input('x', { dtype: 'f32', dims: [1, 8, 3, 4] });
      const w = graph.constant('w', randomTensor(random, 'f32', [8, 3, 2, 3]));
      const op = new ConvTranspose({ strides: [2, 1], group, padsEnd: [1, 0], outputPadding: [0, 0] });
      graph.output('y', normalize(graph, random, graph.add(op, [x, w])[0]));
    },
    foldBatchNormalization,
    { ...FOLDED, ops: ['ConvTranspose'] },
  );
});

test.each<[GemmOptions, number[] | undefined]>([
  [{ transB: false }, undefined],
  [{ transB: true, alpha: 0.5 }, [4]],
  [{ transB: false, transA: true, beta: 3 }, [1, 4]],
  [{ transB: true, beta: -2 }, [1]],
  [{ transB: false, beta: 2 }, []],
  [{ transB: false, beta: 0 }, [4]],
])('a Gemm %j that adds %j takes it over', (options, added) => {
  expectSameResults(
    (graph, random) => {
      const x = graph.input('x', { dtype: 'f32', dims: options.transA ? [5, 3] : [3, 5] });
      const w = graph.constant('w', randomTensor(random, 'f32', options.transB ? [4, 5] : [5, 4]));
      const c = added ? [graph.constant('c', randomTensor(random, 'f32', added))] : [];
      graph.output('y', normalize(graph, random, graph.add(new Gemm(options), [x, w, ...c])[0]));
    },
    foldBatchNormalization,
    { ...FOLDED, ops: ['Gemm'] },
  );
});

test('a Gemm that adds something else in every row stays', () => {
  expectSameResults(
    (graph, random) => {
      const x = graph.input('x', { dtype: 'f32', dims: [3, 5] });
      const w = graph.constant('w', randomTensor(random, 'f32', [5, 4]));
      const c = graph.constant('c', randomTensor(random, 'f32', [3, 1]));
      graph.output('y', normalize(graph, random, graph.add(new Gemm(), [x, w, c])[0]));
    },
    foldBatchNormalization,
    { count: 0, ops: ['Gemm', 'BatchNormalization'] },
  );
});

test('two normalisations in a row are rounded once', () => {
  expectSameResults(
    (graph, random) => {
      const once = normalize(graph, random, conv(graph, random));
      graph.output('y', normalize(graph, random, once));
    },
    foldBatchNormalization,
    { count: 2, ops: ['Conv'], tolerance: ROUNDED },
  );
});

const ofType =
  (dtype: DType): Build =>
  (graph, random) => {
    graph.output('y', normalize(graph, random, conv(graph, random, { dtype }), { dtype }));
  };

test('f64 is folded, 16-bit floats are not', () => {
  expectSameResults(ofType('f64'), foldBatchNormalization, {
    count: 1,
    tolerance: { relative: 1e-13, absolute: 1e-13 },
  });
  expectSameResults(ofType('f16'), foldBatchNormalization, { count: 0 });
  expectSameResults(ofType('bf16'), foldBatchNormalization, { count: 0 });
});

const STAYS = { count: 0, ops: ['Conv', 'BatchNormalization'] };

const readBy =
  (reader: (graph: Graph, value: Value) => void): Build =>
  (graph, random) => {
    const y = conv(graph, random);
    graph.output('y', normalize(graph, random, y));
    reader(graph, y);
  };

test('a convolution that others read, or that is an output, keeps its result', () => {
  const asOutput = readBy((graph, value) => graph.output('conv', value));
  const byNode = readBy((graph, value) => graph.output('z', graph.add(new Unary(abs), [value])[0]));
  expectSameResults(asOutput, foldBatchNormalization, STAYS);
  expectSameResults(byNode, foldBatchNormalization, { count: 0, ops: [...STAYS.ops, 'Abs'] });
});

test('a convolution with an activation in between stays', () => {
  expectSameResults(
    (graph, random) => {
      const x = graph.input('x', { dtype: 'f32', dims: [1, 2, 4] });
      const w = graph.constant('w', randomTensor(random, 'f32', [3, 2, 2]));
      const [y] = graph.add(new Conv({ strides: [1], activation: relu }), [x, w]);
      graph.output('y', normalize(graph, random, y));
    },
    foldBatchNormalization,
    STAYS,
  );
});

const dynamicWeights: Build = (graph, random) => {
  const x = graph.input('x', { dtype: 'f32', dims: [1, 2, 4] });
  const w = graph.input('w', { dtype: 'f32', dims: [3, 2, 2] });
  graph.output('y', normalize(graph, random, graph.add(new Conv({ strides: [1] }), [x, w])[0]));
};

const dynamicBias: Build = (graph, random) => {
  const x = graph.input('x', { dtype: 'f32', dims: [1, 2, 4] });
  const w = graph.constant('w', randomTensor(random, 'f32', [3, 2, 2]));
  const b = graph.input('b', { dtype: 'f32', dims: [3] });
  graph.output('y', normalize(graph, random, graph.add(new Conv({ strides: [1] }), [x, w, b])[0]));
};

const dynamicMean: Build = (graph, random) => {
  const y = conv(graph, random);
  const constant = graph.constant('c', randomTensor(random, 'f32', [3], 1, 2));
  const mean = graph.input('mean', { dtype: 'f32', dims: [3] });
  const op = new BatchNormalization({ epsilon: 1e-5 });
  graph.output('y', graph.add(op, [y, constant, constant, mean, constant])[0]);
};

test('weights, biases and statistics that are not constant stay', () => {
  for (const build of [dynamicWeights, dynamicBias, dynamicMean]) {
    expectSameResults(build, foldBatchNormalization, STAYS);
  }
});

test.each([
  ['a variance of -1, whose root is no number', -1],
  ['a variance of 0 without epsilon, which divides by zero', 0],
  ['a variance so small that weights could overflow', 1e-30],
])('%s stays', (_, variance) => {
  expectSameResults(
    (graph, random) => {
      const one = graph.constant('one', Tensor.from('f32', [3], [1, 1, 1]));
      const v = graph.constant('v', Tensor.from('f32', [3], [variance, 1, 1]));
      const op = new BatchNormalization({ epsilon: 0 });
      graph.output('y', graph.add(op, [conv(graph, random), one, one, one, v])[0]);
    },
    foldBatchNormalization,
    STAYS,
  );
});

test('folded weights are computed once for all graphs of a model, and not before somebody reads them', () => {
  const w = Tensor.from('f32', [2, 1, 1], [1, 2]);
  const fold = (extent: number, scale: number): Tensor => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'f32', dims: [1, 1, extent] });
    const vector = (name: string, value: number): Value =>
      graph.constant(name, Tensor.from('f32', [2], [value, value]));
    const [y] = graph.add(new Conv({ strides: [1] }), [x, graph.constant('w', w)]);
    const parameters = [vector('s', scale), vector('b', 0), vector('m', 0), vector('v', 1)];
    graph.output('y', graph.add(new BatchNormalization({ epsilon: 0 }), [y, ...parameters])[0]);
    expect(foldBatchNormalization.apply(graph)).toBe(1);
    const [node] = graph.nodes;
    const constant = node.inputs[1]?.constant;
    if (!constant) throw new Error('the weights are no constant');
    return constant.tensor;
  };
  const first = fold(8, 3);
  expect(first.toNumbers()).toEqual([3, 6]);
  expect(fold(9, 3)).toBe(first);
  expect(fold(8, 5).toNumbers()).toEqual([5, 10]);
});

test('fills of a network without weights stay unmaterialised', () => {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'f32', dims: [1, 4096, 2, 2] });
  let made = 0;
  const w = Constant.computed({ dtype: 'f32', dims: [64, 4096, 1, 1] }, () => {
    made++;
    return new Tensor('f32', [64, 4096, 1, 1]);
  });
  const [y] = graph.add(new Conv({ strides: [1, 1] }), [x, graph.constant('w', w)]);
  const one = graph.constant('one', Constant.fill(Tensor.scalar('f32', 1), [64]));
  graph.output('y', graph.add(new BatchNormalization({ epsilon: 0 }), [y, one, one, one, one])[0]);
  expect(foldBatchNormalization.apply(graph)).toBe(1);
  expect(opTypes(graph)).toEqual(['Conv']);
  expect(made).toBe(0);
});

test('any shape of convolution', () => {
  const small = fc.integer({ min: 1, max: 4 });
  fc.assert(
    fc.property(
      fc.record({
        batch: small,
        group: small,
        perGroup: small,
        out: small,
        spatial: fc.array(small, { minLength: 1, maxLength: 3 }),
      }),
      fc.boolean(),
      fc.boolean(),
      fc.integer(),
      ({ batch, group, perGroup, out, spatial }, bias, transposed, seed) => {
        expectSameResults(
          (graph, random) => {
            const x = graph.input('x', { dtype: 'f32', dims: [batch, group * perGroup, ...spatial] });
            const kernel = spatial.map((extent) => Math.ceil(extent / 2));
            const wDims = transposed
              ? [group * perGroup, out, ...kernel]
              : [group * out, perGroup, ...kernel];
            const w = graph.constant('w', randomTensor(random, 'f32', wDims));
            const b = bias ? [graph.constant('b', randomTensor(random, 'f32', [group * out]))] : [];
            const options = { strides: spatial.map(() => 1), group };
            const op = transposed ? new ConvTranspose(options) : new Conv(options);
            graph.output('y', normalize(graph, random, graph.add(op, [x, w, ...b])[0]));
          },
          foldBatchNormalization,
          { ...FOLDED, seed },
        );
      },
    ),
    { seed: 20_261_123, numRuns: 100 },
  );
});
