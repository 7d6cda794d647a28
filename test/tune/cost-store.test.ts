/** The stores that need no disk: what every store does, what it refuses, and what happens where one fails. */
import { describe, expect, it } from 'vitest';
import { PlanError } from '../../src/errors.js';
import { MemoryStore, type CostUpdate } from '../../src/tune/store/cost-store.js';
import { GuardedStore, type CostBackend } from '../../src/tune/store/guarded-store.js';
import { DEVICE, EXPECTED_TRACE, UPDATED, knownOf, profileNamed, record, traceOf } from './cost-samples.js';

/** A backend in memory that fails on demand. */
class Failing implements CostBackend {
  failing = false;
  readonly #memory = new MemoryStore();

  #use(): MemoryStore {
    if (this.failing) throw new Error('the disk is full');
    return this.#memory;
  }

  load: CostBackend['load'] = async (device) => this.#use().load(device);
  save: CostBackend['save'] = async (device, update) => this.#use().save(device, update);
  list: CostBackend['list'] = async () => this.#use().list();
  clear: CostBackend['clear'] = async (device) => {
    await this.#use().clear(device);
  };
}

describe('MemoryStore', () => {
  it('does what every store does', async () => {
    expect(await traceOf(new MemoryStore())).toEqual(EXPECTED_TRACE);
  });

  it.each<[string, CostUpdate, RegExp]>([
    [
      'a sample that is no time',
      { costs: [record(1), record(2, 10, 0)] },
      /^measured costs, costs\[1\]\.samples\[1\]: 0 stands where a number above zero is expected\. Measure again/,
    ],
    [
      'no samples',
      { costs: [{ ...record(1), samples: [] }] },
      /costs\[0\]\.samples: a list of 0 stands where/,
    ],
    ['another key', { costs: [{ ...record(1), key: 'x' }] }, /costs\[0\]\.key: "x" stands where a key/],
    ['a day that is none', { costs: [{ ...record(1), measured: '2026-02-31' }] }, /measured: "2026-02-31"/],
    [
      'the profile of another device',
      { profile: profileNamed('other', UPDATED) },
      /profile\.device\.driver: "driver 1\.3" stands where "driver 1\.2", as the device has it, is expected/,
    ],
  ])('refuses %s, and saves nothing of it', async (_, update, message) => {
    const store = new MemoryStore();
    const saving = store.save(DEVICE, update);
    await expect(saving).rejects.toThrow(PlanError);
    await expect(saving).rejects.toThrow(message);
    expect(await store.list()).toEqual([]);
  });
});

describe('GuardedStore', () => {
  it('does what every store does', async () => {
    const warnings: string[] = [];
    const store = new GuardedStore(new Failing(), (message) => warnings.push(message));
    expect(await traceOf(store)).toEqual(EXPECTED_TRACE);
    expect(warnings).toEqual([]);
  });

  it('keeps in memory what cannot be kept, and says so once', async () => {
    const warnings: string[] = [];
    const backend = new Failing();
    const store = new GuardedStore(backend, (message) => warnings.push(message));
    await store.save(DEVICE, { profile: profileNamed('kept'), costs: [record(1), record(2)] });
    backend.failing = true;
    await store.save(DEVICE, { costs: [record(2, 5), record(3)] });
    await store.save(UPDATED, { costs: [record(4)] });
    expect(knownOf(await store.load(DEVICE))).toEqual({
      profile: undefined,
      costs: ['Conv 2x3x8x8 f32: 5', 'Conv 3x3x8x8 f32: 1003'],
    });
    await expect(store.clear()).rejects.toThrow('the disk is full');
    expect(warnings).toEqual(['Measured costs cannot be kept and last for this run only: the disk is full']);
  });

  it('puts together what is kept and what is not', async () => {
    const backend = new Failing();
    const store = new GuardedStore(backend, () => undefined);
    await store.save(DEVICE, { profile: profileNamed('kept'), costs: [record(1), record(2)] });
    backend.failing = true;
    await store.save(DEVICE, { costs: [record(2, 5), record(3)] });
    await store.save(UPDATED, { profile: profileNamed('unsaved', UPDATED) });
    backend.failing = false;
    expect(knownOf(await store.load(DEVICE))).toEqual({
      profile: 'kept',
      costs: ['Conv 1x3x8x8 f32: 1001', 'Conv 2x3x8x8 f32: 5', 'Conv 3x3x8x8 f32: 1003'],
    });
    expect(await store.list()).toEqual([
      { identity: DEVICE, costs: 3, profile: true },
      { identity: UPDATED, costs: 0, profile: true },
    ]);
    expect(await store.clear()).toEqual({ devices: 2, costs: 3 });
    expect(await store.list()).toEqual([]);
  });

  it('refuses what no store would read back', async () => {
    const store = new GuardedStore(new Failing(), () => undefined);
    await expect(store.save(DEVICE, { costs: [record(1, NaN)] })).rejects.toThrow(/NaN stands where/);
    expect(await store.list()).toEqual([]);
  });
});
