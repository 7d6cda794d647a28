/**
 * PyTorch on CUDA, in Python processes that are told line by line when to run: eagerly, as a captured CUDA graph, and through
 * torch.compile, with tensors in NCHW and in channels_last.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingName } from '../torch/host.js';

export const torch = {
  name: 'PyTorch',
  devices: ['cuda'],
  packages: [],
  subjects: ({ dtypes, modes, formats }) =>
    modes.flatMap((mode) =>
      dtypes.flatMap((dtype) =>
        formats.map((layout) => ({
          setting: settingName({ mode, layout }),
          dtype,
          open: (task) => open(task, { mode, layout, dtype }),
        })),
      ),
    ),
};

let files = 0;

async function open({ torch: host, folder }, setting) {
  const { elapsed, ask, dispose } = await host.open('open-network', setting);
  return {
    elapsed,
    enqueue: (runs) => elapsed(runs),
    read: async () => {
      const file = join(folder, `answers-${files++}.bin`);
      await ask('answers', { file });
      const { buffer, byteOffset, byteLength } = readFileSync(file);
      return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
    },
    dispose,
  };
}
