/** PyTorch itself, on the CPU: it computes what Lanewise computes, of the same weights and inputs. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describe as describeNetwork, writeDescription } from '../../bench/peers/torch/description.js';
import { TorchHost, torchVersion } from '../../bench/peers/torch/host.js';
import type { Graph } from '../../src/graph/index.js';
import { foldBatchNormalization } from '../../src/graph/rewrites/fold-batch-normalization.js';
import { rewriteGraph } from '../../src/graph/rewrites/index.js';
import { createSession, network } from '../../src/node.js';
import { typedConv } from '../../src/study/experiments/convolution.js';
import { typedPool } from '../../src/study/experiments/pooling.js';
import { typedSoftmax } from '../../src/study/experiments/softmax.js';
import { sampledAnswers } from '../../src/study/sampled-check.js';
import type { TypedCase } from '../../src/study/study.js';
import { Tensor, relativeError, rowMajor, sizeOf, stridesOf } from '../../src/tensor/index.js';
import { randomStream } from '../../src/tensor/random.js';

const TORCH = torchVersion() !== undefined;
const WITH_TORCH = TORCH ? '' : ' (SKIPPED: it takes a Python with PyTorch; LANEWISE_PYTHON may name it)';

function described(name: string, batch: number): { readonly graph: Graph; readonly image: Tensor } {
  const model = network(name);
  const dims = [batch, ...(model.inputs[0].dims ?? []).slice(1).map(Number)];
  const graph = model.build({ dims: new Map([['image', dims]]) });
  foldBatchNormalization.apply(graph);
  const next = randomStream('image');
  const data = Float32Array.from({ length: sizeOf(dims) }, () => 2 * next() - 1);
  return { graph, image: new Tensor('f32', dims, data) };
}

describe('networks as PyTorch is told of them', () => {
  test('every value is dropped by its last reader, and overwritten only where nobody else reads it', () => {
    const { plan, weights } = describeNetwork(described('mobilenet_v2', 1).graph);
    const alive = new Set([0]);
    for (const { inputs, output, last } of plan.nodes) {
      for (const input of inputs) expect(alive).toContain(input);
      for (const value of last) alive.delete(value);
      alive.add(output);
    }
    expect([...alive]).toEqual([plan.output]);
    const overwriting = plan.nodes.filter(({ attributes }) => attributes.inplace === true);
    expect(overwriting.length).toBeGreaterThan(30);
    expect(overwriting.map(({ last }) => last)).toEqual(overwriting.map(({ inputs }) => inputs));
    const places = plan.nodes.flatMap((node) => node.weights);
    const ends = places.map(({ offset, dims }) => offset + sizeOf(dims));
    expect(places.map(({ offset }) => offset)).toEqual([0, ...ends.slice(0, -1)]);
    expect(ends.at(-1)).toBe(weights.reduce((sum, { data }) => sum + data.length, 0));
  });

  test('what is fused is refused', () => {
    const { graph } = described('lenet', 1);
    rewriteGraph(graph);
    expect(() => describeNetwork(graph)).toThrow('is fused');
  });
});

describe.skipIf(!TORCH)(`PyTorch on the CPU${WITH_TORCH}`, () => {
  let folder: string;
  const hosts: TorchHost[] = [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lanewise-test-'));
  });

  afterAll(() => {
    for (const host of hosts) host.end();
    rmSync(folder, { recursive: true });
  });

  function hostOf(prepare: [string, object][] = []): TorchHost {
    const host = new TorchHost({ device: 'cpu', limitMs: 60_000, prepare });
    hosts.push(host);
    return host;
  }

  // Together they have ceil_mode, residuals, depthwise and concatenations.
  test.each(['cifar10', 'mobilenet_v2', 'squeezenet1_1'])(
    'gives the same answers: %s',
    async (name) => {
      const { graph, image } = described(name, 2);
      writeDescription(folder, graph, image);
      const session = await createSession(network(name), { device: 'cpu' });
      const { probabilities } = await session.run({ image });
      await session.dispose();
      const host = hostOf([['network', { folder }]]);
      for (const [layout, dtype, bound] of [
        ['nchw', 'f32', 3e-5],
        ['channels_last', 'f32', 3e-5],
        // Halves on a CPU take minutes where channels are their own groups.
        ...(name === 'cifar10' ? ([['channels_last', 'f16', 1e-2]] as const) : []),
      ] as const) {
        const subject = await host.open('open-network', { mode: 'eager', layout, dtype });
        const file = join(folder, 'answers.bin');
        await subject.ask('answers', { file });
        const bytes = readFileSync(file);
        const answers = new Float32Array(new Uint8Array(bytes).buffer);
        expect(relativeError(answers, probabilities.toFloat64()), `${layout} ${dtype}`).toBeLessThan(bound);
        expect(await subject.elapsed(2)).toBeGreaterThan(0);
      }
    },
    120_000,
  );

  test('computes layers on the numbers that kernels are checked with', async () => {
    const host = hostOf();
    const [n, channels, size] = [2, 3, 9];
    const layer = { name: 'odd', network: '', n, channels, size, stride: 2 };
    const cases: [TypedCase, object][] = [
      [typedConv({ ...layer, filters: 5, kernel: 3 }), { kind: 'conv', stride: 2 }],
      [typedPool({ ...layer, window: 3 }), { kind: 'pool', window: 3, stride: 2 }],
      [typedSoftmax({ rows: 7, classes: 33 }), { kind: 'softmax' }],
    ];
    for (const [given, parameters] of cases) {
      for (const dtype of ['f32', 'f16'] as const) {
        const view = (dims: readonly number[]) => ({ dims, layout: rowMajor(dims.length), type: dtype });
        const output = view(given.types.outputs[0].dims);
        const { op, dependence } = given;
        const { indices, values } = sampledAnswers({
          op,
          inputs: given.inputs.map(view),
          output,
          dependence,
        });
        const strides = stridesOf(output.dims);
        const flat = indices.map((index) => index.reduce((sum, at, axis) => sum + at * strides[axis], 0));
        for (const layout of ['nchw', 'channels_last']) {
          const setting = { mode: 'eager', layout, dtype };
          const subject = await host.open('open-layer', setting, {
            layer: { inputs: given.inputs, ...parameters },
            indices: flat,
          });
          const answers = subject.answer.answers;
          if (!Array.isArray(answers)) throw new TypeError('no answers');
          const error = relativeError(answers.map(Number), values);
          expect(error, `${given.name} ${layout} ${dtype}`).toBeLessThan(dtype === 'f16' ? 6e-3 : 3e-6);
        }
      }
    }
  }, 60_000);

  test('says what is wrong', async () => {
    const host = hostOf();
    const setting = { mode: 'graph', layout: 'nchw', dtype: 'f32' };
    const layer = { kind: 'softmax', inputs: [[2, 3]] };
    await expect(host.open('open-layer', setting, { layer, indices: [0] })).rejects.toThrow('needs a GPU');
    await expect(host.open('open-network', setting)).rejects.toThrow('no network was given');
  });
});
