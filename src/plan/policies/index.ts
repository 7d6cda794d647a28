/** Ways to assign layouts: one file per policy. */
import type { Thresholds } from '../../tune/profile/profile.js';
import { PAPER_THRESHOLDS, heuristicPolicy } from './heuristic.js';
import type { Policy, PolicyName } from './policy.js';
import { uniformPolicy } from './uniform.js';

export * from './heuristic.js';
export * from './policy.js';
export * from './uniform.js';

/** Whatever costs least: every candidate may be chosen. */
export const OPTIMAL: Policy = {
  name: 'optimal',
  allow: (_, candidates) => candidates,
  reason: () => undefined,
};

/** @param thresholds of the device, if it has been tuned */
export function policyNamed(name: PolicyName, thresholds: Thresholds | null): Policy {
  switch (name) {
    case 'optimal':
      return OPTIMAL;
    case 'heuristic':
      return heuristicPolicy(thresholds ?? PAPER_THRESHOLDS);
    case 'nchw':
    case 'nhwc':
    case 'chwn':
      return uniformPolicy(name);
  }
}
