/** The networks by name as ONNX files for other engines: what is written is what Lanewise's importer reads. */
import { describe, expect, test } from 'vitest';
import { writeOnnx } from '../../bench/peers/onnx-writer.js';
import { topologicalOrder, type Graph, type Model } from '../../src/graph/index.js';
import { foldBatchNormalization } from '../../src/graph/rewrites/fold-batch-normalization.js';
import { rewriteGraph } from '../../src/graph/rewrites/index.js';
import { createSession, loadModel, network } from '../../src/node.js';
import { Tensor, formatType, relativeError, sizeOf } from '../../src/tensor/index.js';
import { randomStream } from '../../src/tensor/random.js';

function exportable(name: string, batch: number): Graph {
  const model = network(name);
  const graph = model.build({ dims: new Map([['image', imageDims(model, batch)]]) });
  foldBatchNormalization.apply(graph);
  return graph;
}

function imageDims({ inputs: [{ dims }] }: Model, batch: number): number[] {
  return [batch, ...(dims ?? []).slice(1).map(Number)];
}

function halve({ dims, data }: Tensor): Tensor {
  return Tensor.from('f16', dims, data);
}

/** A line per node: what it computes, of which shape. */
function linesOf(graph: Graph): string[] {
  return topologicalOrder(graph).map(({ op, outputTypes }) =>
    [op.type, JSON.stringify(op.attributes), ...outputTypes.map(formatType)].join(' '),
  );
}

async function probabilities(model: Model, image: Tensor): Promise<ArrayLike<number>> {
  const session = await createSession(model, { device: 'cpu' });
  try {
    const { probabilities } = await session.run({ image });
    expect(probabilities.dtype).toBe('f32');
    return probabilities.toFloat64();
  } finally {
    await session.dispose();
  }
}

describe('networks as ONNX files', () => {
  // Together they have every operator of the eight: padding that rounds up, groups, clips, sums, concatenations.
  test.each(['cifar10', 'mobilenet_v2', 'squeezenet1_1'])('have the same nodes: %s', async (name) => {
    const graph = exportable(name, 3);
    const read = await loadModel(writeOnnx(graph));
    expect(read.outputs.map((port) => port.name)).toEqual(['probabilities']);
    const again = read.build({ dims: new Map([['image', imageDims(read, 3)]]) });
    expect(linesOf(again)).toEqual(linesOf(graph));
  });

  test('give the same answers, in half precision nearly', async () => {
    const model = network('lenet');
    const dims = imageDims(model, 2);
    const next = randomStream('image');
    const image = new Tensor('f32', dims, Float32Array.from({ length: sizeOf(dims) }, next));
    const expected = await probabilities(model, image);
    const graph = exportable('lenet', 2);
    const single = await probabilities(await loadModel(writeOnnx(graph)), image);
    expect(relativeError(single, expected)).toBe(0);
    const half = await probabilities(await loadModel(writeOnnx(graph, { halve })), image);
    const error = relativeError(half, expected);
    expect(error).toBeGreaterThan(1e-6);
    expect(error).toBeLessThan(1e-2);
  });

  test('refuse what is fused, which ONNX has no operators for', () => {
    const graph = exportable('lenet', 1);
    rewriteGraph(graph);
    expect(() => writeOnnx(graph)).toThrow('is fused');
  });
});
