/**
 * A process that saves costs, for tests of several at once: `FOLDER FIRST COUNT`. It says `ready`, waits for a line,
 * saves one cost at a time, saying each number, and ends with what it then knows and its warnings.
 */
import { once } from 'node:events';
import { FileCostStore } from '../../src/host/cost-files.js';
import { DEVICE, knownOf, record } from '../tune/cost-samples.js';

const [folder, first, count] = process.argv.slice(2);
const warnings: string[] = [];
const store = new FileCostStore({ folder, warn: (message) => warnings.push(message) });

process.stdout.write('ready\n');
await once(process.stdin, 'data');
for (let number = Number(first); number < Number(first) + Number(count); number++) {
  await store.save(DEVICE, { costs: [record(number)] });
  process.stdout.write(`${number}\n`);
}
process.stdout.write(`${JSON.stringify({ warnings, ...knownOf(await store.load(DEVICE)) })}\n`);
process.stdin.destroy();
