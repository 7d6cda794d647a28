/** Who is measured on and who is not: decisions on numbers alone. */

/** Whether a contender is so much slower than the best of its group that more samples will not bring it back. */
export function isBeaten(nanoseconds: number, best: number, slack: number): boolean {
  return nanoseconds > slack * best;
}

/**
 * Whether a kernel is so near to what none can beat that nobody else of its group needs to be looked at.
 * @param bound nanoseconds; 0 where it is not known
 */
export function isNearRoof(nanoseconds: number, bound: number, enough: number): boolean {
  return bound > 0 && nanoseconds <= enough * bound;
}

export interface StandingsOptions {
  readonly slack: number;
  readonly enough: number;
}

/** The groups' bests so far, and which groups are decided. */
export class Standings {
  readonly #options: StandingsOptions;
  readonly #best = new Map<string, number>();
  readonly #settled = new Set<string>();

  constructor(options: StandingsOptions) {
    this.#options = options;
  }

  /** Takes in a contender's first sample. */
  note({ group, bound }: { readonly group: string; readonly bound: number }, nanoseconds: number): void {
    this.#best.set(group, Math.min(nanoseconds, this.#best.get(group) ?? Infinity));
    if (isNearRoof(nanoseconds, bound, this.#options.enough)) this.#settled.add(group);
  }

  /** Whether a contender that takes so long is out. */
  isOut(group: string, nanoseconds: number): boolean {
    return isBeaten(nanoseconds, this.#best.get(group) ?? Infinity, this.#options.slack);
  }

  /** Whether those of a group that were not measured yet need not be. */
  isSettled(group: string): boolean {
    return this.#settled.has(group);
  }
}
