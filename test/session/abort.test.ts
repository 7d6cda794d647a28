/** What a signal ends: making a session ready at every stage, explaining, waiting for the first run, timing. */
import { afterAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/devices/gpu.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { network } from '../../src/networks/index.js';
import { Breather } from '../../src/plan/breather.js';
import { unlessAborted } from '../../src/session/abort.js';
import { compileKernels } from '../../src/session/compilable-plan.js';
import { explainModel } from '../../src/session/explain.js';
import { createSession, type CreateSessionOptions, type Platform } from '../../src/session/index.js';
import { randomInputs } from '../../src/session/random-inputs.js';
import { standInProfile } from '../../src/session/stand-in.js';
import { MemoryStore } from '../../src/tune/store/cost-store.js';
import type { KernelSource } from '../../src/devices/gpu.js';

const gpu = await openSoftware();
afterAll(() => {
  gpu.destroy();
});

const MODEL = network('lenet');
const DIMS = { N: 2 };
const ENOUGH = new Error('enough');

/** What waits until it is opened. */
class Gate {
  #open: (() => void) | undefined;
  readonly passed = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  open(): void {
    this.#open?.();
  }
}

/** A device of which every method is as it is, but for some. */
function but(changes: Partial<GpuDevice>): GpuDevice {
  return new Proxy<GpuDevice>(gpu, {
    get: (target, key) => {
      const own: unknown = Reflect.get(changes, key);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function on(device: GpuDevice): Platform {
  return {
    costs: new MemoryStore(),
    openWebGpu: () => Promise.resolve({ gpu: device, release: () => undefined }),
  };
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function create(device: GpuDevice, options: CreateSessionOptions): Promise<unknown> {
  return createSession(MODEL, { device: 'webgpu', dims: DIMS, ...options }, on(device));
}

describe('creating a session ends', () => {
  it('before anything is opened', async () => {
    let opened = 0;
    const platform: Platform = {
      openWebGpu: () => {
        opened++;
        return Promise.reject(ENOUGH);
      },
    };
    const options = { device: 'webgpu', signal: AbortSignal.abort(ENOUGH) } as const;
    expect(await rejection(createSession(MODEL, options, platform))).toBe(ENOUGH);
    expect(opened).toBe(0);
  });

  it('between two kernels, with progress before, and frees what it took', async () => {
    const controller = new AbortController();
    const before = gpu.allocatedBytes;
    const seen: [string, number, number][] = [];
    let compiled = 0;
    const device = but({
      compile: (sources) => {
        compiled += sources.length;
        if (compiled >= 3) controller.abort(ENOUGH);
        return gpu.compile(sources);
      },
    });
    const options: CreateSessionOptions = {
      signal: controller.signal,
      onProgress: ({ what, done, total }) => seen.push([what, done, total]),
    };
    expect(await rejection(create(device, options))).toBe(ENOUGH);
    expect(gpu.allocatedBytes).toBe(before);
    const [first] = seen;
    expect(first[0]).toMatch(/^compiling \w+/);
    expect(first[2]).toBeGreaterThan(compiled);
    for (const [, done, total] of seen) expect(done).toBeLessThan(total);
  });

  it('between two weights, and frees what it took', async () => {
    const controller = new AbortController();
    const before = gpu.allocatedBytes;
    let writes = 0;
    const device = but({
      write: (...to) => {
        writes++;
        controller.abort(ENOUGH);
        gpu.write(...to);
      },
    });
    expect(await rejection(create(device, { signal: controller.signal }))).toBe(ENOUGH);
    expect(writes).toBe(1);
    expect(gpu.allocatedBytes).toBe(before);
  });
});

it('planning ends at the next breath', async () => {
  const controller = new AbortController();
  const breather = new Breather(controller.signal);
  await breather.breathe();
  controller.abort(ENOUGH);
  expect(await rejection(breather.breathe())).toBe(ENOUGH);
  const profile = standInProfile();
  const explained = explainModel(MODEL, { profile, dims: DIMS, signal: controller.signal });
  expect(await rejection(explained)).toBe(ENOUGH);
});

it('comparing policies ends between two of them', async () => {
  const controller = new AbortController();
  const seen: string[] = [];
  const options = {
    profile: standInProfile(),
    dims: DIMS,
    signal: controller.signal,
    onProgress: ({ what }: { readonly what: string }) => {
      seen.push(what);
      if (seen.length === 2) controller.abort(ENOUGH);
    },
  };
  expect(await rejection(explainModel(MODEL, options))).toBe(ENOUGH);
  expect(seen).toHaveLength(2);
});

it('a run waits no longer for a graph that is being made, which the next run finds ready', async () => {
  let compilations = 0;
  const gate = new Gate();
  const device = but({
    compile: async (sources) => {
      // Constants are converted by single kernels.
      if (sources.length > 1) compilations++;
      await gate.passed;
      return gpu.compile(sources);
    },
  });
  const session = await createSession(MODEL, { device: 'webgpu' }, on(device));
  const [{ name, dtype }] = MODEL.inputs;
  const inputs = randomInputs([{ name, type: { dtype, dims: [2, 1, 28, 28] } }]);
  const controller = new AbortController();
  const ended = rejection(session.run(inputs, { signal: controller.signal }));
  await expect.poll(() => compilations).toBe(1);
  controller.abort(ENOUGH);
  expect(await ended).toBe(ENOUGH);
  gate.open();
  expect(Object.keys(await session.run(inputs))).toHaveLength(1);
  expect(compilations).toBe(1);
  await session.dispose();
});

it('a profile ends between two submissions of its timing', async () => {
  const session = await createSession(MODEL, { device: 'webgpu', dims: DIMS }, on(but({})));
  const [{ name, dtype }] = MODEL.inputs;
  const inputs = randomInputs([{ name, type: { dtype, dims: [2, 1, 28, 28] } }]);
  const { steps } = await session.profile(inputs, { signal: new AbortController().signal });
  const plain = await session.profile(inputs);
  expect(steps.map(({ kernel }) => kernel)).toEqual(plain.steps.map(({ kernel }) => kernel));
  for (const { milliseconds } of steps) expect(milliseconds).toBeGreaterThan(0);
  await session.dispose();
  const controller = new AbortController();
  let times = 0;
  const ending = but({
    time: (...asked) => {
      times++;
      const running = gpu.time(...asked);
      controller.abort(ENOUGH);
      return running;
    },
  });
  const other = await createSession(MODEL, { device: 'webgpu', dims: DIMS }, on(ending));
  expect(await rejection(other.profile(inputs, { signal: controller.signal }))).toBe(ENOUGH);
  expect(times).toBe(1);
  await other.dispose();
});

/** A kernel that differs from others by a number. */
function source(value: number): KernelSource {
  return {
    id: `constant_${value}`,
    wgsl: `@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(1) fn main() { y[0] = ${value}u; }`,
    bindings: [{ name: 'y', access: 'read_write' }],
    features: [],
    workgroupBytes: 0,
    workgroup: [1, 1, 1],
    grid: [1, 1, 1],
    flops: 0,
    bytes: 4,
  };
}

describe('compileKernels', () => {
  it('gives a kernel for every source, in order, compiling equal ones once', async () => {
    const sources = [1, 2, 1, 3, 2].map(source);
    const asked: string[] = [];
    const device = but({
      compile: (list) => {
        if (list.length === 1) asked.push(list[0].id);
        return gpu.compile(list);
      },
    });
    const told: number[] = [];
    const kernels = await compileKernels(device, sources, { onProgress: ({ total }) => told.push(total) });
    expect(kernels.map((kernel) => kernel.source)).toEqual(sources);
    expect(asked).toEqual(['constant_1', 'constant_2', 'constant_3']);
    expect(told).toEqual([3, 3, 3]);
  });

  it('fails as the device does, when all have settled', async () => {
    const broken = { ...source(4), id: 'broken', wgsl: 'fn main(' };
    const { signal } = new AbortController();
    const error = await rejection(compileKernels(gpu, [source(5), broken, source(6)], { signal }));
    expect(String(error)).toMatch(/broken does not compile/);
  });
});

describe('unlessAborted', () => {
  it('gives what the promise gives, or the reason at once', async () => {
    const controller = new AbortController();
    expect(await unlessAborted(Promise.resolve(7), controller.signal)).toBe(7);
    expect(await unlessAborted(Promise.resolve(8), undefined)).toBe(8);
    const never = unlessAborted(new Promise(() => undefined), controller.signal);
    controller.abort(ENOUGH);
    expect(await rejection(never)).toBe(ENOUGH);
    expect(await rejection(unlessAborted(new Promise(() => undefined), controller.signal))).toBe(ENOUGH);
  });
});
