/** A folder for costs, for tests. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileCostStore } from '../../src/host/cost-files.js';
import { record } from '../tune/cost-samples.js';
import type { CostRecord } from '../../src/tune/store/cost-store.js';

export class CostFolder {
  readonly path: string;
  /** Warnings of all its stores. */
  readonly warnings: string[] = [];

  constructor(path: string) {
    this.path = path;
  }

  /** A store as another process would open it. */
  open(maxCosts?: number): FileCostStore {
    return new FileCostStore({
      folder: this.path,
      maxCosts,
      warn: (message) => this.warnings.push(message),
    });
  }

  /** Paths of all segments, the oldest first. */
  async segments(): Promise<string[]> {
    const names = await readdir(this.path, { recursive: true });
    return names
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => join(this.path, name))
      .sort();
  }

  /** The path of the only segment. */
  async segment(): Promise<string> {
    const [path, ...more] = await this.segments();
    if (more.length > 0) throw new Error(`there are ${more.length + 1} segments`);
    return path;
  }

  /** Names in the folder that holds the devices' folders. */
  devices(): Promise<string[]> {
    return readdir(join(this.path, 'costs-v1'));
  }
}

/** Consecutive costs. */
export function numbered(first: number, count: number): CostRecord[] {
  return Array.from({ length: count }, (_, i) => record(first + i));
}
