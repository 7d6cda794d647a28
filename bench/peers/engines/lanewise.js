/** Lanewise: the network by name under the policy `optimal`, its inputs and outputs on the GPU. */
import { GpuTensor, Tensor, createSession, network } from '../../../dist/node.js';
import { takeFloats } from '../webgpu.js';

export const lanewise = {
  name: 'Lanewise',
  packages: [],
  /** @returns what can be run, per precision */
  subjects: ({ dtypes, tuning, effort }) =>
    dtypes.map((dtype) => ({
      setting: `optimal, ${tuning}`,
      dtype,
      open: (task) => open(task, dtype, { tuning, effort }),
    })),
};

/** A session that runs on the shared device. */
export async function open(
  { network: name, dims, classes, device, input },
  dtype,
  { tuning, effort },
  policy = 'optimal',
) {
  const session = await createSession(network(name), {
    gpuDevice: device,
    policy,
    tuning,
    effort,
    dtype,
    dims: { image: dims },
  });
  const image = new GpuTensor('f32', dims, input);
  const probabilities = await GpuTensor.upload(device, new Tensor('f32', [dims[0], classes]));
  const outputs = { probabilities };
  return {
    enqueue: (runs) => Promise.all(Array.from({ length: runs }, () => session.run({ image }, { outputs }))),
    read: () => takeFloats(device, probabilities.buffer),
    dispose: async () => {
      await session.dispose();
      probabilities.dispose();
    },
  };
}
