import { it } from 'vitest';
import { families, Sample } from './families.js';
import { contextOf, partRuns } from './harness.js';
import { openSoftware } from '../../src/host/webgpu.js';
it('count', async () => {
  const device = await openSoftware();
  for (const name of ['winograd', 'conv', 'conv-pool', 'fft', 'gemm']) {
  const sample = new Sample(); let n = 0, k = 0;
  const texts = new Set();
  for (const one of families.get(name) ?? []) {
    const t = performance.now();
    const runs = sample.choose(partRuns(one, contextOf(device, 'f32')));
    n += runs.length;
    for (const { candidate, views } of runs) for (const { source } of candidate.build(views)) texts.add(source.wgsl);
  }
  console.log(name, n, 'runs', texts.size, 'texts');
  }
  device.destroy();
}, 200000);
