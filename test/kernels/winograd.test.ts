import { describe, expect, it } from 'vitest';
import { accuracyCase, thoroughWinogradCases, winogradCases } from './cases/winograd.js';
import { runCase } from './harness.js';
import { describeCases, useSoftwareDevice } from './run-cases.js';

// LANEWISE_THOROUGH=1 adds random shapes; the default set keeps a test run short.
const thorough = process.env['LANEWISE_THOROUGH'] ? thoroughWinogradCases() : [];

describeCases('Winograd convolutions', [...winogradCases, ...thorough]);

describe('Winograd in f32', () => {
  const device = useSoftwareDevice();

  // src/kernels/winograd/winograd.ts says so: the norm of the error by that of the result.
  it.each([
    ['f2x2', 'random numbers', 2.5e-7],
    ['f2x2', 'edges', 7e-7],
    ['f4x4', 'random numbers', 9e-7],
    ['f4x4', 'edges', 2.2e-6],
  ] as const)('errs by %s on %s about %f', async (size, kind, error) => {
    const failing = async (tolerance: number): Promise<unknown[]> => {
      const results = await runCase(device(), accuracyCase(size, kind === 'edges', tolerance), 'f32');
      expect(results).toHaveLength(1);
      return results.filter(({ failure }) => failure !== undefined);
    };
    expect(await failing(1.4 * error)).toEqual([]);
    expect(await failing(error / 1.4)).toHaveLength(1);
  });
});
