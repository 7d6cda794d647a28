/** All views of a plan as one file that needs nothing else: no script, no font, no address. */
import { cleanText, formatBytes, formatMicroseconds, formatShare, plural } from '../format.js';
import { networkTime, type ViewData } from './data.js';
import { detailsView } from './details-view.js';
import { graphView, legendOf } from './graph-view.js';
import { el, markupText, type Markup } from './markup.js';
import { memoryView } from './memory-view.js';
import { rooflineView } from './roofline-view.js';
import { VIEW_STYLE } from './style.js';
import { tableView } from './table-view.js';
import { timelineView } from './timeline-view.js';

const STYLE = `${VIEW_STYLE}
body { margin: 0 auto; max-width: 1160px; padding: 16px; background: var(--lw-paper); color: var(--lw-text); font: 15px/1.45 system-ui, sans-serif; }
.scroll { overflow: auto; } .graph { max-height: 90vh; border: 1px solid var(--lw-line); border-radius: 8px; }
.graph svg { display: block; margin: 0 auto; } .wide svg { width: 100%; min-width: 640px; height: auto; }
.note { color: var(--lw-muted); } .warn { color: var(--lw-warn); } [data-step] { cursor: default; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 14px; list-style: none; padding: 0; }
.swatch { display: inline-block; width: 14px; height: 14px; border: 1px solid var(--lw-edge); border-radius: 3px; vertical-align: -2px; margin-right: 4px; }
details { border-bottom: 1px solid var(--lw-line); padding: 4px 0; } summary { cursor: pointer; }
`;

/** @param version of the package that wrote it */
export function pageText(data: ViewData, version: string): string {
  const { time, what } = networkTime(data);
  const { plan, device, profile, totals, notes, findings, timing } = data;
  const name = cleanText(data.model);
  const roofline = rooflineView(data);
  const body = [
    el('h1', {}, name),
    el(
      'p',
      {},
      el('strong', {}, `${formatMicroseconds(time)} µs`),
      ` ${what}, on ${cleanText(device)}${profile ? `; costs by the profile ${profile.name} (${profile.source})` : ''}`,
    ),
    el(
      'p',
      { class: 'note' },
      `Policy ${plan.policy}${plan.optimal ? ', proved the cheapest that it allows' : ''}; ${plan.dtype}; ${plural(plan.steps.length, 'step')}, ${plural(totals.transformCount, 'transform')} ` +
        `(${formatShare(totals.time > 0 ? totals.transforms / totals.time : 0)} of the predicted time); ${formatBytes(totals.arenaBytes)} of activations, ${formatBytes(totals.constantBytes)} of weights. ` +
        `${formatShare(totals.measuredShare)} of the predicted time is of measured kernels. Written by Lanewise ${version}.`,
    ),
    ...[...notes, ...(timing ? [timing] : [])].map((note) => el('p', { class: 'warn' }, cleanText(note))),
    section(
      'Graph',
      el('ul', { class: 'legend' }, ...legendOf('layout').map(legendItem)),
      el(
        'div',
        { class: 'scroll graph', tabindex: 0, role: 'region', 'aria-label': 'Graph' },
        sized(graphView(data)),
      ),
    ),
    ...(roofline ? [section('Roofline', wide(roofline))] : []),
    section('Timeline', wide(timelineView(data))),
    section('Memory', wide(memoryView(data))),
    section(
      'Steps',
      el(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of steps' },
        tableView(data),
      ),
    ),
    section('Policies', policyTable(data)),
    ...(findings.length > 0
      ? [
          section(
            'Findings',
            el(
              'ul',
              {},
              ...findings.map(({ kind, message }) => el('li', {}, `${kind}: ${cleanText(message)}`)),
            ),
          ),
        ]
      : []),
    section(
      'Why, step by step',
      ...plan.steps.map((step, i) =>
        el(
          'details',
          {},
          el('summary', {}, `${i + 1}. ${step.op} ${cleanText(step.name)}`),
          detailsView(data, i),
        ),
      ),
    ),
  ];
  const head = [
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    markupText(el('title', {}, `${name} – Lanewise`)),
    // The text of a style element is taken as it is; this one is the code's own.
    `<style>${STYLE}</style>`,
  ];
  const content = body.map(markupText).join('\n');
  return `<!doctype html>\n<html lang="en">\n<head>${head.join('\n')}</head>\n<body>\n${content}\n</body>\n</html>\n`;
}

function section(title: string, ...content: readonly (Markup | undefined)[]): Markup {
  return el('section', { 'aria-label': title }, el('h2', {}, title), ...content);
}

function wide(view: Markup): Markup {
  return el('div', { class: 'scroll wide' }, still(view));
}

/** A picture in its own size. */
function sized(view: Markup): Markup {
  const [, , width, height] = String(view.attributes['viewBox']).split(' ');
  return still({ ...view, attributes: { ...view.attributes, width, height } });
}

/** Nothing can be chosen in a file without a script: its marks are no buttons. */
function still({ tag, attributes, children }: Markup): Markup {
  const { role, tabindex: _, 'aria-pressed': _pressed, 'data-step': _step, ...rest } = attributes;
  return {
    tag,
    attributes: { ...rest, role: role === 'button' ? 'img' : role },
    children: children.map((child) => (typeof child === 'string' ? child : still(child))),
  };
}

function legendItem([className, text]: readonly [string, string]): Markup {
  return el('li', {}, el('span', { class: `swatch ${className}` }), text);
}

function policyTable({ policies, plan }: ViewData): Markup {
  const titles = ['policy', 'predicted µs', 'measured µs', 'transforms', 'launches', 'activations', 'proved'];
  const rows = policies.map(({ policy, totals, measured, optimal }) => [
    policy === plan.policy ? `${policy} (this plan)` : policy,
    formatMicroseconds(totals.time),
    measured ? formatMicroseconds(measured.median) : '',
    String(totals.transformCount),
    String(totals.launches),
    formatBytes(totals.arenaBytes),
    optimal ? 'yes' : 'no',
  ]);
  return el(
    'table',
    { class: 'lw-table' },
    el('thead', {}, el('tr', {}, ...titles.map((title) => el('th', { scope: 'col' }, title)))),
    el(
      'tbody',
      {},
      ...rows.map((cells) =>
        el(
          'tr',
          {},
          ...cells.map((cell, i) => el(i === 0 ? 'th' : 'td', i === 0 ? { scope: 'row' } : {}, cell)),
        ),
      ),
    ),
  );
}
