/**
 * TensorFlow.js: its WebGPU backend, in NHWC and single precision, all that it has. The network is walked node by node,
 * as its models run; batch normalisations are folded and activations fused, as its converter does.
 */
import { prepareNodes } from '../tfjs-nodes.js';

export const tfjs = {
  name: 'TensorFlow.js',
  packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu'],
  subjects: ({ dtypes }) => (dtypes.includes('f32') ? [{ setting: 'NHWC', dtype: 'f32', open }] : []),
};

let loading;

/** The library with its WebGPU backend on a device. */
function load(device) {
  loading ??= (async () => {
    const tf = await import('@tensorflow/tfjs-core');
    const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
    // Kernels are registered under this name; the backend that comes with it would open a device of its own.
    tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', () => new WebGPUBackend(device, device.adapterInfo));
    await tf.setBackend('webgpu');
    return tf;
  })();
  return loading;
}

async function open({ device, image, fusedGraph }) {
  const tf = await load(device);
  const graph = fusedGraph();
  const nodes = prepareNodes(tf, graph);
  const x = toNhwc(tf, image);
  await x.data(); // uploads
  const forward = () =>
    tf.tidy(() => {
      const values = new Map([[graph.inputs[0], x]]);
      for (const { output, compute } of nodes) values.set(output, compute(values));
      return values.get(graph.outputs[0].value);
    });
  let y = forward();
  return {
    enqueue: (runs) => {
      for (let i = 0; i < runs; i++) {
        y.dispose();
        y = forward();
      }
      submitRest(tf.backend());
    },
    read: () => y.data(),
    // Disposes of the backend with all its tensors.
    dispose: () => tf.removeBackend('webgpu'),
  };
}

/** It collects dispatches and submits them in batches: the last ones wait for more, or for somebody to read results. */
function submitRest(backend) {
  if (!backend.commandEncoder) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/** [N, C, H, W] to a tensor [N, H, W, C]. */
function toNhwc(tf, image) {
  return tf.tidy(() => tf.transpose(tf.tensor(image.data, image.dims), [0, 2, 3, 1]));
}
