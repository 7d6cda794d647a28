/** Plans of one network beside each other: times that were measured in the page, steps that are the same or differ. */
import type { PlanDocument } from 'lanewise';
import type { ViewData } from 'lanewise/views';
import type { MeasuredPlan } from './engine/protocol.js';

/** Plans of one model that launch the same are one. */
export function planKey({ dtype, steps }: PlanDocument): string {
  return JSON.stringify([
    dtype,
    steps.map(({ kernel, inputLayouts, outputLayout }) => [kernel, inputLayouts, outputLayout]),
  ]);
}

/** A plan with the times that were measured of it. */
export function withTimes(data: ViewData, measured: MeasuredPlan | undefined): ViewData {
  if (!measured) return data;
  const runs = [...measured.runs].sort((a, b) => a - b);
  const at = (share: number): number => runs[Math.min(runs.length - 1, Math.floor(share * runs.length))];
  return {
    ...data,
    measured: measured.steps,
    run: { median: at(0.5), low: at(0.25), high: at(0.75) },
    timing: measured.timing,
  };
}

/**
 * A step's place in another plan of the same network: where its node runs there, or the node that does its work too; a
 * transform's is that of the step behind it.
 */
export function sameStep(
  step: number,
  { plan: before }: ViewData,
  { plan: after }: ViewData,
): number | undefined {
  const node = before.steps.slice(step).find((one) => one.node !== null)?.node ?? Infinity;
  const found = after.steps.findIndex((one) => one.node !== null && one.node >= node);
  return found < 0 ? undefined : found;
}

/** A step that runs otherwise in another plan. */
export interface Difference {
  readonly node: number;
  readonly name: string;
  readonly before: { readonly kernel: string; readonly layout: string; readonly time: number };
  readonly after: { readonly kernel: string; readonly layout: string; readonly time: number };
}

/** Nodes whose kernel or layout differs; times are predicted, nanoseconds. */
export function differences(a: PlanDocument, b: PlanDocument): Difference[] {
  const others = new Map(b.steps.map((step) => [step.node, step]));
  return a.steps.flatMap(({ node, name, kernel, outputLayout, cost }) => {
    const other = node === null ? undefined : others.get(node);
    if (node === null || !other || (other.kernel === kernel && other.outputLayout === outputLayout))
      return [];
    return [
      {
        node,
        name,
        before: { kernel, layout: outputLayout, time: cost?.median ?? 0 },
        after: { kernel: other.kernel, layout: other.outputLayout, time: other.cost?.median ?? 0 },
      },
    ];
  });
}
