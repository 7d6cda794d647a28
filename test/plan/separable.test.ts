/** Inverted residual blocks, whose depthwise and pointwise convolutions may be one kernel: measured, chosen, saved and run. */
import { afterAll, describe, expect, it } from 'vitest';
import { Graph, type Model } from '../../src/graph/index.js';
import { nodePlatform } from '../../src/host/platform.js';
import { NetworkBuilder } from '../../src/networks/builder.js';
import { relu } from '../../src/ops/unary-functions.js';
import { Planner, targetOf } from '../../src/plan/planner.js';
import { SharedPlatform, createSession, inspectModel } from '../../src/session/index.js';
import { Tensor, difference } from '../../src/tensor/index.js';
import { MemoryStore } from '../../src/tune/store/cost-store.js';
import { randomNumbers } from '../kernels/harness.js';
import { useSoftwareDevice } from '../kernels/run-cases.js';
import { rewriteForGpu, rewriteGraph } from '../../src/graph/rewrites/index.js';
import { image } from './small-graphs.js';

const DIMS = [4, 6, 8, 8];

/** Expand, convolve every channel by itself, project, add (Sandler et al., MobileNetV2, arXiv 1801.04381). */
function block(): Graph {
  const graph = new Graph();
  const builder = new NetworkBuilder(graph);
  const x = image(graph, DIMS);
  const wide = builder.conv(x, { channels: 12, kernel: 1, activation: relu });
  const middle = builder.conv(wide, { channels: 12, kernel: 3, pad: 1, group: 12, activation: relu });
  graph.output('y', builder.add(builder.conv(middle, { channels: 6, kernel: 1, normalise: true }), x));
  return graph;
}

const MODEL: Model = {
  name: 'block',
  inputs: [{ name: 'x', dtype: 'f32', dims: DIMS }],
  outputs: [{ name: 'y', dtype: 'f32', dims: DIMS }],
  build: block,
};

describe('an inverted residual block', () => {
  const platform = new SharedPlatform(nodePlatform);
  afterAll(() => platform.close());
  const device = useSoftwareDevice();

  it('runs its last two convolutions as one kernel in every layout, right', async () => {
    const inspection = await inspectModel(MODEL, { device: 'webgpu:software' }, platform);
    const node = inspection.explanation.plan.choices.length - 1;
    const fused = inspection.alternatives(node).filter((way) => way.fused);
    const layouts = new Set(fused.map(({ outputLayout }) => outputLayout));
    expect(layouts).toEqual(new Set(['NHWC', 'NCHW', 'CHWN', 'NCHW4c']));
    const random = randomNumbers(5);
    const values = Array.from({ length: 4 * 6 * 64 }, () => 2 * random() - 1);
    const inputs = { x: Tensor.from('f32', DIMS, values) };
    const cpu = await createSession(MODEL, { device: 'cpu' });
    const expected = await cpu.run(inputs);
    for (const layout of layouts) {
      const { kernel } = fused.find(({ outputLayout }) => outputLayout === layout)!;
      const { plan } = inspection.whatIf({ forced: [{ node, kernel }] });
      const step = plan.steps.find((one) => one.kernel === kernel);
      expect(step?.op).toMatch(/^Conv\+Relu\+Conv/);
      // Inputs, weights and biases of both, the residual and the output.
      expect(step?.bytes).toBe(4 * (4 * 64 * (12 + 6 + 6) + 12 * 9 + 12 + 6 * 12 + 6));
      const gpu = await createSession(MODEL, { device: 'webgpu:software', plan }, platform);
      expect(
        difference((await gpu.run(inputs))['y'], expected['y'], { relative: 1e-4, absolute: 1e-5 }),
      ).toBe(undefined);
      await gpu.dispose();
    }
    await cpu.dispose();
  });

  it('has them measured together where that may be faster', async () => {
    const graph = block();
    rewriteGraph(graph);
    rewriteForGpu(graph);
    const store = new MemoryStore();
    const options = { policy: 'optimal', dtype: 'f32', tuning: 'measured', effort: 'normal' } as const;
    const { network } = await new Planner({ ...targetOf(device()), device: device() }, options, store).plan(
      graph,
    );
    const fused = network.choices.at(-1)?.fused ?? [];
    expect(fused.length).toBeGreaterThan(0);
    // A search for sizes would make kernels that read what only one of the nodes reads.
    expect(fused.filter(({ absorbing }) => absorbing.sizes)).toEqual([]);
    const { costs } = await store.load(device().identity);
    const measured = Array.from(costs.values(), ({ id }) => id);
    expect(measured.filter((id) => /^conv_\w+_separable/.test(id))).not.toEqual([]);
  }, 60_000);
});
