/**
 * Runs every kernel case on a hardware GPU, in f32 and in f16 storage, whole and as parts of larger tensors: what the
 * software adapter of the test suite cannot show. Bundled and run by scripts/check-gpu.js.
 */
import { parseArgs } from 'node:util';
import { openCuda } from '../../src/host/cuda.js';
import { openHardware } from '../../src/host/webgpu.js';
import { families } from './families.js';
import { contextOf, partRuns, runCase, wholeRuns } from './harness.js';
import { mmaFamily } from './mma-hardware.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    device: { type: 'string', default: 'webgpu' },
    ordinal: { type: 'string', default: '0' },
    share: { type: 'string', default: '0/1' },
  },
});
const [wanted = ''] = positionals;
const [share, shares] = values.share.split('/').map(Number);
if (!(Number.isInteger(share) && share >= 0 && share < shares)) {
  throw new Error(`--share is "${values.share}": give K/N, K from 0 to N - 1.`);
}
if (values.device !== 'webgpu' && values.device !== 'cuda') {
  throw new Error(`--device is "${values.device}": give webgpu or cuda.`);
}
const device = await (values.device === 'cuda' ? openCuda(Number(values.ordinal)) : openHardware());
console.log(device.description);
const totals = { passed: 0, failed: 0 };
for (const storage of ['f32', 'f16'] as const) {
  if (storage === 'f16' && !device.features.has('f16')) {
    console.log('f16: skipped, the device has no 16-bit floats');
    continue;
  }
  for (const [family, cases] of [...families, mmaFamily(storage)]) {
    if (!family.includes(wanted)) continue;
    const mine = cases.filter((_, i) => i % shares === share);
    if (mine.length === 0) continue;
    const start = performance.now();
    let candidates = 0;
    let failures = 0;
    for (const testCase of mine) {
      const context = contextOf(device, storage);
      const runs = [...wholeRuns(testCase, context), ...partRuns(testCase, context)];
      for (const { candidate, failure } of await runCase(device, testCase, storage, runs)) {
        candidates++;
        if (failure === undefined) continue;
        failures++;
        // A kernel that is wrong everywhere would fill the screen.
        if (failures <= 12) console.log(`  ${storage} ${family}: ${testCase.name}, ${candidate} ${failure}`);
      }
    }
    totals.passed += candidates - failures;
    totals.failed += failures;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(
      `${storage} ${family}: ${mine.length} cases, ${candidates} candidates, ${failures} wrong (${seconds} s)`,
    );
  }
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
device.destroy();
process.exitCode = totals.failed > 0 ? 1 : 0;
