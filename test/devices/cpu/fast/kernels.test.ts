import { afterEach, describe, expect, it, vi } from 'vitest';
import { conv2d, gemm } from '../../../../src/devices/cpu/fast/index.js';
import { createWasmKernels, kernelModuleBytes } from '../../../../src/devices/cpu/fast/wasm-kernels.js';
import { encodeModule, FunctionBuilder, valueType } from '../../../../src/devices/cpu/fast/wasm-assembler.js';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('kernel module', () => {
  it('is small enough for synchronous compilation on the main thread of older browsers', () => {
    expect(WebAssembly.validate(kernelModuleBytes())).toBe(true);
    expect(kernelModuleBytes().length).toBeLessThanOrEqual(4096);
  });

  it('gives way to JavaScript where compilation is forbidden', async () => {
    const forbidden = {
      Module: () => {
        throw new EvalError('Refused to compile or instantiate WebAssembly module');
      },
    };
    vi.stubGlobal('WebAssembly', forbidden);
    expect(createWasmKernels()).toBeUndefined();
    const { sharedKernels } = await import('../../../../src/devices/cpu/fast/shared-kernels.js');
    expect(sharedKernels().name).toBe('js');
    expect(sharedKernels()).toBe(sharedKernels());
    vi.stubGlobal('WebAssembly', undefined);
    expect(createWasmKernels()).toBeUndefined();
  });

  it('keeps its scratch bounded: a product of 64 MB needs less than 8 MiB', () => {
    const kernels = createWasmKernels();
    if (kernels === undefined) return;
    const n = 4000;
    gemm(
      {
        m: 16,
        n,
        k: n,
        a: new Float32Array(16 * n),
        b: new Float32Array(n * n),
        out: new Float32Array(16 * n),
      },
      kernels,
    );
    expect(kernels.f32.byteLength).toBeLessThan(8 * 2 ** 20);
  });
});

describe('scratch of long convolutions', () => {
  it.each([1, 4])('stays bounded for a million columns and %i output channels', (outChannels) => {
    const kernels = createWasmKernels();
    if (kernels === undefined) return;
    const one = { strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1, groups: 1, batch: 1 };
    const pads = { padTop: 0, padBottom: 0, padLeft: 1, padRight: 1 };
    const sizes = {
      inChannels: 1,
      inHeight: 3,
      inWidth: 1_000_000,
      outChannels,
      kernelHeight: 3,
      kernelWidth: 3,
    };
    const x = new Float32Array(3_000_000).fill(1);
    const weights = new Float32Array(9 * outChannels).fill(1);
    const out = new Float32Array(outChannels * 1_000_000);
    conv2d({ shape: { ...one, ...pads, ...sizes }, x, weights, out }, kernels);
    expect([out[0], out[1], out[500_000], out[999_999]]).toEqual([6, 9, 9, 6]);
    expect(kernels.f32.byteLength).toBeLessThan(4 * 2 ** 20);
  });
});

describe('assembler', () => {
  it('encodes integers of all widths, loops and offsets', () => {
    const f = new FunctionBuilder('store', [valueType.i32]);
    const at = f.local(valueType.i32);
    const values = [0, 63, 64, -64, -65, 127, 128, 8191, -8193, 2 ** 31 - 1, -(2 ** 31)];
    f.repeat(0, () => {
      values.forEach((value, i) =>
        f
          .get(at)
          .i32(value)
          .op('i32Add')
          .set(at)
          .i32(4 * i),
      );
      values.forEach(() => f.get(at).op('i32Add').set(at));
    });
    const module = new WebAssembly.Module(encodeModule([f], 300));
    const { store } = new WebAssembly.Instance(module).exports;
    expect(typeof store).toBe('function');
    expect(() => typeof store === 'function' && store(3)).not.toThrow();
  });
});
