/** Checks what only an NVIDIA GPU can show. Bundled and run by scripts/check-cuda.js, which says how. */
import { parseArgs } from 'node:util';
import type { CudaDevice } from '../../../../src/devices/cuda/index.js';
import type { Precision } from '../../../../src/candidates/precision.js';
import { openCuda } from '../../../../src/host/cuda.js';
import { NETWORK_NAMES } from '../../../../src/networks/index.js';
import { checkErrors } from './errors.js';
import { checkLibraries } from './libraries.js';
import { checkMatrices } from './matrices.js';
import { checkNetworks } from './networks.js';
import { checkSemantics } from './semantics.js';
import { Tally } from './tally.js';

const FAMILIES = ['semantics', 'libraries', 'matrices', 'networks', 'errors'] as const;
const DTYPES: readonly Precision[] = ['f32', 'tf32', 'f16', 'bf16'];
/** One of each kind: fully connected layers, fire modules, residuals, depthwise convolutions. */
const USUAL = ['lenet', 'squeezenet1_1', 'resnet50', 'mobilenet_v2'];

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: FAMILIES.join() },
    ordinal: { type: 'string', default: '0' },
    thorough: { type: 'boolean', default: false },
    networks: { type: 'string' },
    dtypes: { type: 'string', default: DTYPES.join() },
  },
});

/** The items of an option, of those that there are. */
function chosen<T extends string>(name: string, text: string, known: readonly T[]): T[] {
  const items = text.split(',');
  const wrong = items.find((item) => !known.some((one) => one === item));
  if (wrong !== undefined) throw new Error(`--${name} names "${wrong}": give some of ${known.join()}.`);
  // In their own order: what loses the device comes last.
  return known.filter((one) => items.includes(one));
}

const only = chosen('only', values.only, FAMILIES);
const dtypes = chosen('dtypes', values.dtypes, DTYPES);
const usual = values.thorough ? NETWORK_NAMES.join() : USUAL.join();
const names = chosen('networks', values.networks ?? usual, NETWORK_NAMES);
const ordinal = Number(values.ordinal);

const device = await openCuda(ordinal);
console.log(`${device.description}; ${device.identity.runtime}; features ${[...device.features].join(' ')}`);
const checks: Readonly<Record<(typeof FAMILIES)[number], (tally: Tally, on: CudaDevice) => Promise<void>>> = {
  semantics: (tally, on) => checkSemantics(on, tally),
  libraries: (tally, on) => checkLibraries(on, tally),
  matrices: (tally, on) => checkMatrices(on, tally, values.thorough),
  networks: (tally) => checkNetworks(tally, { ordinal, names, dtypes }),
  errors: (tally, on) => checkErrors(on, tally, ordinal),
};
const tallies: Tally[] = [];
for (const family of only) {
  const tally = new Tally(family);
  tallies.push(tally);
  try {
    await checks[family](tally, device);
  } catch (error) {
    // Its other checks were not made: a lost device, say.
    tally.count('the family ended', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  tally.end();
}
device.destroy();
const sum = (of: 'passed' | 'failed'): number => tallies.reduce((total, tally) => total + tally[of], 0);
console.log(`${sum('passed')} right, ${sum('failed')} wrong`);
process.exitCode = sum('failed') > 0 ? 1 : 0;
