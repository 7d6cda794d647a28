/** One page of HTML that needs nothing besides itself: no network, no script. */
import { COLOUR_VARIABLES } from '../charts/index.js';
import { Markup, h, type Content } from './markup.js';

const CSS = `
:root { color-scheme: light dark; --ink: #1c2024; --paper: #fff; --faint: #f3f5f7; --edge: #d5dade; ${COLOUR_VARIABLES} }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #14171a; --faint: #1d2226; --edge: #3a4249; --series-1: #4fa3dd; --series-4: #d68fb6; --series-7: #a193d6; --series-8: #a5a5a5; }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; border-top: 1px solid var(--edge); padding-top: 1.2rem; }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p, li { max-width: 75ch; }
nav a { margin-right: 1em; }
a { color: inherit; }
code { font: .88em ui-monospace, monospace; overflow-wrap: anywhere; }
.warning { border-left: 4px solid var(--series-2); background: var(--faint); padding: .6rem 1rem; }
.table { overflow-x: auto; margin: .6rem 0; }
table { border-collapse: collapse; font-size: .86rem; }
th, td { text-align: left; padding: .22rem .7rem .22rem 0; vertical-align: top; border-bottom: 1px solid var(--edge); white-space: nowrap; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0 1.6rem; max-width: 1060px; }
figure svg { display: block; width: 100%; height: auto; background: var(--faint); border-radius: 4px; padding: 6px; }
figcaption p { margin: .4rem 0 0; }
.command { font-size: .86rem; opacity: .8; }
details { margin: .4rem 0; }
summary { cursor: pointer; }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --faint: #fff; --edge: #bbb; ${COLOUR_VARIABLES} }
  main { max-width: none; padding: 0; }
  body { font-size: 10pt; }
  nav { display: none; }
  figure, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .table { overflow: visible; }
  table { font-size: 7.5pt; }
  th, td { white-space: normal; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;

/** The text of a page. */
export function htmlPage(title: string, body: readonly Content[]): string {
  const head = [h('title', title), Markup.style(CSS)].map(({ html }) => html).join('\n');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    // Whatever a results file may hold: nothing is loaded, nothing runs.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    head,
    '</head>',
    h('body', h('main', ...body)).html,
    '</html>',
    '',
  ].join('\n');
}
