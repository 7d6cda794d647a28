/** Fits a device's profile to what was measured of whole networks. */
import type { CostRecord } from '../../tune/store/cost-store.js';
import { spreadOf } from '../../tune/timing/measure.js';
import { Estimator } from '../../tune/profile/model.js';
import type { DeviceProfile } from '../../tune/profile/profile.js';
import type { CostBook, CostQuery } from './costs.js';
import type { Choice, Network } from '../network.js';

/** A network with choices that were made for it. */
export interface ChosenNetwork {
  readonly network: Network;
  readonly book: CostBook;
  readonly choices: readonly Choice[];
}

/**
 * A profile whose model knows the measured costs of these networks' typical kernels and chosen transforms, each once.
 * Classes of kernels of which none was measured stay as they are.
 * @param records measured costs by key
 */
export function refitProfile(
  profile: DeviceProfile,
  records: ReadonlyMap<string, CostRecord>,
  networks: readonly ChosenNetwork[],
): DeviceProfile {
  const estimator = new Estimator(profile);
  const learnt = new Set<string>();
  const learn = (query: CostQuery | undefined): void => {
    const record = query && records.get(query.key);
    if (!record || learnt.has(query.key)) return;
    learnt.add(query.key);
    estimator.learn(query.work, spreadOf(record.samples).median);
  };
  for (const { network, book, choices } of networks) {
    for (const [node, candidate] of network.typicalCandidates()) learn(book.candidateQuery(node, candidate));
    for (const { transforms } of choices) transforms.forEach(learn);
  }
  return { ...profile, slowdowns: estimator.slowdowns };
}
