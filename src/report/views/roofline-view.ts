/** The roofline (Williams, Waterman and Patterson, CACM 2009): what steps reach of what the device was measured to do. */
import { cleanText, formatFlops, formatMicroseconds, formatShare } from '../format.js';
import { figuresOf, type StepFigures, type ViewData } from './data.js';
import { el, px, type Markup } from './markup.js';
import { decadesAround, logScale } from './scale.js';

const WIDTH = 860;
const HEIGHT = 480;
const LEFT = 84;
const RIGHT = 24;
const TOP = 24;
const BOTTOM = 56;
const LARGEST = 18;
const SMALLEST = 3;

/** A step as a point. */
interface RoofPoint {
  readonly step: number;
  /** FLOP per ideal byte; that of the axis' begin for steps that only move. */
  readonly intensity: number;
  /** FLOP per second; for steps that only move, in proportion to their bandwidth. */
  readonly rate: number;
  readonly figures: StepFigures;
}

/**
 * A point per step, its area the step's share of the time. Steps without arithmetic stand at the left edge, as far below
 * the roof as their bandwidth is below the copy's.
 * @returns undefined for a plan alone, which does not say what the device's roofs are
 */
export function rooflineView(data: ViewData, selected?: number): Markup | undefined {
  const { plan, profile } = data;
  if (!profile) return undefined;
  const { roofs } = profile;
  const figures = figuresOf(data);
  const copy = roofs.copy.median;
  const [peak, peakName] =
    plan.dtype === 'f16' && roofs.f16 ? [roofs.f16.median, 'f16'] : [roofs.f32.median, 'f32'];
  const ridge = peak / copy;
  const intensities = plan.steps.flatMap(({ flops, bytes }) =>
    flops > 0 && bytes > 0 ? [flops / bytes] : [],
  );
  const [low, high] = decadesAround([...intensities, ridge / 10, ridge * 10]);
  const points = plan.steps.flatMap(({ flops, bytes, launches }, step): RoofPoint[] => {
    const own = figures[step];
    if (launches.length === 0 || own.time === 0 || bytes === 0) return [];
    if (flops === 0) return [{ step, intensity: low, rate: own.bandwidth * low, figures: own }];
    return [{ step, intensity: flops / bytes, rate: own.rate, figures: own }];
  });
  const [bottom, top] = decadesAround([...points.map(({ rate }) => rate), peak, copy * low]);
  const x = logScale(low, high, [LEFT, WIDTH - RIGHT]);
  const y = logScale(bottom, top, [HEIGHT - BOTTOM, TOP]);
  const roof = (rate: number, className: string, name: string): Markup => {
    const bend = peak / rate;
    const start = Math.max(low, bottom / rate);
    const line = `M${px(x.at(start))} ${px(y.at(rate * start))}L${px(x.at(bend))} ${px(y.at(peak))}L${px(x.at(high))} ${px(y.at(peak))}`;
    return el('path', { d: line, class: `roof ${className}`, fill: 'none' }, el('title', {}, name));
  };
  const cached = roofs.cachedCopy.median;
  const what = data.measured ? 'measured' : 'expected';
  return el(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'lw-roofline',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: 'group',
      'aria-label': `Roofline of ${cleanText(data.model)}, ${points.length} steps, ${what} times`,
    },
    ...x.ticks.map((tick) =>
      el(
        'g',
        { class: 'tick' },
        el('line', { x1: px(x.at(tick)), x2: px(x.at(tick)), y1: TOP, y2: HEIGHT - BOTTOM }),
        el(
          'text',
          { x: px(x.at(tick)), y: HEIGHT - BOTTOM + 18, 'text-anchor': 'middle' },
          shortNumber(tick),
        ),
      ),
    ),
    ...y.ticks.map((tick) =>
      el(
        'g',
        { class: 'tick' },
        el('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: px(y.at(tick)), y2: px(y.at(tick)) }),
        el('text', { x: LEFT - 8, y: px(y.at(tick)) + 4, 'text-anchor': 'end' }, formatFlops(tick)),
      ),
    ),
    el(
      'text',
      { class: 'axis', x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 12, 'text-anchor': 'middle' },
      'FLOP per ideal byte (steps that only move stand at the left edge)',
    ),
    el(
      'text',
      {
        class: 'axis',
        transform: `translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)`,
        'text-anchor': 'middle',
      },
      `FLOP per second, ${what}`,
    ),
    cached > copy && roof(cached, 'cached', 'copy within the cache'),
    roof(copy, 'main', 'copy bandwidth and arithmetic'),
    el(
      'text',
      { class: 'axis', x: px(x.at(ridge)) + 8, y: px(y.at(peak)) - 8 },
      `${peakName} ${formatFlops(peak)}FLOP/s`,
    ),
    el(
      'text',
      { class: 'axis', x: LEFT + 8, y: TOP + 18 },
      `copy ${formatFlops(copy)}B/s${cached > copy ? `; dashed: within the cache, ${formatFlops(cached)}B/s` : ''}`,
    ),
    ...[...points]
      .sort((a, b) => b.figures.time - a.figures.time)
      .map((point) => pointMark(data, point, [x.at(point.intensity), y.at(point.rate)], selected)),
  );
}

function pointMark(
  { plan }: ViewData,
  { step, figures, rate }: RoofPoint,
  [cx, cy]: readonly [number, number],
  selected: number | undefined,
): Markup {
  const { op, name, flops } = plan.steps[step];
  const reached = flops > 0 ? `${formatFlops(rate)}FLOP/s` : `${formatFlops(figures.bandwidth)}B/s`;
  const label =
    `Step ${step + 1}, ${op} ${cleanText(name)}: ${formatMicroseconds(figures.time)} µs ` +
    `${figures.measured === undefined ? 'expected' : 'measured'}, ${reached}, ${formatShare(figures.ofRoof)} of the roof, bound by ${figures.bound}`;
  return el(
    'circle',
    {
      cx: px(cx),
      cy: px(cy),
      r: px(Math.max(SMALLEST, LARGEST * Math.sqrt(Math.min(1, figures.share * 4)))),
      class: `step point bound-${figures.bound}${step === selected ? ' selected' : ''}`,
      'data-step': step,
      role: 'button',
      tabindex: step === (selected ?? 0) ? 0 : -1,
      'aria-label': label,
    },
    el('title', {}, label),
  );
}

/** `0.01`, `1`, `1 k`. */
function shortNumber(value: number): string {
  return value < 1 ? String(Number(value.toPrecision(1))) : formatFlops(value);
}
