/** Memory for measurements, on software WebGPU. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuBuffer } from '../../src/devices/gpu.js';
import type { WebGpuDevice } from '../../src/devices/webgpu/index.js';
import { DeviceError } from '../../src/errors.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { RandomBuffers, SlotPool } from '../../src/tune/timing/buffers.js';
import { withMemory } from './small-devices.js';

let device: WebGpuDevice;

beforeAll(async () => {
  device = await openSoftware();
});

afterAll(() => {
  device.destroy();
});

async function contentsOf(buffer: GpuBuffer): Promise<ArrayBuffer> {
  const recording = await device.record([], [{ buffer, offset: 0, bytes: buffer.bytes }]);
  const [bytes] = await device.submit(recording);
  device.release(recording);
  return bytes.buffer;
}

/** The value of a half float's bits. */
function halfOf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  const size = exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15);
  if (exponent === 31) return NaN;
  return bits & 0x8000 ? -size : size;
}

describe('random buffers', () => {
  it('hold floats in [-1, 1] that are half floats below 2 too, to the last byte', async () => {
    const memory = new RandomBuffers(device);
    const contents = await contentsOf(await memory.allocate(4 * 100_003, 'numbers'));
    const floats = new Float32Array(contents);
    const mean = floats.reduce((sum, value) => sum + value, 0) / floats.length;
    const square = floats.reduce((sum, value) => sum + value * value, 0) / floats.length;
    expect(floats).toHaveLength(100_003);
    expect(Math.max(...floats.map(Math.abs))).toBeLessThanOrEqual(1);
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(square).toBeCloseTo(1 / 3, 2);
    expect(new Set(floats).size).toBeGreaterThan(95_000);
    expect(floats[floats.length - 1]).not.toBe(0);
    const halves = Array.from(new Uint16Array(contents), halfOf);
    expect(halves.every((half) => Math.abs(half) < 2)).toBe(true);
    memory.freeAll();
    expect(device.allocatedBytes).toBe(0);
  });

  it('are halved until there is room', async () => {
    const memory = new RandomBuffers(withMemory(device, 5000));
    expect((await memory.allocateUpTo(16384, 1024, 'large')).bytes).toBe(4096);
    await expect(memory.allocateUpTo(16384, 1024, 'second')).rejects.toThrow(/^second: 1024 bytes/);
    expect(device.allocatedBytes).toBe(4096);
    memory.freeAll();
  });

  it('hold copies at aligned offsets', async () => {
    const memory = new RandomBuffers(device);
    const slices = await memory.allocateCopies(300, 3, 'copies');
    expect(slices.map(({ offset, bytes }) => [offset, bytes])).toEqual([
      [0, 300],
      [512, 300],
      [1024, 300],
    ]);
    expect(new Set(slices.map(({ buffer }) => buffer)).size).toBe(1);
    expect(memory.bytes).toBe(1324);
    memory.freeAll();
  });
});

const needs = (read: number, written: number) =>
  new Map([
    ['read', read],
    ['written', written],
  ]);

describe('a pool of slots', () => {
  it('keeps what is large enough and replaces what is not', async () => {
    const pool = new SlotPool(device, 1e6);
    await pool.reserve(needs(4096, 1024));
    const [read, written] = [pool.buffer('read'), pool.buffer('written')];
    await pool.reserve(needs(1000, 2048));
    expect(pool.buffer('read')).toBe(read);
    expect(pool.buffer('written')).not.toBe(written);
    expect(pool.buffer('written').bytes).toBeGreaterThanOrEqual(2048);
    expect(device.allocatedBytes).toBe(pool.buffer('read').bytes + pool.buffer('written').bytes);
    pool.free();
    expect(device.allocatedBytes).toBe(0);
    expect(() => pool.buffer('read')).toThrow(TypeError);
  });

  it('drops the rest rather than pass its budget', async () => {
    const pool = new SlotPool(device, 10_000);
    await pool.reserve(new Map([['other', 8000]]));
    await pool.reserve(needs(4096, 4096));
    expect(device.allocatedBytes).toBeLessThanOrEqual(10_000);
    expect(() => pool.buffer('other')).toThrow(TypeError);
    pool.free();
  });

  it('is empty after memory that is not to be had', async () => {
    const pool = new SlotPool(device, Infinity);
    await pool.reserve(needs(1024, 1024));
    const tooMuch = needs(1024, device.limits.maxBufferBytes + 4);
    await expect(pool.reserve(tooMuch)).rejects.toBeInstanceOf(DeviceError);
    expect(device.allocatedBytes).toBe(0);
    await pool.reserve(needs(1024, 1024));
    expect(pool.buffer('read').bytes).toBe(1024);
    pool.free();
  });
});
