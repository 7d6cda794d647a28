/** What a finding is, and the words that findings share. */

export type FindingKind = 'layout-island' | 'ping-pong' | 'padding' | 'unfused' | 'far-from-roof';

export interface Finding {
  readonly kind: FindingKind;
  /** Indices of the steps concerned. */
  readonly steps: readonly number[];
  /** Nanoseconds that might be gained, as expected. */
  readonly nanoseconds: number;
  /** A sentence or two that name the steps and end in the remedy, or in the reason why there is none. */
  readonly message: string;
}

/** What might be gained must be this part of the network's time to be worth a word. */
export const WORTH = 0.005;

/** `12.3 µs`. */
export function inMicroseconds(nanoseconds: number): string {
  return `${threeDigits(nanoseconds / 1000)} µs`;
}

/** `12.3 MB`. */
export function inMegabytes(bytes: number): string {
  return `${threeDigits(bytes / 1e6)} MB`;
}

/** `12.3 %`. */
export function inPercent(share: number): string {
  return `${threeDigits(share * 100)} %`;
}

/** `a`, `a and b`, `a, b and c`; of more than four the first two and how many others. */
export function listed(names: readonly string[]): string {
  if (names.length > 4) return `${names[0]}, ${names[1]} and ${names.length - 2} others`;
  if (names.length < 2) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  const text = value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
  return size < 999.5 ? text : text.replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
