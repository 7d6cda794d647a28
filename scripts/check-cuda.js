/**
 * Checks on this machine's NVIDIA GPU what only one can show: translated kernels' semantics, calls of cuDNN and cuBLASLt,
 * kernels on tensor cores, networks, errors. Needs neither a browser nor a CUDA toolkit.
 *
 *     npm run check:cuda [-- --only semantics,libraries,matrices,networks,errors] [--ordinal 0] [--thorough]
 *       [--networks lenet,resnet50] [--dtypes f32,tf32,f16,bf16]
 *     node scripts/check-cuda.js --bundle FILE.mjs     only writes the checks as one file, to be run elsewhere with node,
 *                                                      beside a node_modules with Lanewise's dependencies and koffi
 *
 * `--thorough`: tiles between those in use too, and all networks. It ends with 1 where something is wrong.
 */
import { spawnSync } from 'node:child_process';
import { bundle, bundleTarget } from './bundle.js';

const { target, only } = bundleTarget('check-cuda');
await bundle('test/devices/cuda/hardware/main.ts', target);
if (!only) {
  const { status } = spawnSync(process.execPath, [target, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
