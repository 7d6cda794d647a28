/** Graphs planned, compiled and run on software WebGPU, in each layout, against the CPU. */
import { afterAll, describe, expect, it } from 'vitest';
import { Graph, type Model, type Value } from '../../src/graph/index.js';
import { nodePlatform } from '../../src/host/platform.js';
import { NetworkBuilder } from '../../src/networks/builder.js';
import { Binary } from '../../src/ops/binary.js';
import { add } from '../../src/ops/binary-functions.js';
import { Concat } from '../../src/ops/concat.js';
import { Identity } from '../../src/ops/identity.js';
import { Reshape } from '../../src/ops/reshape.js';
import { Split } from '../../src/ops/split.js';
import { Transpose } from '../../src/ops/transpose.js';
import { relu } from '../../src/ops/unary-functions.js';
import { POLICY_NAMES } from '../../src/plan/policies/index.js';
import { SharedPlatform, createSession } from '../../src/session/index.js';
import { Tensor, difference, sizeOf } from '../../src/tensor/index.js';
import { randomNumbers } from '../kernels/harness.js';
import { constant, image, unary } from './small-graphs.js';

/** A model of fixed shapes. @param build makes the graph anew: sessions rewrite theirs */
function modelOf(name: string, build: () => Graph): Model {
  const { inputs, outputs } = build();
  return {
    name,
    inputs: inputs.map(({ name: input, type }) => ({ name: input, ...type })),
    outputs: outputs.map(({ name: output, value }) => ({ name: output, ...value.type })),
    build,
  };
}

describe('planned graphs on software WebGPU give what the CPU gives', () => {
  const platform = new SharedPlatform(nodePlatform);
  afterAll(() => platform.close());

  const graphs: Readonly<Record<string, () => Graph>> = {
    'a residual block': () => {
      const graph = new Graph();
      const builder = new NetworkBuilder(graph);
      const x = builder.conv(image(graph, [2, 3, 7, 6]), {
        channels: 4,
        kernel: 3,
        pad: 1,
        activation: relu,
      });
      const inner = builder.conv(x, { channels: 4, kernel: 1, normalise: true });
      const y = builder.relu(builder.add(inner, x));
      graph.output('y', builder.softmax(builder.linear(builder.flatten(builder.globalAveragePool(y)), 5)));
      graph.output('features', y);
      return graph;
    },
    'fire modules': () => {
      const graph = new Graph();
      const builder = new NetworkBuilder(graph);
      const fire = (x: Value, squeeze: number, expand: number): Value => {
        const s = builder.conv(x, { channels: squeeze, kernel: 1, activation: relu });
        return builder.concat([
          builder.conv(s, { channels: expand, kernel: 1, activation: relu }),
          builder.conv(s, { channels: expand, kernel: 3, pad: 1, activation: relu }),
        ]);
      };
      const x = fire(image(graph, [2, 3, 8, 6]), 3, 5);
      graph.output(
        'y',
        builder.globalAveragePool(builder.maxPool(x, { kernel: 3, stride: 2, ceilMode: true })),
      );
      return graph;
    },
    'one memory under many names': () => {
      const graph = new Graph();
      const x = image(graph, [2, 3, 4, 6]);
      const [turned] = graph.add(new Transpose([0, 2, 3, 1]), [x]);
      const [back] = graph.add(new Transpose([0, 3, 1, 2]), [unary(graph, turned, 'a')]);
      const [flat] = graph.add(new Reshape([2, 72]), [back]);
      const [same] = graph.add(new Identity(), [flat]);
      const [folded] = graph.add(new Reshape([2, 3, 4, 6]), [same]);
      const [sum] = graph.add(new Binary(add), [folded, x]);
      const [left, right] = graph.add(new Split(1, [1, 2]), [sum]);
      const [joined] = graph.add(new Concat(1), [unary(graph, right, 'b'), left]);
      const [k] = graph.add(new Reshape([3, 2]), [constant(graph, 'k', [2, 3])]);
      const [m] = graph.add(new Transpose([0, 2, 3, 1]), [constant(graph, 'm', [1, 4, 6, 6])]);
      const [p] = graph.add(new Reshape([128, 2]), [constant(graph, 'p', [2, 128])]);
      const [, q] = graph.add(new Split(0, [64, 64]), [p]);
      const outputs = { x, turned, flat, same, sum, left, joined, again: joined, k, k2: k, m, q };
      for (const [name, value] of Object.entries(outputs)) graph.output(name, value);
      return graph;
    },
  };

  for (const [name, build] of Object.entries(graphs)) {
    it.each(POLICY_NAMES)(`${name}, in %s`, async (policy) => {
      const model = modelOf(name, build);
      const random = randomNumbers(name.length);
      const inputs = Object.fromEntries(
        build().inputs.map(({ name: input, type: { dtype, dims } }) => [
          input,
          Tensor.from(
            dtype,
            dims,
            Array.from({ length: sizeOf(dims) }, () => 2 * random() - 1),
          ),
        ]),
      );
      const cpu = await createSession(model, { device: 'cpu' });
      const expected = await cpu.run(inputs);
      // Without rewrites too where they would simplify most of it away.
      for (const rewrite of name.startsWith('one memory') ? [true, false] : [true]) {
        const gpu = await createSession(model, { device: 'webgpu:software', policy, rewrite }, platform);
        for (const run of ['first', 'second']) {
          const outputs = await gpu.run(inputs);
          expect(Object.keys(outputs)).toEqual(Object.keys(expected));
          for (const [output, tensor] of Object.entries(expected)) {
            const found = difference(outputs[output], tensor, { relative: 1e-4, absolute: 1e-5 });
            expect(found, `${output}, ${run} run, rewrite ${rewrite}`).toBeUndefined();
          }
        }
        await gpu.dispose();
      }
      await cpu.dispose();
    });
  }
});
