/** The graph of a plan: a box per step, transforms as pills on the edges. */
import type { DocumentStep } from '../../plan/document.js';
import { formatDims } from '../../tensor/index.js';
import { cleanText, formatMicroseconds, formatShare, shorten } from '../format.js';
import { figuresOf, layoutsText, networkTime, type StepFigures, type ViewData } from './data.js';
import { flowOf, type Flow, type FlowNode } from './flow.js';
import { layoutGraph, type GraphLayout, type LayoutBox, type Point } from './graph-layout.js';
import { el, px, type Markup } from './markup.js';

/** What the colour of a box says. */
export const COLOURINGS = ['layout', 'time', 'bandwidth', 'bound'] as const;
export type Colouring = (typeof COLOURINGS)[number];

const BOX: LayoutBox = { width: 216, height: 56 };
const PILL: LayoutBox = { width: 150, height: 24 };
const PORT: LayoutBox = { width: 150, height: 32 };
const MARGIN = 16;

/** A graph with its layout, which takes long for a large one: computed once per plan. */
export interface PlacedGraph {
  readonly flow: Flow;
  readonly layout: GraphLayout;
}

export function placeGraph(plan: ViewData['plan']): PlacedGraph {
  const flow = flowOf(plan);
  return { flow, layout: layoutGraph(flow.nodes.map(boxOf), flow.edges) };
}

function boxOf({ kind }: FlowNode): LayoutBox {
  if (kind === 'step') return BOX;
  return kind === 'transform' ? PILL : PORT;
}

export interface GraphOptions {
  readonly colouring?: Colouring;
  readonly placed?: PlacedGraph;
  /** The step that is marked. */
  readonly selected?: number | undefined;
}

/** Size of the picture in its own units. */
export function graphSize({ layout }: PlacedGraph): LayoutBox {
  return { width: px(layout.width + 2 * MARGIN), height: px(layout.height + 2 * MARGIN) };
}

/** Where a step's box is in the picture, in its units; undefined for a step that is not there. */
export function boxOfStep(
  { flow, layout }: PlacedGraph,
  step: number,
): (LayoutBox & { readonly left: number; readonly top: number }) | undefined {
  const place = flow.nodes.findIndex(
    ({ kind, index }) => index === step && (kind === 'step' || kind === 'transform'),
  );
  const at = layout.nodes[place];
  if (!at) return undefined;
  const { width, height } = boxOf(flow.nodes[place]);
  return { left: MARGIN + at.x - width / 2, top: MARGIN + at.y - height / 2, width, height };
}

/** The whole picture. Elements of a step carry `data-step`. */
export function graphView(data: ViewData, options: GraphOptions = {}): Markup {
  const placed = options.placed ?? placeGraph(data.plan);
  const { width, height } = graphSize(placed);
  const { time, what } = networkTime(data);
  const label = `${data.plan.steps.length} steps of ${cleanText(data.model)}: ${formatMicroseconds(time)} µs ${what}`;
  return el(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'lw-graph',
      viewBox: `0 0 ${width} ${height}`,
      role: 'group',
      'aria-label': label,
    },
    graphContent(data, { ...options, placed }),
  );
}

/** What is inside of the picture, for a page that pans and zooms it. */
export function graphContent(
  data: ViewData,
  options: GraphOptions & { readonly placed: PlacedGraph },
): Markup {
  const { colouring = 'layout', placed, selected } = options;
  const { flow, layout } = placed;
  const figures = figuresOf(data);
  return el(
    'g',
    { transform: `translate(${MARGIN} ${MARGIN})` },
    el(
      'g',
      { class: 'edges' },
      ...layout.edges.map((points) => el('path', { d: curve(points), class: 'edge', fill: 'none' })),
    ),
    ...flow.nodes.map((node, i) => {
      const at = layout.nodes[i];
      switch (node.kind) {
        case 'input':
        case 'output':
          return portMark(data, node, at);
        case 'transform':
          return transformMark(data.plan.steps[node.index], figures[node.index], at, node.index, selected);
        case 'step':
          return stepMark(data, figures[node.index], at, node.index, { colouring, selected });
      }
    }),
  );
}

/** A smooth line through points, vertical at each. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  let from = first;
  const pieces = rest.map((to) => {
    const middle = px((from.y + to.y) / 2);
    const piece = `C${px(from.x)} ${middle} ${px(to.x)} ${middle} ${px(to.x)} ${px(to.y)}`;
    from = to;
    return piece;
  });
  return `M${px(first.x)} ${px(first.y)}${pieces.join('')}`;
}

function portMark({ plan }: ViewData, { kind, index }: FlowNode, at: Point): Markup {
  const { name, tensor } = (kind === 'input' ? plan.inputs : plan.outputs)[index];
  const text = `${shorten(cleanText(name), 12)} ${formatDims(plan.tensors[tensor].dims)}`;
  return el(
    'g',
    { class: 'port', transform: `translate(${px(at.x)} ${px(at.y)})` },
    rect(PORT, 16),
    el('title', {}, `${kind} ${cleanText(name)}`),
    el('text', { class: 'small', 'text-anchor': 'middle', y: 4 }, shorten(text, 22)),
  );
}

function rect({ width, height }: LayoutBox, radius: number): Markup {
  return el('rect', { x: -width / 2, y: -height / 2, width, height, rx: radius });
}

function transformMark(
  { inputLayouts, outputLayout, name }: DocumentStep,
  { time, measured }: StepFigures,
  at: Point,
  index: number,
  selected: number | undefined,
): Markup {
  const text = `${layoutsText(inputLayouts, outputLayout)}  ${timeText(time, measured)}`;
  return el(
    'g',
    {
      ...stepAttributes(index, selected, `Transform of ${cleanText(name)}: ${text}`),
      class: `step transform${index === selected ? ' selected' : ''}`,
      transform: `translate(${px(at.x)} ${px(at.y)})`,
    },
    rect(PILL, 12),
    el('text', { class: 'small', 'text-anchor': 'middle', y: 4 }, shorten(text, 26)),
  );
}

/** `~` marks what was not measured. */
function timeText(time: number, measured: number | undefined): string {
  return `${measured === undefined ? '~' : ''}${formatMicroseconds(time)} µs`;
}

function stepAttributes(
  index: number,
  selected: number | undefined,
  label: string,
): Record<string, string | number> {
  return {
    'data-step': index,
    role: 'button',
    tabindex: index === (selected ?? 0) ? 0 : -1,
    'aria-label': label,
    'aria-pressed': index === selected ? 'true' : 'false',
  };
}

function stepMark(
  { plan }: ViewData,
  figures: StepFigures,
  at: Point,
  index: number,
  { colouring, selected }: Required<Pick<GraphOptions, 'colouring'>> & Pick<GraphOptions, 'selected'>,
): Markup {
  const { op, name, output, inputLayouts, outputLayout } = plan.steps[index];
  const time = timeText(figures.time, figures.measured);
  const shape = `${formatDims(output.dims)} ${layoutsText(inputLayouts, outputLayout)}`;
  const last = `${time} · ${formatShare(figures.share)} · ${boundText(figures)}`;
  const label = `Step ${index + 1}, ${op} ${cleanText(name)}: ${shape}, ${last}`;
  return el(
    'g',
    {
      ...stepAttributes(index, selected, label),
      class: `step ${colourClass(colouring, figures, outputLayout)}${index === selected ? ' selected' : ''}`,
      transform: `translate(${px(at.x)} ${px(at.y)})`,
    },
    rect(BOX, 6),
    el('text', { class: 'name', 'text-anchor': 'middle', y: -13 }, shorten(`${op}  ${cleanText(name)}`, 30)),
    el('text', { class: 'small', 'text-anchor': 'middle', y: 4 }, shorten(shape, 31)),
    el('text', { class: 'small', 'text-anchor': 'middle', y: 20 }, last),
  );
}

function boundText({ ofRoof, bound }: StepFigures): string {
  return `${formatShare(Math.min(ofRoof, 1))} of ${bound}`;
}

/** The class that gives a box its colour. */
export function colourClass(colouring: Colouring, figures: StepFigures, layout: string): string {
  switch (colouring) {
    case 'layout':
      return `layout-${LAYOUT_CLASSES.find(([name]) => name === layout)?.[1] ?? 'other'}`;
    case 'time':
      return `heat-${bin(figures.share * 10)}`;
    case 'bandwidth':
      return `heat-${bin(figures.ofCopy)}`;
    case 'bound':
      return `bound-${figures.bound}`;
  }
}

const LAYOUT_CLASSES = [
  ['NCHW', 'nchw'],
  ['NHWC', 'nhwc'],
  ['CHWN', 'chwn'],
  ['NCHW4c', 'nchw4c'],
] as const;

/** One of six steps, of which the last is everything from 1 on. */
function bin(value: number): number {
  return Math.max(0, Math.min(5, Math.floor(value * 5)));
}

/** What the colours mean, in words. */
export function legendOf(colouring: Colouring): readonly (readonly [className: string, text: string])[] {
  switch (colouring) {
    case 'layout':
      return [
        ...LAYOUT_CLASSES.map(([name, key]) => [`layout-${key}`, name] as const),
        ['layout-other', 'other'],
      ];
    case 'time':
      return ['under 2 %', '2 to 4 %', '4 to 6 %', '6 to 8 %', '8 to 10 %', '10 % and more of the time'].map(
        heat,
      );
    case 'bandwidth':
      return [
        'under 20 %',
        '20 to 40 %',
        '40 to 60 %',
        '60 to 80 %',
        '80 to 100 %',
        'all of the copy bandwidth',
      ].map(heat);
    case 'bound':
      return [
        ['bound-memory', 'memory'],
        ['bound-arithmetic', 'arithmetic'],
        ['bound-launch', 'launch'],
      ];
  }
}

function heat(text: string, index: number): readonly [string, string] {
  return [`heat-${index}`, text];
}
