import { it, expect } from 'vitest';
import { openSoftware } from '../../src/host/webgpu.js';
import { contextOf, partRuns, runCase } from './harness.js';
import { depthwiseCases } from './cases/depthwise.js';
import { groupedCases } from './cases/grouped.js';
import { streamCases } from './cases/stream.js';
const chosen = [groupedCases[0], groupedCases[2], groupedCases[3], streamCases[0], streamCases[4], depthwiseCases[0], depthwiseCases[1]];
it.each(chosen.map((c) => ({ c, name: c.name })))('$name', async ({ c }) => {
  const device = await openSoftware();
  const r = await runCase(device, c, 'f32', partRuns(c, contextOf(device, 'f32')));
  expect(r.filter((x) => x.failure)).toEqual([]);
  console.log('RUNS', r.length);
  device.destroy();
}, 600000);
