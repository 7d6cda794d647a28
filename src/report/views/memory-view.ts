/** The memory of activations: address over step, with the peak and the least that any placement needs. */
import type { PlanDocument } from '../../plan/document.js';
import type { Place } from '../../plan/plan.js';
import { cleanText, formatBytes, formatShare } from '../format.js';
import type { ViewData } from './data.js';
import { overlap } from './flow.js';
import { el, px, type Markup } from './markup.js';
import { byteScale, linearScale } from './scale.js';

const WIDTH = 860;
const HEIGHT = 460;
const LEFT = 84;
const RIGHT = 16;
const TOP = 40;
const BOTTOM = 48;

/** Memory that is in use from one launch to another, both included. */
export interface MemorySpan {
  readonly name: string;
  /** From the begin of the arena, whose banks lie one behind the other. */
  readonly address: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** When a tensor's memory is in use. */
interface Lifetime {
  readonly tensor: number;
  first: number;
  last: number;
}

/**
 * What is in use when, by launch, as memory was assigned: scratch memory lives for a part of its step. Launch -1 is the upload
 * of inputs, the one after the last the reading of outputs.
 */
export function memorySpans(plan: PlanDocument): MemorySpan[] {
  const begins = plan.banks.map((_, bank) =>
    plan.banks.slice(0, bank).reduce((sum, bytes) => sum + bytes, 0),
  );
  return merged(plan, lifetimesOf(plan)).flatMap(({ tensor, first, last }) => {
    const { name, place, bytes } = plan.tensors[tensor];
    if (place.kind !== 'arena') return [];
    return [{ name, address: begins[place.bank] + place.offset, bytes, first, last }];
  });
}

function lifetimesOf({ tensors, inputs, outputs, steps }: PlanDocument): Lifetime[] {
  const lives: Lifetime[] = [];
  const known = new Map<number, Lifetime>();
  const write = (tensor: number, time: number): void => {
    const life = { tensor, first: time, last: time };
    lives.push(life);
    known.set(tensor, life);
  };
  /** Itself, or another name of what was written there last. */
  const find = (tensor: number): Lifetime | undefined => {
    const own = known.get(tensor);
    if (own) return own;
    for (let i = lives.length - 1; i >= 0; i--) {
      if (overlap(tensors[tensor], tensors[lives[i].tensor])) return lives[i];
    }
    return undefined;
  };
  const read = (tensor: number, time: number): void => {
    const life = find(tensor);
    if (life) life.last = Math.max(life.last, time);
  };
  for (const { tensor } of inputs) write(tensor, -1);
  let time = 0;
  for (const { reads, launches } of steps) {
    for (const { tensors: bound } of launches) {
      for (const tensor of bound) {
        if (reads.includes(tensor) || known.has(tensor)) read(tensor, time);
        else write(tensor, time);
      }
      time++;
    }
  }
  for (const { tensor } of outputs) read(tensor, time);
  return lives;
}

/** Parts of one tensor have the place of the whole: in use from the first part's write to the last read. */
function merged({ tensors }: PlanDocument, lives: readonly Lifetime[]): Lifetime[] {
  const spans: Lifetime[] = [];
  for (const life of lives) {
    const { place, bytes } = tensors[life.tensor];
    const span = spans.find(({ tensor, first, last }) => {
      const other = tensors[tensor];
      return (
        other.bytes === bytes && isSamePlace(other.place, place) && first <= life.last && life.first <= last
      );
    });
    if (span) {
      span.first = Math.min(span.first, life.first);
      span.last = Math.max(span.last, life.last);
    } else spans.push({ ...life });
  }
  return spans;
}

function isSamePlace(a: Place, b: Place): boolean {
  return a.kind === 'arena' && b.kind === 'arena' && a.bank === b.bank && a.offset === b.offset;
}

/** Bytes in use during each launch. */
export function liveBytes(spans: readonly MemorySpan[], launches: number): number[] {
  return Array.from({ length: launches }, (_, time) =>
    spans.reduce((sum, { first, last, bytes }) => (first <= time && time <= last ? sum + bytes : sum), 0),
  );
}

export function memoryView(data: ViewData, selected?: number): Markup {
  const { plan, totals } = data;
  const spans = memorySpans(plan);
  const stepOf = plan.steps.flatMap(({ launches }, step) => launches.map(() => step));
  const x = linearScale(stepOf.length + 2, [LEFT, WIDTH - RIGHT]);
  const y = byteScale(totals.arenaBytes, [HEIGHT - BOTTOM, TOP]);
  const at = (time: number): number => px(x.at(time + 1));
  const live = liveBytes(spans, stepOf.length);
  const peak = live.indexOf(Math.max(...live));
  const above = totals.liveBytes > 0 ? totals.arenaBytes / totals.liveBytes - 1 : 0;
  const head =
    `${formatBytes(totals.arenaBytes)} of activations, ` +
    (above < 0.0005
      ? 'as much as are alive at once (the lower bound)'
      : `${formatShare(above)} above the lower bound, ${formatBytes(totals.liveBytes)}`) +
    `; weights ${formatBytes(totals.constantBytes)}`;
  const timeName = (time: number): string => {
    if (time < 0) return 'the upload';
    return time >= stepOf.length ? 'the end' : `step ${stepOf[time] + 1}`;
  };
  return el(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'lw-memory',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: 'group',
      'aria-label': `Memory of ${cleanText(data.model)}: ${head}`,
    },
    el('text', { class: 'axis', x: LEFT, y: 18 }, head),
    ...y.ticks.map((tick) =>
      el(
        'g',
        { class: 'tick' },
        el('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: px(y.at(tick)), y2: px(y.at(tick)) }),
        el('text', { x: LEFT - 8, y: px(y.at(tick)) + 4, 'text-anchor': 'end' }, formatBytes(tick)),
      ),
    ),
    ...spans.map(({ name, address, bytes, first, last }, i) => {
      const label = `${cleanText(name)}: ${formatBytes(bytes)}, ${timeName(first)} to ${timeName(last)}`;
      const step = stepOf[Math.max(first, 0)] ?? 0;
      return el(
        'rect',
        {
          class: `step span shade-${i % 4}${step === selected ? ' selected' : ''}`,
          'data-step': step,
          x: at(first),
          y: px(y.at(address + bytes)),
          width: px(at(last + 1) - at(first)),
          height: px(Math.max(y.at(address) - y.at(address + bytes), 1)),
          'aria-label': label,
          role: 'img',
        },
        el('title', {}, label),
      );
    }),
    ...bankLines(plan.banks, y.at),
    live.length > 0 &&
      el(
        'line',
        { class: 'peak', x1: px(x.at(peak + 1.5)), x2: px(x.at(peak + 1.5)), y1: TOP, y2: HEIGHT - BOTTOM },
        el('title', {}, `the peak, in step ${stepOf[peak] + 1}`),
      ),
    el(
      'text',
      { class: 'axis', x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 12, 'text-anchor': 'middle' },
      `launches of steps 1 to ${plan.steps.length}; most is alive in step ${(stepOf[peak] ?? 0) + 1}: ${formatBytes(live[peak] ?? 0)}`,
    ),
  );
}

/** Where buffers begin. */
function bankLines(banks: readonly number[], at: (address: number) => number): Markup[] {
  let address = 0;
  return banks.map((bytes, i) => {
    const y = px(at(address));
    address += bytes;
    const title = el('title', {}, `buffer ${i + 1}: ${formatBytes(bytes)}`);
    return el('line', { class: 'bank', x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }, title);
  });
}
