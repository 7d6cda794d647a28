/**
 * Which buffers a race's contenders use. They run in turn, so they share: the largest tensor that a contender reads
 * lies in the slot of all largest tensors that are read, and so on by role and rank. What is written lies apart from
 * what is read, so that inputs stay random, and so that no buffer is bound read-only and writable at once.
 */
import type { GpuLimits } from '../../devices/gpu.js';
import { totalOf, unite, type Needs } from './buffers.js';
import type { Subject } from './measure.js';

/** Where a subject's buffer lies. */
export interface Place {
  readonly slot: string;
  readonly bytes: number;
  /** Bytes from one copy to the next; 0 for what has no copies. */
  readonly stride: number;
}

export interface Seating {
  /** A place for each of the subject's buffers; undefined for what no launch binds. */
  readonly places: readonly (Place | undefined)[];
  /** Copies of every constant. */
  readonly copies: number;
  readonly needs: Needs;
}

export interface SeatingRules {
  readonly limits: Pick<GpuLimits, 'maxBufferBytes' | 'offsetAlignment'>;
  /** Least bytes of constants that are walked through before one is touched again; 0 for a warm cache. */
  readonly coldBytes: number;
  /** Bytes that all slots together may take. */
  readonly budget: number;
}

/**
 * Most copies of constants. Those that fit an H200's L2 cache (50 MB) this often are below 400 KB, which take 0.1 µs to
 * read from beyond it: no more is gained with more copies, each of which is a sequence to be recorded.
 */
const MAX_COPIES = 128;

type Role = 'written' | 'constant' | 'read';

export function seatingOf(subject: Subject, rules: SeatingRules): Seating {
  const { offsetAlignment } = rules.limits;
  const roles = rolesOf(subject);
  const strides = subject.buffers.map((bytes) => Math.ceil(bytes / offsetAlignment) * offsetAlignment);
  const copies = copiesOf(
    strides.filter((_, i) => roles[i] === 'constant'),
    rules,
  );
  const places = subject.buffers.map((bytes, i): Place | undefined => {
    const role = roles[i];
    if (!role) return undefined;
    return {
      slot: `${role} ${rankOf(i, roles, subject.buffers)}`,
      bytes,
      stride: role === 'constant' ? strides[i] : 0,
    };
  });
  const needs = new Map<string, number>();
  for (const place of places) if (place) needs.set(place.slot, place.bytes + (copies - 1) * place.stride);
  return { places, copies, needs };
}

function rolesOf({ buffers, launches, constants = [] }: Subject): (Role | undefined)[] {
  const bound = launches.flatMap(({ source, buffers: operands }) =>
    operands.map((buffer, i) => ({ buffer, written: source.bindings[i].access === 'read_write' })),
  );
  const used = new Set(bound.map(({ buffer }) => buffer));
  const written = new Set(bound.filter((one) => one.written).map(({ buffer }) => buffer));
  return buffers.map((_, i) => {
    if (!used.has(i)) return undefined;
    if (written.has(i)) return 'written';
    return constants.includes(i) ? 'constant' : 'read';
  });
}

/** How many buffers of the same role are larger, or as large and before this one. */
function rankOf(index: number, roles: readonly (Role | undefined)[], buffers: readonly number[]): number {
  const precedes = (i: number): boolean =>
    buffers[i] > buffers[index] || (buffers[i] === buffers[index] && i < index);
  return buffers.filter((_, i) => roles[i] === roles[index] && precedes(i)).length;
}

function copiesOf(strides: readonly number[], { coldBytes, limits, budget }: SeatingRules): number {
  const total = strides.reduce((sum, stride) => sum + stride, 0);
  if (total === 0) return 1;
  const wanted = Math.ceil(coldBytes / total);
  const perBuffer = Math.floor(limits.maxBufferBytes / Math.max(...strides));
  return Math.max(1, Math.min(wanted, perBuffer, Math.floor(budget / 2 / total), MAX_COPIES));
}

/**
 * Cuts a list of contenders into batches that fit in memory, whole groups where they fit.
 * @param groups indices of contenders, by group
 * @param needs of each contender
 * @param most contenders in a batch
 */
export function formBatches(
  groups: readonly (readonly number[])[],
  needs: readonly Needs[],
  { budget, most }: { readonly budget: number; readonly most: number },
): number[][] {
  const batches: number[][] = [];
  let batch: number[] = [];
  let taken: Needs = new Map();
  const close = (): void => {
    if (batch.length > 0) batches.push(batch);
    batch = [];
    taken = new Map();
  };
  const add = (indices: readonly number[]): boolean => {
    const together = indices.reduce<Needs>((sum, i) => unite(sum, needs[i]), taken);
    if (batch.length > 0 && (batch.length + indices.length > most || totalOf(together) > budget))
      return false;
    if (indices.length > 1 && (indices.length > most || totalOf(together) > budget)) return false;
    batch.push(...indices);
    taken = together;
    return true;
  };
  for (const group of groups) {
    if (add(group)) continue;
    close();
    if (add(group)) continue;
    for (const index of group) {
      if (add([index])) continue;
      close();
      add([index]);
    }
  }
  close();
  return batches;
}
