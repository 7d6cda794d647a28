import { describe, expect, it } from 'vitest';
import {
  PRECISIONS,
  checkPrecision,
  numbersOf,
  precisionOf,
  type Precision,
} from '../../src/candidates/precision.js';
import type { CandidateContext } from '../../src/candidates/candidate.js';
import type { KernelFeature } from '../../src/devices/gpu.js';

const LIMITS: CandidateContext['limits'] = {
  maxBufferBytes: 1 << 20,
  maxBindingBytes: 1 << 20,
  maxBindings: 8,
  maxWorkgroupBytes: 16384,
  maxInvocations: 256,
  maxWorkgroupSize: [256, 256, 64],
  maxGrid: 65535,
  offsetAlignment: 256,
  subgroupSize: [0, 0],
};

describe('precisions', () => {
  it.each(PRECISIONS)('%s is what kernels were told of', (precision) => {
    const context = { limits: LIMITS, features: new Set<KernelFeature>(), ...numbersOf(precision) };
    expect(precisionOf(context)).toBe(precision);
  });

  it.each<[Precision, KernelFeature[]]>([
    ['f32', []],
    ['f16', ['f16']],
    ['tf32', ['f16', 'cuda']],
    ['bf16', ['f16', 'cuda']],
  ])('%s is there with the features %j', (precision, features) => {
    expect(() => {
      checkPrecision(precision, new Set(features), 'Acme');
    }).not.toThrow();
  });

  it.each<[Precision, KernelFeature[], string]>([
    ['f16', ['subgroups'], 'half precision on Acme is not supported. Use dtype "f32".'],
    ['tf32', ['f16', 'subgroup-matrix'], 'tf32 on Acme is not supported. Use dtype "f32".'],
    ['bf16', ['f16', 'subgroup-matrix'], 'bf16 on Acme is not supported. Use dtype "f32".'],
  ])('%s is not there with the features %j', (precision, features, message) => {
    expect(() => {
      checkPrecision(precision, new Set(features), 'Acme');
    }).toThrow(message);
  });
});
