/** A saved plan without its model: what views can say of it. */
import type { PlanDocument } from '../../plan/document.js';
import type { Totals } from '../../plan/explain.js';
import type { GpuIdentity } from '../../devices/gpu.js';
import type { ViewData } from './data.js';

/**
 * What every view is drawn from, of a plan such as `lanewise explain --save` writes. Reasons, alternatives, other policies and the
 * device's roofs are not in it: views say so where they would stand.
 * @param model what to call it
 */
export function planAlone(plan: PlanDocument, model: string): ViewData {
  return {
    model,
    plan,
    isPlanAlone: true,
    device: nameOf(plan.device),
    why: plan.steps.map(() => null),
    measured: null,
    run: null,
    totals: totalsOf(plan),
    profile: null,
    trial: [],
    policies: [],
    findings: [],
    notes: [
      'This is a saved plan alone: steps, layouts, kernels, expected times and memory. Reasons, alternatives, other policies and ' +
        'the roofs of its device need the model: `lanewise inspect MODEL --plan FILE`.',
    ],
  };
}

function nameOf({ name, vendor, architecture }: GpuIdentity): string {
  return name || [vendor, architecture].filter(Boolean).join(' ') || 'a GPU';
}

/** Sums over the steps, as an explanation has them. */
function totalsOf({ steps, banks, lowerBound, constantBytes }: PlanDocument): Totals {
  const sum = (of: (step: PlanDocument['steps'][number]) => number, list = steps): number =>
    list.reduce((total, step) => total + of(step), 0);
  const transforms = steps.filter(({ node }) => node === null);
  const own = steps.filter(({ node }) => node !== null);
  const timeOf = (list: PlanDocument['steps']): number => sum(({ cost }) => cost?.median ?? 0, list);
  const time = timeOf(steps);
  const measured = timeOf(steps.filter(({ cost }) => cost?.origin === 'measured'));
  return {
    time,
    transforms: timeOf(transforms),
    measuredShare: time > 0 ? measured / time : 0,
    floor: sum(({ cost }) => cost?.floor ?? 0),
    launches: sum(({ launches }) => launches.length),
    transformCount: transforms.length,
    flops: sum(({ flops }) => flops),
    bytes: sum(({ bytes }) => bytes, own),
    movedBytes: sum(({ movedBytes }) => movedBytes),
    arenaBytes: banks.reduce((total, bytes) => total + bytes, 0),
    liveBytes: lowerBound,
    constantBytes,
  };
}
