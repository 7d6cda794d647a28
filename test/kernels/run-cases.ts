/** Node's side of the kernel tests: the cases on software WebGPU, and snapshots of the generated text. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/devices/gpu.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { runCase, type OpCase } from './harness.js';

/** Defines a test per case: every candidate must agree with the op's reference. */
export function describeCases(name: string, cases: readonly OpCase[]): void {
  describe(`${name} on software WebGPU`, () => {
    let device: GpuDevice;
    beforeAll(async () => {
      device = await openSoftware();
    });
    afterAll(() => {
      device.destroy();
    });
    it.each(cases.map((testCase) => ({ testCase, title: testCase.name })))('$title', async ({ testCase }) => {
      const results = await runCase(device, testCase, 'f32');
      expect(results.filter(({ failure }) => failure !== undefined)).toEqual([]);
      expect(results.length).toBeGreaterThan(0);
    });
  });
}
