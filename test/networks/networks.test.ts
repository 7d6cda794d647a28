import { describe, expect, it } from 'vitest';
import { countParameters, topologicalOrder } from '../../src/graph/index.js';
import { rewriteGraph } from '../../src/graph/rewrites/index.js';
import { NETWORK_NAMES, network } from '../../src/networks/index.js';
import { createSession } from '../../src/session/index.js';
import { Tensor } from '../../src/tensor/index.js';

/** Learnable parameters and multiply-adds (in units of 1e6) of torchvision's models, batch normalisation's two included. */
const KNOWN: Readonly<Record<string, { parameters: number; mega: number }>> = {
  vgg16: { parameters: 138_357_544, mega: 15_470 },
  resnet50: { parameters: 25_557_032, mega: 4_089 },
  mobilenet_v2: { parameters: 3_504_872, mega: 301 },
  squeezenet1_1: { parameters: 1_235_496, mega: 349 },
};

describe('networks by name', () => {
  it.each(Object.entries(KNOWN))(
    '%s has the parameters and operations of the published one',
    (name, known) => {
      const graph = network(name).build({ dims: new Map([['image', [1, 3, 224, 224]]]) });
      const statistics = [...graph.nodes].filter(({ op }) => op.type === 'BatchNormalization');
      // Mean and variance are no learnable parameters.
      const extra = statistics.reduce((sum, node) => sum + 2 * node.outputs[0].type.dims[1], 0);
      expect(countParameters(graph).elements - extra).toBe(known.parameters);
      const layers = [...graph.nodes].filter(({ op }) => op.type === 'Conv' || op.type === 'Gemm');
      const mega = layers.reduce((sum, node) => sum + node.flops, 0) / 2e6;
      expect(Math.abs(mega / known.mega - 1)).toBeLessThan(0.02);
    },
  );

  it.each(NETWORK_NAMES)('%s has one input and probabilities, and rewrites to a valid graph', (name) => {
    const model = network(name);
    const [, ...image] = model.inputs[0].dims as number[];
    const graph = model.build({ dims: new Map([['image', [2, ...image]]]) });
    expect(graph.outputs[0].value.type.dims).toEqual([2, model.outputs[0].dims?.[1]]);
    expect(topologicalOrder(graph).length).toBe(graph.nodes.size);
  });

  it('computes the same from the same seed, before and after rewriting', async () => {
    const model = network('lenet');
    const image = Tensor.from(
      'f32',
      [2, 1, 28, 28],
      Array.from({ length: 1568 }, (_, i) => Math.sin(i)),
    );
    const plain = await createSession(model, { device: 'cpu', rewrite: false });
    const rewritten = await createSession(model, { device: 'cpu' });
    const [a, b] = [await plain.run({ image }), await rewritten.run({ image })];
    const sums = [0, 1].map((row) => a.probabilities.toNumbers().slice(10 * row, 10 * row + 10));
    for (const row of sums) expect(row.reduce((x, y) => x + y)).toBeCloseTo(1, 5);
    for (const [i, value] of a.probabilities.toNumbers().entries()) {
      expect(b.probabilities.toNumbers()[i]).toBeCloseTo(value, 5);
    }
    await plain.dispose();
    await rewritten.dispose();
  });

  it('folds every batch normalisation of MobileNet-v2', () => {
    const graph = network('mobilenet_v2').build({ dims: new Map([['image', [1, 3, 32, 32]]]) });
    rewriteGraph(graph);
    expect([...graph.nodes].map(({ op }) => op.type)).not.toContain('BatchNormalization');
  });
});
