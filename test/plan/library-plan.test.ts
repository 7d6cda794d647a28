/** Plans with calls of libraries among their kernels. */
import { expect, it } from 'vitest';
import type { CandidateContext } from '../../src/candidates/candidate.js';
import { Graph } from '../../src/graph/index.js';
import { Conv } from '../../src/ops/conv.js';
import { relu } from '../../src/ops/unary-functions.js';
import { buildPlan } from '../../src/plan/build.js';
import { Network } from '../../src/plan/network.js';
import { LARGE_LIMITS } from '../support/limits.js';
import { constant, image } from './small-graphs.js';

const CONTEXT: CandidateContext = {
  limits: LARGE_LIMITS,
  features: new Set(['cuda', 'cudnn', 'cublaslt']),
  storage: 'f32',
};

it('bring weights into the layout that a library wants, and bind tensors in its order', () => {
  const graph = new Graph();
  const [first] = graph.add(
    new Conv({ strides: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1], activation: relu }),
    [image(graph, [2, 4, 6, 6]), constant(graph, 'w1', [8, 4, 3, 3]), constant(graph, 'b1', [8])],
    { name: 'first' },
  );
  const [second] = graph.add(
    new Conv({ strides: [1, 1] }),
    [first, constant(graph, 'w2', [8, 8, 1, 1]), constant(graph, 'b2', [8]), first],
    { name: 'second' },
  );
  graph.output('y', second);
  const wanted = ['conv_nhwc_cudnn_a1_f32', 'conv_nhwc_pointwise-cublaslt_a0_f32'];
  const { choices } = new Network(graph, CONTEXT);
  const chosen = choices.map(({ node, candidates }, i) => {
    const candidate = candidates.find(({ id }) => id === wanted[i]);
    if (!candidate) throw new Error(`${node.name} has no ${wanted[i]}`);
    return [node, candidate] as const;
  });
  const { plan } = buildPlan(graph, CONTEXT, new Map(chosen));
  const steps = plan.steps.filter(({ kernel }) => wanted.includes(kernel));
  expect(steps.map(({ kernel }) => kernel)).toEqual(wanted);
  const bound = steps.flatMap(({ launches }) =>
    launches.map(({ source, tensors }) =>
      source.bindings.map(({ name }, i) => {
        const { name: tensor, layout } = plan.tensors[tensors[i]];
        return `${name}: ${tensor} in ${layout.name}`;
      }),
    ),
  );
  expect(bound).toEqual([
    ['x: x in NHWC', 'w: w1 in OHWI', 'bias: b1 in row', 'y: first in NHWC'],
    ['w: w2 in HWIO', 'x: first in NHWC', 'bias: b2 in row', 'residual: first in NHWC', 'y: second in NHWC'],
  ]);
  expect(steps.map(({ launches }) => launches[0].source.features)).toEqual([['cudnn'], ['cublaslt']]);
});
