/** Node's side of the kernel tests: the cases on software WebGPU, whole and as parts of larger tensors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/devices/gpu.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { sampleOf } from './families.js';
import { contextOf, partRuns, runCase, type CaseResult, type OpCase } from './harness.js';

/** Opens a device before the tests around it, and closes it behind them. */
export function useSoftwareDevice(): () => GpuDevice {
  let device: GpuDevice;
  beforeAll(async () => {
    device = await openSoftware();
  });
  afterAll(() => {
    device.destroy();
  });
  return () => device;
}

/** Defines a test per case: every candidate must agree with the op's reference. */
export function describeCases(name: string, cases: readonly OpCase[]): void {
  describe(`${name} on software WebGPU`, () => {
    const device = useSoftwareDevice();
    it.each(titled(cases))('$title', async ({ testCase }) => {
      const results = await runCase(device(), testCase, 'f32');
      expect(failuresOf(results)).toEqual([]);
      expect(results.length).toBeGreaterThan(0);
    });
  });
}

/** Defines a test per case: every candidate that can must write a part of a larger tensor right, at every place. */
export function describeParts(name: string, cases: readonly OpCase[]): void {
  describe(`parts of larger tensors: ${name} on software WebGPU`, () => {
    const device = useSoftwareDevice();
    it.each(titled(cases))(
      '$title',
      async ({ testCase }) => {
        const runs = partRuns(testCase, contextOf(device(), 'f32'));
        expect(failuresOf(await runCase(device(), testCase, 'f32', runs))).toEqual([]);
      },
      600_000,
    );
  });
}

/** Defines one test of a sample of the same. */
export function describeSampledParts(name: string, cases: readonly OpCase[]): void {
  describe(`parts of larger tensors: ${name} on software WebGPU`, () => {
    const device = useSoftwareDevice();
    it('every kernel body and layout', async () => {
      const context = contextOf(device(), 'f32');
      const sample = sampleOf(cases.map((testCase) => partRuns(testCase, context)));
      const results: CaseResult[] = [];
      for (const [i, testCase] of cases.entries()) {
        for (const { candidate, failure } of await runCase(device(), testCase, 'f32', sample[i])) {
          results.push({ candidate: `${testCase.name}: ${candidate}`, failure });
        }
      }
      expect(failuresOf(results)).toEqual([]);
      expect(results.length).toBeGreaterThan(0);
    });
  });
}

function titled(cases: readonly OpCase[]): { readonly testCase: OpCase; readonly title: string }[] {
  return cases.map((testCase) => ({ testCase, title: testCase.name }));
}

function failuresOf(results: readonly CaseResult[]): CaseResult[] {
  return results.filter(({ failure }) => failure !== undefined);
}
