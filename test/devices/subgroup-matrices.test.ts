import { afterAll, beforeAll, expect, it } from 'vitest';
import { featuresOf } from '../../src/devices/webgpu/adapter.js';

/** What adapters tell of their subgroup matrices, which WebGPU's types do not know yet. */
const CONFIG = { componentType: 'f16', resultComponentType: 'f32', M: 16, N: 16, K: 16 };

let dawn: GPU;
let device: GPUDevice;
beforeAll(async () => {
  const webgpu = (await import('webgpu')) as unknown as { create(this: void, flags: readonly string[]): GPU };
  dawn = webgpu.create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
  const adapter = await dawn.requestAdapter();
  if (!adapter) throw new Error('Dawn has no null backend');
  const requiredFeatures = ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'];
  device = await adapter.requestDevice({ requiredFeatures: requiredFeatures as GPUFeatureName[] });
});
afterAll(() => {
  device.destroy();
});

function featuresWith(info: {
  readonly subgroupMinSize: number;
  readonly subgroupMaxSize: number;
  readonly subgroupMatrixConfigs?: readonly (typeof CONFIG)[];
}): string[] {
  const { vendor, architecture, device: name, description, isFallbackAdapter } = device.adapterInfo;
  const all = { vendor, architecture, device: name, description, isFallbackAdapter, ...info };
  return [...featuresOf(device, { ...all, __brand: 'GPUAdapterInfo' })];
}

const SIZES = { subgroupMinSize: 32, subgroupMaxSize: 32 };

it('subgroup matrices count in the one size that kernels use', () => {
  const other = { ...CONFIG, resultComponentType: 'f16' };
  expect(featuresWith({ ...SIZES, subgroupMatrixConfigs: [other, CONFIG] })).toContain('subgroup-matrix');
  expect(featuresWith({ ...SIZES, subgroupMatrixConfigs: [other] })).not.toContain('subgroup-matrix');
  expect(featuresWith(SIZES)).toEqual(['f16', 'subgroups']);
});

it('subgroup matrices count where subgroups have the one size that kernels use', () => {
  const info = { subgroupMinSize: 16, subgroupMaxSize: 32, subgroupMatrixConfigs: [CONFIG] };
  expect(featuresWith(info)).toEqual(['f16', 'subgroups']);
});
