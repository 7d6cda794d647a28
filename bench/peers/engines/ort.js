/**
 * ONNX Runtime Web: the WebGPU execution provider of the build `onnxruntime-web/webgpu` (C++ in WebAssembly with
 * asyncify), in both layouts, with and without graph capture, bound to GPU buffers.
 */
import { TENSOR_USAGE, takeFloats } from '../webgpu.js';

const SETTINGS = ['NHWC', 'NCHW'].flatMap((layout) => [
  { layout, capture: false },
  { layout, capture: true },
]);

export const ort = {
  name: 'ONNX Runtime Web',
  packages: ['onnxruntime-web'],
  subjects: ({ dtypes }) =>
    dtypes.flatMap((dtype) =>
      SETTINGS.map(({ layout, capture }) => ({
        setting: capture ? `${layout}, graph capture` : layout,
        dtype,
        open: (task) => open(task, dtype, layout, capture),
      })),
    ),
};

let loading;

/** The runtime, for a device. */
function load(device) {
  loading ??= import('onnxruntime-web/webgpu').then((runtime) => {
    const { env } = runtime;
    env.wasm.numThreads = 1;
    env.logLevel = 'error';
    // It wants to see an adapter, but opens no device of its own where sessions are given one.
    env.webgpu.adapter = {
      limits: device.limits,
      features: device.features,
      requestDevice: () => Promise.reject(new Error('sessions are given the shared device')),
    };
    return runtime;
  });
  return loading;
}

async function open({ dims, classes, device, input, onnx }, dtype, preferredLayout, enableGraphCapture) {
  const runtime = await load(device);
  const session = await runtime.InferenceSession.create(onnx(dtype), {
    executionProviders: [{ name: 'webgpu', device, preferredLayout }],
    preferredOutputLocation: 'gpu-buffer',
    graphOptimizationLevel: 'all',
    enableGraphCapture,
  });
  const size = dims[0] * classes * Float32Array.BYTES_PER_ELEMENT;
  const output = device.createBuffer({ size, usage: TENSOR_USAGE });
  const tensor = (buffer, shape) =>
    runtime.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: shape });
  const feeds = { image: tensor(input, dims) };
  const fetches = { probabilities: tensor(output, [dims[0], classes]) };
  return {
    enqueue: async (runs) => {
      for (let i = 0; i < runs; i++) await session.run(feeds, fetches);
    },
    read: () => takeFloats(device, output),
    dispose: async () => {
      await session.release();
      output.destroy();
    },
  };
}
