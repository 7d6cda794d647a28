/** Whole networks against the CPU, in every precision; and two sessions at once on one GPU. */
import type { Precision } from '../../../../src/candidates/precision.js';
import { nodePlatform } from '../../../../src/host/platform.js';
import { network } from '../../../../src/networks/index.js';
import { SharedPlatform, createSession } from '../../../../src/session/index.js';
import { Tensor, relativeError, sizeOf } from '../../../../src/tensor/index.js';
import { randomNumbers } from '../../../kernels/harness.js';
import type { Tally } from './tally.js';

/** Images of a batch: small, as the CPU computes them too. */
const BATCH = 2;

/** Sums of many layers in f32 in another order; ten and seven bits of fraction. */
const TOLERANCE: Readonly<Record<Precision, number>> = { f32: 1e-4, tf32: 1e-2, f16: 2e-2, bf16: 0.1 };

/** Two networks that stay under way beside one another. */
const TOGETHER = ['lenet', 'cifar10'] as const;
const RUNS = 20;

export interface NetworkOptions {
  readonly ordinal: number;
  readonly names: readonly string[];
  readonly dtypes: readonly Precision[];
}

export async function checkNetworks(tally: Tally, { ordinal, names, dtypes }: NetworkOptions): Promise<void> {
  const platform = new SharedPlatform(nodePlatform);
  try {
    for (const name of names) await checkNetwork(tally, platform, name, { ordinal, dtypes });
    await checkTogether(tally, platform, ordinal);
  } finally {
    await platform.close();
  }
}

function images(name: string, batch: number): Tensor {
  const { dims = [] } = network(name).inputs[0];
  const shape = [batch, ...dims.slice(1).map(Number)];
  const random = randomNumbers(5);
  return new Tensor(
    'f32',
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => 2 * random() - 1),
  );
}

async function checkNetwork(
  tally: Tally,
  platform: SharedPlatform,
  name: string,
  { ordinal, dtypes }: Omit<NetworkOptions, 'names'>,
): Promise<void> {
  const image = images(name, BATCH);
  const answer = async (options: Parameters<typeof createSession>[1]): Promise<Float64Array> => {
    const session = await createSession(network(name), options, platform);
    const { probabilities } = await session.run({ image });
    await session.dispose();
    return probabilities.toFloat64();
  };
  tally.doing(`${name} on the CPU`);
  const expected = await answer({ device: 'cpu' });
  const errors: string[] = [];
  for (const dtype of dtypes) {
    tally.doing(`${name} in ${dtype}`);
    try {
      const error = relativeError(await answer({ device: 'cuda', ordinal, dtype }), expected);
      errors.push(`${dtype} ${error.toExponential(1)}`);
      const wrong = error <= TOLERANCE[dtype] ? undefined : `a relative error of ${error.toExponential(1)}`;
      tally.count(`${name} in ${dtype}`, wrong);
    } catch (error) {
      tally.count(`${name} in ${dtype}`, String(error));
    }
  }
  tally.part(`${name}: ${errors.join(', ')}`);
}

/** Sessions that share a GPU, each with several runs under way: answers are those of a session that is alone. */
async function checkTogether(tally: Tally, platform: SharedPlatform, ordinal: number): Promise<void> {
  const sessions = await Promise.all(
    TOGETHER.map((name) => createSession(network(name), { device: 'cuda', ordinal }, platform)),
  );
  const inputs = TOGETHER.map((name) => images(name, BATCH));
  const alone: Float64Array[] = [];
  for (const [i, session] of sessions.entries()) {
    alone.push((await session.run({ image: inputs[i] })).probabilities.toFloat64());
  }
  const runs = Array.from({ length: RUNS }, () =>
    sessions.map(async (session, i) => {
      const { probabilities } = await session.run({ image: inputs[i] });
      const error = relativeError(probabilities.toFloat64(), alone[i]);
      tally.count(`${TOGETHER[i]} beside another`, error === 0 ? undefined : `differs by ${error}`);
    }),
  );
  await Promise.all(runs.flat());
  for (const session of sessions) await session.dispose();
  tally.part(`${RUNS} runs each of ${TOGETHER.join(' and ')} at once`);
}
