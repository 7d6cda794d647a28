import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/devices/gpu.js';
import { transformKernel } from '../../src/kernels/transform/index.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { TRANSFORM_SHAPES, layoutsForTransforms, runTransform } from './cases/transform.js';

describe('transforms on software WebGPU', () => {
  let device: GpuDevice;
  beforeAll(async () => {
    device = await openSoftware();
  });
  afterAll(() => {
    device.destroy();
  });

  it.each(TRANSFORM_SHAPES)('%ix%i...', async (...dims) => {
    const layouts = layoutsForTransforms(dims.length);
    const failures: string[] = [];
    for (const from of layouts) {
      for (const to of layouts) {
        const wrong = await runTransform(device, { dims, from, to, type: 'f32' }, (x, y) =>
          transformKernel(x, y, device.limits),
        );
        if (wrong) failures.push(`${from.name} -> ${to.name}: ${wrong}`);
      }
    }
    expect(failures).toEqual([]);
  });
});
