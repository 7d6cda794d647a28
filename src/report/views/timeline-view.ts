/** A run as a waterfall: a row per step, from its begin to its end. */
import { cleanText, formatMicroseconds, formatShare, shorten } from '../format.js';
import { figuresOf, networkTime, type ViewData } from './data.js';
import { colourClass } from './graph-view.js';
import { el, px, type Markup } from './markup.js';
import { linearScale } from './scale.js';

const WIDTH = 860;
const LABELS = 190;
const RIGHT = 70;
const ROW = 18;
const TOP = 46;

/** Steps one after the other, as they run; each was timed alone, so that a whole run is shorter than their sum. */
export function timelineView(data: ViewData, selected?: number): Markup {
  const { plan, run } = data;
  const figures = figuresOf(data);
  const total = figures.reduce((sum, { time }) => sum + time, 0);
  const x = linearScale(total, [LABELS, WIDTH - RIGHT]);
  const height = TOP + ROW * plan.steps.length + 8;
  let start = 0;
  const rows = plan.steps.map(({ op, name, outputLayout }, i) => {
    const { time, share, measured } = figures[i];
    const from = x.at(start);
    start += time;
    const width = x.at(start) - from;
    const label =
      `Step ${i + 1}, ${op} ${cleanText(name)}: ${formatMicroseconds(time)} µs ` +
      `${measured === undefined ? 'expected' : 'measured'}, ${formatShare(share)} of the sum`;
    return el(
      'g',
      {
        class: `step row${i === selected ? ' selected' : ''}`,
        'data-step': i,
        role: 'button',
        tabindex: i === (selected ?? 0) ? 0 : -1,
        'aria-label': label,
        transform: `translate(0 ${TOP + ROW * i})`,
      },
      el('rect', { class: 'backdrop', x: 0, y: 0, width: WIDTH, height: ROW }),
      el('text', { x: LABELS - 8, y: 13, 'text-anchor': 'end' }, shorten(`${op}  ${cleanText(name)}`, 28)),
      el('rect', {
        class: colourClass('layout', figures[i], outputLayout),
        x: px(from),
        y: 2,
        width: px(Math.max(width, 1)),
        height: ROW - 4,
        rx: 2,
      }),
      el('text', { class: 'small', x: px(from + Math.max(width, 1)) + 4, y: 13 }, formatMicroseconds(time)),
    );
  });
  const { what } = networkTime(data);
  const head = run
    ? `whole run ${formatMicroseconds(run.median)} µs (measured); steps timed one by one ${formatMicroseconds(total)} µs`
    : `${formatMicroseconds(total)} µs, ${what}`;
  return el(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'lw-timeline',
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: 'group',
      'aria-label': `Timeline of ${cleanText(data.model)}: ${head}`,
    },
    el('text', { class: 'axis', x: LABELS, y: 14 }, head),
    ...x.ticks.map((tick) =>
      el(
        'g',
        { class: 'tick' },
        el('line', { x1: px(x.at(tick)), x2: px(x.at(tick)), y1: TOP - 6, y2: height }),
        el(
          'text',
          { x: px(x.at(tick)), y: TOP - 12, 'text-anchor': 'middle' },
          `${formatMicroseconds(tick)} µs`,
        ),
      ),
    ),
    ...rows,
  );
}
