/** The CUDA device as Lanewise opens it, and PyTorch beside it on the same GPU. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCuda } from '../../dist/host/cuda.js';
import { nodePlatform } from '../../dist/host/platform.js';
import { writeDescription } from './torch/description.js';
import { TorchHost } from './torch/host.js';

/** Opens the device for one network. */
export async function openCudaHost({ engines, limitMs, torchDevice }) {
  const folder = mkdtempSync(join(tmpdir(), 'lanewise-peers-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  const torch = engines.includes('torch')
    ? new TorchHost({ device: torchDevice, limitMs, prepare: [['network', { folder }]] })
    : undefined;
  const gpu = await openCuda();
  return {
    description: gpu.description,
    gpu,
    costs: nodePlatform.costs,
    folder,
    torch,
    /** Writes the network's files, and lets PyTorch import itself meanwhile. @returns its versions */
    begin: (graph, image) => {
      if (!torch) return undefined;
      writeDescription(folder, graph, image);
      return torch.start().catch(() => undefined);
    },
    close: () => {
      torch?.end();
      gpu.destroy();
      process.off('exit', removeFolder);
      removeFolder();
    },
  };
}
