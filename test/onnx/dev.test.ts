import { test } from 'vitest';
import { loadModel } from '../../src/session/index.js';
const varint = (n: number): number[] => n < 128 ? [n] : [(n & 127) | 128, ...varint(Math.floor(n / 128))];
test.each([['node', 1], ['initializer', 5], ['value_info', 13]])('empty %s', async (name, field) => {
  const n = 4_000_000;
  const body = new Uint8Array(2 * n);
  for (let i = 0; i < n; i++) { body[2 * i] = (field << 3) | 2; }
  const head = [0x42, 2, 0x10, 13, 0x3a, ...varint(2 * n)];
  const bytes = new Uint8Array(head.length + 2 * n);
  bytes.set(head); bytes.set(body, head.length);
  const t = performance.now();
  try { await loadModel(bytes); console.log('ok'); } catch (e) { console.log((e as Error).message); }
  console.log(name, performance.now() - t, process.memoryUsage().rss / 1e6);
});
