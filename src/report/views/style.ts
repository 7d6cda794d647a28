/** How views look, in light and dark: the page adopts it, files carry it. Text on every fill has a contrast of 4.5 or more. */

const LIGHT = `
  --lw-text: #1a1f26; --lw-muted: #4c5866; --lw-paper: #ffffff; --lw-panel: #f3f5f8; --lw-line: #c3cad3; --lw-edge: #6b7887;
  --lw-accent: #0b57d0; --lw-warn: #a3360b;
  --lw-nchw: #cfe3ff; --lw-nhwc: #d2f0d0; --lw-chwn: #ffe3b8; --lw-nchw4c: #ead7fb; --lw-other: #e4e7ec;
  --lw-memory: #cfe3ff; --lw-arithmetic: #ffd9c2; --lw-launch: #e4e7ec;
  --lw-heat0: #f6f1e7; --lw-heat1: #fbe6c3; --lw-heat2: #fdd49b; --lw-heat3: #fbb978; --lw-heat4: #f79a5e; --lw-heat5: #f2805a;`;

const DARK = `
  --lw-text: #e8ecf1; --lw-muted: #aab4c0; --lw-paper: #12161b; --lw-panel: #1b2128; --lw-line: #3a434e; --lw-edge: #8b97a5;
  --lw-accent: #8ab4f8; --lw-warn: #ffb38a;
  --lw-nchw: #1d3f6e; --lw-nhwc: #1e4d2b; --lw-chwn: #5c4210; --lw-nchw4c: #4b2e66; --lw-other: #333b45;
  --lw-memory: #1d3f6e; --lw-arithmetic: #693016; --lw-launch: #333b45;
  --lw-heat0: #242425; --lw-heat1: #3a2d1c; --lw-heat2: #553816; --lw-heat3: #6e3f12; --lw-heat4: #86400f; --lw-heat5: #9c3a12;`;

const fill = (classes: string): string =>
  classes
    .split(' ')
    .map((pair) => {
      const [name, variable = name] = pair.split(':');
      return `.${name}, .${name} rect { fill: var(--lw-${variable}); background: var(--lw-${variable}); }`;
    })
    .join('\n');

export const VIEW_STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
:root[data-theme="light"] { color-scheme: light; ${LIGHT} }
:root[data-theme="dark"] { color-scheme: dark; ${DARK} }
svg[class^="lw-"] text { font: 12px system-ui, sans-serif; fill: var(--lw-text); }
svg[class^="lw-"] text.small, svg[class^="lw-"] .tick text { font-size: 11px; }
svg[class^="lw-"] text.name { font-weight: 600; }
svg[class^="lw-"] text.axis, svg[class^="lw-"] .tick text { fill: var(--lw-muted); }
.lw-graph .edge { stroke: var(--lw-edge); stroke-width: 1.5; }
.lw-graph rect { stroke: var(--lw-edge); stroke-width: 1; }
.lw-graph .port rect { fill: var(--lw-paper); stroke-dasharray: 4 3; }
.lw-graph .transform rect { fill: var(--lw-paper); stroke: var(--lw-warn); stroke-width: 1.5; }
.lw-graph .transform text { fill: var(--lw-warn); }
[data-step] { cursor: pointer; }
.lw-graph .selected rect, .lw-graph [data-step]:focus rect { stroke: var(--lw-accent); stroke-width: 3; }
svg[class^="lw-"] [data-step]:focus { outline: none; }
svg[class^="lw-"] [data-step]:focus-visible { outline: 2px solid var(--lw-accent); outline-offset: 2px; }
${fill('layout-nchw:nchw layout-nhwc:nhwc layout-chwn:chwn layout-nchw4c:nchw4c layout-other:other')}
${fill('bound-memory:memory bound-arithmetic:arithmetic bound-launch:launch')}
${fill('heat-0:heat0 heat-1:heat1 heat-2:heat2 heat-3:heat3 heat-4:heat4 heat-5:heat5')}
svg[class^="lw-"] .tick line { stroke: var(--lw-line); stroke-width: 1; }
.lw-roofline .roof { stroke: var(--lw-text); stroke-width: 2; }
.lw-roofline .cached { stroke-dasharray: 6 4; stroke: var(--lw-muted); }
.lw-roofline .point { stroke: var(--lw-text); stroke-width: 1; fill-opacity: 0.85; }
.lw-roofline .selected { stroke: var(--lw-accent); stroke-width: 3; }
.lw-sweep .series { stroke: var(--lw-accent); stroke-width: 2; }
.lw-sweep .series.chwn { stroke: var(--lw-warn); stroke-dasharray: 6 4; }
.lw-sweep .sample { fill: var(--lw-accent); } .lw-sweep .sample.chwn { fill: var(--lw-warn); }
.lw-sweep .threshold { stroke: var(--lw-text); stroke-dasharray: 2 3; }
.lw-timeline .backdrop { fill: transparent; }
.lw-timeline .selected .backdrop, .lw-timeline .row:hover .backdrop { fill: var(--lw-panel); }
.lw-timeline .row rect:not(.backdrop) { stroke: var(--lw-edge); }
.lw-memory .span { stroke: var(--lw-edge); }
.shade-0 { fill: var(--lw-nchw); } .shade-1 { fill: var(--lw-nhwc); } .shade-2 { fill: var(--lw-chwn); } .shade-3 { fill: var(--lw-nchw4c); }
.lw-memory .selected { stroke: var(--lw-accent); stroke-width: 2; }
.lw-memory .bank { stroke: var(--lw-muted); stroke-dasharray: 2 3; }
.lw-memory .peak { stroke: var(--lw-warn); stroke-width: 2; stroke-dasharray: 5 3; }
.lw-table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.lw-table caption { text-align: left; color: var(--lw-muted); padding: 0 0 8px; }
.lw-table th, .lw-table td { padding: 3px 8px; text-align: left; border-bottom: 1px solid var(--lw-line); white-space: nowrap; font-weight: 400; }
.lw-table thead th, .lw-table tfoot td { font-weight: 600; background: var(--lw-panel); }
.lw-table .number { text-align: right; }
.lw-table .selected { background: var(--lw-panel); box-shadow: inset 3px 0 var(--lw-accent); }
.lw-details { display: grid; grid-template-columns: max-content 1fr; gap: 4px 12px; margin: 0; }
.lw-details dt { color: var(--lw-muted); } .lw-details dd { margin: 0; overflow-wrap: anywhere; }
`;
