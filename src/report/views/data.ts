/** What every view is drawn from: an explained plan, with times where some were measured. */
import type { PlanBasis } from '../../plan/basis.js';
import type { Bound } from '../../tune/profile/model.js';
import type { ModelExplanation } from '../../session/explain.js';

/** `lanewise explain --json`, as far as views look at it. */
export interface ViewData extends Omit<ModelExplanation, 'profile'> {
  /** The model's path or name, or the network's. */
  readonly model: string;
  /** How the times in `measured` and `run` were taken: a sentence. */
  readonly timing?: string;
  /** Null where the roofs of the device are not known: of a plan without its model. */
  readonly profile: ModelExplanation['profile'] | null;
  /** What the plan rests on, where "what if" is to be answered for its device elsewhere. */
  readonly basis?: PlanBasis;
  /** A saved plan without its model, which has no reasons: see `planAlone`. */
  readonly isPlanAlone?: true;
}

/** What a step takes and what it reaches. */
export interface StepFigures {
  /** Nanoseconds: measured, else expected. */
  readonly time: number;
  readonly expected: number;
  readonly measured: number | undefined;
  /** Of the sum over the steps, 0 to 1. */
  readonly share: number;
  /** The roofline's floor by the time: 1 is as fast as the device allows. */
  readonly ofRoof: number;
  /** Ideal bytes per second. */
  readonly bandwidth: number;
  /** Of the device's copy, 0 to 1 and, where tensors stay in its cache, above. */
  readonly ofCopy: number;
  /** FLOP per second. */
  readonly rate: number;
  readonly bound: Bound;
  /** Where the expected time comes from; undefined where none is known. */
  readonly origin: 'measured' | 'modelled' | undefined;
}

/** Figures of every step, in order. */
export function figuresOf({ plan, measured, profile }: ViewData): StepFigures[] {
  const times = plan.steps.map(({ cost }, i) => measured?.[i] ?? cost?.median ?? 0);
  const total = times.reduce((sum, time) => sum + time, 0);
  const copy = profile?.roofs.copy.median ?? 0;
  return plan.steps.map(({ cost, bytes, flops }, i) => {
    const time = times[i];
    const per = (amount: number): number => (time > 0 ? amount / (time * 1e-9) : 0);
    return {
      time,
      expected: cost?.median ?? 0,
      measured: measured?.[i],
      share: total > 0 ? time / total : 0,
      ofRoof: time > 0 ? (cost?.floor ?? 0) / time : 0,
      bandwidth: per(bytes),
      ofCopy: copy > 0 ? per(bytes) / copy : 0,
      rate: per(flops),
      bound: cost?.bound ?? 'launch',
      origin: cost?.origin,
    };
  });
}

/** The time of the network in nanoseconds, and what it is: told apart wherever it is shown. */
export function networkTime({ run, measured, totals }: ViewData): {
  readonly time: number;
  readonly what: string;
} {
  if (run) return { time: run.median, what: 'measured, the whole run' };
  if (measured)
    return { time: measured.reduce((sum, time) => sum + time, 0), what: 'measured, the sum of steps' };
  return {
    time: totals.time,
    what: totals.measuredShare === 1 ? 'expected, of measured kernels' : 'predicted',
  };
}

/** `NCHW → NHWC`, or one where they are the same. */
export function layoutsText(inputs: readonly string[], output: string): string {
  const from = inputs.find((layout) => layout !== '') ?? output;
  return from === output ? output : `${from} → ${output}`;
}
