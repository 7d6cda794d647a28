/**
 * The rule of "Optimizing Memory Efficiency for Deep Convolutional Neural Networks on GPUs" (SC 2016, section IV):
 * a convolution runs in CHWN if it has few input channels or a large batch, else in NCHW; pooling runs in CHWN; a
 * transform goes where neighbours differ. The two thresholds are profiled once per device.
 */
import type { Node } from '../../graph/index.js';
import { AveragePool } from '../../ops/average-pool.js';
import { ConvTranspose } from '../../ops/conv-transpose.js';
import { Conv } from '../../ops/conv.js';
import { LpPool } from '../../ops/lp-pool.js';
import { MaxPool } from '../../ops/max-pool.js';
import type { LayoutKind } from '../../tensor/index.js';
import type { Thresholds } from '../../tune/profile/profile.js';
import { UNREACHED } from '../../tune/profile/thresholds.js';
import type { Policy } from './policy.js';
import { nearest } from './uniform.js';

export type HeuristicThresholds = Pick<Thresholds, 'channels' | 'batch'>;

/** What the paper found on a GTX Titan X: for devices on which nobody has run the sweep. */
export const PAPER_THRESHOLDS: HeuristicThresholds = { channels: 128, batch: 64 };

/** @param thresholds (Ct, Nt) of the device */
export function heuristicPolicy(thresholds: HeuristicThresholds): Policy {
  return {
    name: 'heuristic',
    allow: (node, candidates) => {
      const rule = ruleFor(node, thresholds);
      return rule ? nearest(node, candidates, rule.kind) : candidates;
    },
    reason: (node) => ruleFor(node, thresholds)?.reason,
  };
}

interface Rule {
  readonly kind: LayoutKind;
  readonly reason: string;
}

/** Undefined for layers of which the rule says nothing: they follow their neighbours. */
function ruleFor({ op, inputs }: Node, { channels, batch }: HeuristicThresholds): Rule | undefined {
  if (op instanceof MaxPool || op instanceof AveragePool || op instanceof LpPool) {
    return { kind: 'chwn', reason: 'pooling' };
  }
  if (!(op instanceof Conv || op instanceof ConvTranspose)) return undefined;
  const [n, c] = inputs[0]?.type.dims ?? [];
  if (c < channels) return { kind: 'chwn', reason: `C = ${c} < Ct = ${shown(channels)}` };
  if (n >= batch) return { kind: 'chwn', reason: `N = ${n} >= Nt = ${batch}` };
  return { kind: 'nchw', reason: `C = ${c} >= Ct = ${channels}, N = ${n} < Nt = ${shown(batch)}` };
}

function shown(threshold: number): string {
  return threshold === UNREACHED ? '∞' : String(threshold);
}
