/** The engines by the names that `--engines` takes, for each device. */
import { lanewise } from './lanewise.js';
import { lanewiseCuda } from './lanewise-cuda.js';
import { ort } from './ort.js';
import { tfjs } from './tfjs.js';
import { torch } from './torch.js';

export const ENGINES = [
  { id: 'lanewise', ...lanewise },
  { id: 'lanewise', ...lanewiseCuda },
  { id: 'ort', ...ort },
  { id: 'tfjs', ...tfjs },
  { id: 'torch', ...torch },
];

/** The engines that run on a device: on WebGPU those that are not said to be for another. */
export function enginesFor(device) {
  return ENGINES.filter(({ devices = ['webgpu', 'webgpu:software'] }) => devices.includes(device));
}
