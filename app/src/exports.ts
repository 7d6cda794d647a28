/** What the page gives away: files, made here. */
import {
  graphView,
  memoryView,
  rooflineView,
  svgFile,
  tableCsv,
  timelineView,
  traceDocument,
  type Colouring,
  type Markup,
  type PlacedGraph,
  type ViewData,
} from 'lanewise/views';
import type { Tab } from './fragment.js';

export const EXPORTS = ['trace', 'csv', 'json', 'svg'] as const;
export type Export = (typeof EXPORTS)[number];

export const EXPORT_NAMES: Readonly<Record<Export, string>> = {
  trace: 'Trace (Perfetto, chrome://tracing)',
  csv: 'Table (CSV)',
  json: 'Everything (JSON), to open here again',
  svg: 'This picture (SVG)',
};

interface Shown {
  readonly data: ViewData;
  readonly tab: Tab;
  readonly colouring: Colouring;
  readonly placed: PlacedGraph | undefined;
  readonly step: number | undefined;
}

/** A file to save; undefined where the tab has no picture. */
export function exportFile(kind: Export, { data, tab, colouring, placed, step }: Shown): File | undefined {
  const name =
    data.model
      .replaceAll(/[^\w.-]+/g, '_')
      .replace(/\.onnx$/, '')
      .slice(0, 80) || 'network';
  switch (kind) {
    case 'trace':
      return new File([JSON.stringify(traceDocument(data))], `${name}-trace.json`, {
        type: 'application/json',
      });
    case 'csv':
      return new File([tableCsv(data)], `${name}-steps.csv`, { type: 'text/csv' });
    case 'json':
      return new File([JSON.stringify({ command: 'explain', assumed: [], ...data })], `${name}.json`, {
        type: 'application/json',
      });
    case 'svg': {
      const view = pictureOf(tab, data, colouring, placed, step);
      return view && new File([svgFile(view)], `${name}-${tab}.svg`, { type: 'image/svg+xml' });
    }
  }
}

function pictureOf(
  tab: Tab,
  data: ViewData,
  colouring: Colouring,
  placed: PlacedGraph | undefined,
  step: number | undefined,
): Markup | undefined {
  switch (tab) {
    case 'graph':
      return graphView(data, { colouring, selected: step, ...(placed && { placed }) });
    case 'roofline':
      return rooflineView(data, step);
    case 'timeline':
      return timelineView(data, step);
    case 'memory':
      return memoryView(data, step);
    case 'table':
    case 'whatif':
    case 'try':
      return undefined;
  }
}

export function save(file: File): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
