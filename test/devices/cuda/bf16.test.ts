/** Sessions in bf16 on CUDA, with a fake driver: answers, what is stored, saved plans, and who refuses it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, Graph, type Model } from '../../../src/graph/index.js';
import { NetworkBuilder } from '../../../src/networks/builder.js';
import { PlanError, Tensor, UnsupportedError, createSession, type Session } from '../../../src/node.js';
import { add } from '../../../src/ops/binary-functions.js';
import { Binary } from '../../../src/ops/binary.js';
import { relu } from '../../../src/ops/unary-functions.js';
import { relativeError } from '../../../src/tensor/index.js';
import { runStudy } from '../../../src/study/run.js';
import { MemoryStore } from '../../../src/tune/store/cost-store.js';
import { FAKES, WITH_FAKES, cacheForTests, fakeControls, fakeFolder, openFake } from './fake.js';

const DIMS = [2, 3, 9, 7] as const;

/** Convolutions, pooling, a residual and a fully connected layer, small enough for fibers on a CPU. */
const MODEL: Model = {
  name: 'small',
  inputs: [{ name: 'image', dtype: 'f32', dims: DIMS }],
  outputs: [{ name: 'scores', dtype: 'f32', dims: [2, 5] }],
  build: () => {
    const graph = new Graph('small', DEFAULT_LIMITS);
    const b = new NetworkBuilder(graph);
    const image = graph.input('image', { dtype: 'f32', dims: DIMS });
    const first = b.conv(image, { channels: 8, kernel: 3, pad: 1, activation: relu });
    const second = b.conv(first, { channels: 8, kernel: 3, pad: 1, normalise: true });
    const pooled = b.maxPool(b.relu(b.add(first, second)), { kernel: 3, stride: 2 });
    graph.output('scores', b.linear(b.flatten(pooled), 5));
    return graph;
  },
};

/** x + w in the model's own f16. */
function halvesModel(w: Tensor): Model {
  const type = { dtype: 'f16', dims: w.dims } as const;
  return {
    name: 'halves',
    inputs: [{ name: 'x', ...type }],
    outputs: [{ name: 'y', ...type }],
    build: () => {
      const graph = new Graph('halves', DEFAULT_LIMITS);
      const [y] = graph.add(new Binary(add), [graph.input('x', type), graph.constant('w', w)], {
        name: 'sum',
      });
      graph.output('y', y);
      return graph;
    },
  };
}

function image(scale = 1): Tensor {
  const data = Float32Array.from({ length: 2 * 3 * 9 * 7 }, (_, i) => scale * Math.sin(i * 1.7));
  return new Tensor('f32', DIMS, data);
}

async function scoresOf(session: Session, scale = 1): Promise<Float64Array> {
  const { scores } = await session.run({ image: image(scale) });
  return scores.toFloat64();
}

describe.skipIf(!FAKES)(`bf16 on CUDA${WITH_FAKES}`, () => {
  let cache: ReturnType<typeof cacheForTests>;
  const before = process.env.LANEWISE_CUDA_LIBS;

  beforeAll(() => {
    cache = cacheForTests();
    process.env.LANEWISE_CUDA_LIBS = fakeFolder();
  });

  afterAll(() => {
    cache.remove();
    if (before === undefined) delete process.env.LANEWISE_CUDA_LIBS;
    else process.env.LANEWISE_CUDA_LIBS = before;
    if (fakeControls().live() !== 0) throw new Error('something was not freed');
  });

  it('answers as the CPU does, within its eight bits, and where f16 overflows', async () => {
    const cpu = await createSession(MODEL, { device: 'cpu' });
    const half = await createSession(MODEL, { device: 'cuda', dtype: 'f16' });
    const brain = await createSession(MODEL, { device: 'cuda', dtype: 'bf16' });
    for (const scale of [1, 1e7]) {
      const expected = await scoresOf(cpu, scale);
      const error = relativeError(await scoresOf(brain, scale), expected);
      expect(error).toBeLessThan(2e-2);
      // It is no better than its format: it does round.
      expect(error).toBeGreaterThan(2e-4);
    }
    expect((await scoresOf(half, 1e7)).every(Number.isFinite)).toBe(false);

    const [saved, other] = [brain.plan, half.plan];
    expect([saved?.dtype, other?.dtype]).toEqual(['bf16', 'f16']);
    const launched = saved?.steps.flatMap(({ launches }) => launches) ?? [];
    expect(launched.some(({ kernel }) => kernel.endsWith('_bf16'))).toBe(true);
    expect(launched.filter(({ kernel }) => /_f16/.test(kernel))).toEqual([]);
    const digests = new Set(other?.steps.flatMap(({ launches }) => launches.map(({ digest }) => digest)));
    const alike = launched.filter(({ kernel, digest }) => kernel.includes('bf16') && digests.has(digest));
    expect(alike).toEqual([]);

    // A plan as JSON brings the same kernels back, and is none for the other precision.
    const plan = JSON.parse(JSON.stringify(saved)) as NonNullable<typeof saved>;
    const again = await createSession(MODEL, { device: 'cuda', dtype: 'bf16', plan });
    expect(await scoresOf(again)).toEqual(await scoresOf(brain));
    const attempt = createSession(MODEL, { device: 'cuda', dtype: 'f16', plan });
    await expect(attempt).rejects.toThrow(PlanError);
    await expect(attempt).rejects.toThrow(/computes in bf16, and f16 is asked for/);
    for (const session of [cpu, half, brain, again]) await session.dispose();
  }, 180_000);

  it('stores a model’s own f16 as bf16 too: inputs, weights and outputs', async () => {
    const x = Tensor.from('f16', [5], [1, -2.5, 1.0009765625, 300, 65504]);
    const w = Tensor.from('f16', [5], [0.5, 0.25, 2, 1, 0]);
    const session = await createSession(halvesModel(w), { device: 'cuda', dtype: 'bf16' });
    const { y } = await session.run({ x });
    expect(y.dtype).toBe('f16');
    // 1.00098 is 1 in bf16; 301 is halfway between 300 and 302, of which 300 is even; 65504 rounds to 65536, which f16 lacks.
    expect([...y.toNumbers()]).toEqual([1.5, -2.25, 3, 300, Infinity]);
    await session.dispose();
  });

  it('is refused where it cannot be had', async () => {
    const attempt = createSession(MODEL, { device: 'cpu', dtype: 'bf16' });
    await expect(attempt).rejects.toThrow(UnsupportedError);
    await expect(attempt).rejects.toThrow(/bf16 on the CPU/);
    const device = await openFake();
    const study = runStudy(device, new MemoryStore(), { dtype: 'bf16', command: 'test', versions: {} });
    await expect(study).rejects.toThrow(/the study in bf16 is not supported/);
    device.destroy();
  });
});
