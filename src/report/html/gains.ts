/** The largest gains, as sentences say them: a spread, and where it was. */
import type { Spread } from '../../tune/timing/measure.js';
import { ratioText } from './quantities.js';

export interface Gain {
  /** By how much, round by round. */
  readonly by: Spread;
  /** Of what over what: `CV7, CHWN direct over NCHW im2col`. */
  readonly where: string;
}

/** The largest by its median. */
export function largest(gains: readonly (Gain | undefined)[]): Gain | undefined {
  return gains.reduce<Gain | undefined>(
    (best, gain) => (gain && (!best || gain.by.median > best.by.median) ? gain : best),
    undefined,
  );
}

export function gainOf(by: Spread | undefined, where: string): Gain | undefined {
  return by && { by, where };
}

/** `3.41× (3.38 to 3.45), on CV7`. */
export function gainText(gain: Gain | undefined): string {
  return gain ? `${ratioText(gain.by)}, ${gain.where}` : 'not measured';
}

/** `8 of 12 layers`. */
export function countText(count: number, of: number, noun: string): string {
  return `${count} of ${of} ${noun}${of === 1 ? '' : 's'}`;
}
