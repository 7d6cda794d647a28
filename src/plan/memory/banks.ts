/**
 * Which bank each block lies in. Offsets come later: here a bank is as large as the most that is alive in it at once,
 * and the sum over the banks is to be small. Banks do not peak together by themselves: a chain of tensors in two banks
 * takes the largest of the even ones and the largest of the odd ones, which need not be neighbours.
 */
import type { Encounter } from './order.js';

export interface BankSearch {
  /** How many banks there may be; up to 255. */
  readonly banks: number;
  /** Units that a bank may hold, unless it holds a single block at a time. */
  readonly maxUnits: number;
  /** Only what takes fewer units than this in all is of interest. */
  readonly below: number;
  /** What it may cost at most that blocks share a bank that belong apart but are sharable; 0 where none may. */
  readonly maxPrice: number;
}

/** A bank for each block. */
export interface BankChoice {
  readonly banks: Uint8Array;
  /** What the banks take together, if offsets waste nothing. */
  readonly units: number;
  /** The sum over the pairs that share a bank although they belong apart. */
  readonly price: number;
}

/** Extensions of partial choices in one search, times what each costs (an open block as much as 1): some 50 ms. */
const WORK = 1_200_000;
/** What an extension costs apart from its open blocks. */
const FIXED_COST = 8;
const MAX_WIDTH = 64;

/**
 * Dynamic programming over time, from the peak outwards: first all ways to spread what is alive at the peak, since
 * they decide how large the banks are at least; then, on to the end and back to the start, a bank for each further
 * block. Choices that agree about the open blocks differ in nothing but the banks' sizes and the price; of those only
 * the undominated are kept. Of the rest `MAX_WIDTH` go on (beam search): all there are where few tensors are alive at a
 * time, as in most networks, and then the best is optimal.
 * @returns choices, the cheapest and among equals the smallest first; none where none was found, or where so many
 * blocks are alive at a time that the search would take too long
 */
export function chooseBanks(encounters: readonly Encounter[], search: BankSearch): BankChoice[] {
  const cost = encounters.reduce((sum, { remain }) => sum + FIXED_COST + remain.length, 1) * search.banks;
  const width = Math.min(MAX_WIDTH, Math.floor(WORK / cost));
  let beam: readonly PartialChoice[] = [START];
  for (const encounter of encounters) {
    const classes = new Map<string, PartialChoice[]>();
    for (const partial of beam) {
      for (const next of extensions(partial, encounter, search)) keepUndominated(classes, next);
    }
    beam = fittest(Array.from(classes.values()).flat(), width);
  }
  return [...beam].sort(byPrice).map((partial) => ({
    banks: banksOf(partial, encounters),
    units: partial.units,
    price: partial.price,
  }));
}

/** A choice for the first blocks of the order. */
interface PartialChoice {
  /** The choice without the last block. */
  readonly rest: PartialChoice | undefined;
  /** The last block's bank. */
  readonly bank: number;
  /** Banks of the open blocks. */
  readonly open: readonly number[];
  /** The most units alive at once in each bank that is in use. */
  readonly peaks: readonly number[];
  /** Their sum. */
  readonly units: number;
  readonly price: number;
}

const START: PartialChoice = { rest: undefined, bank: 0, open: [], peaks: [], units: 0, price: 0 };

function byPrice(a: PartialChoice, b: PartialChoice): number {
  return a.price - b.price || a.units - b.units || a.peaks.length - b.peaks.length;
}

function byUnits(a: PartialChoice, b: PartialChoice): number {
  return a.units - b.units || a.price - b.price || a.peaks.length - b.peaks.length;
}

/** Half of the places go to the smallest, half to the cheapest, which may come to need more memory than there is. */
function fittest(partials: PartialChoice[], width: number): readonly PartialChoice[] {
  if (partials.length <= width) return partials;
  const half = Math.ceil(width / 2);
  const smallest = partials.sort(byUnits).splice(0, half);
  return [...smallest, ...partials.sort(byPrice).slice(0, width - half)];
}

function banksOf(last: PartialChoice, encounters: readonly Encounter[]): Uint8Array {
  const banks = new Uint8Array(encounters.length);
  let partial = last;
  for (let at = encounters.length - 1; partial.rest; at--) {
    banks[encounters[at].block] = partial.bank;
    partial = partial.rest;
  }
  return banks;
}

/** The choice with one more block, in every bank that it may lie in; of the unused banks in the first. */
function extensions(
  partial: PartialChoice,
  { units: own, live, apart, remain }: Encounter,
  { banks, maxUnits, below, maxPrice }: BankSearch,
): PartialChoice[] {
  const { open, peaks } = partial;
  const found: PartialChoice[] = [];
  for (let bank = 0; bank < Math.min(peaks.length + 1, banks); bank++) {
    const mates = apart.filter(({ place }) => open[place] === bank);
    if (mates.some(({ price }) => maxPrice === 0 || price === undefined)) continue;
    const price = mates.reduce((sum, mate) => sum + (mate.price ?? 0), partial.price);
    if (price > maxPrice) continue;
    let load = own;
    for (const { place, units } of live) if (open[place] === bank) load += units;
    if (load > maxUnits && load > own) continue;
    const peak = peaks[bank] ?? 0;
    const units = partial.units + Math.max(0, load - peak);
    if (units >= below) continue;
    const levels = peaks.slice();
    levels[bank] = Math.max(load, peak);
    found.push({
      rest: partial,
      bank,
      open: remain.map((place) => (place < open.length ? open[place] : bank)),
      peaks: levels,
      units,
      price,
    });
  }
  return found;
}

/** Adds a choice to those that agree with it about the open blocks, unless one of them is as good in every way. */
function keepUndominated(classes: Map<string, PartialChoice[]>, choice: PartialChoice): void {
  const key = choice.open.join();
  const rivals = classes.get(key);
  if (!rivals) {
    classes.set(key, [choice]);
  } else if (!rivals.some((rival) => dominates(rival, choice))) {
    classes.set(key, [...rivals.filter((rival) => !dominates(choice, rival)), choice]);
  }
}

function dominates(a: PartialChoice, b: PartialChoice): boolean {
  return (
    a.price <= b.price &&
    a.peaks.length <= b.peaks.length &&
    a.peaks.every((peak, bank) => peak <= b.peaks[bank])
  );
}
