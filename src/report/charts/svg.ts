/** Pieces of SVG text. Colours are CSS variables of the page with defaults of their own, so that a chart stands alone too. */
import { cleanText } from '../format.js';

/** Text that is safe between tags and in quoted attributes. */
export function escapeText(text: string): string {
  return cleanText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** What every chart has: a name in the page, and what it shows in words, for those who do not see it. */
export interface ChartFrame {
  /** Letters, digits and hyphens, unique in the page. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

/** Units of the viewBox. */
export const WIDTH = 960;
export const FONT = 12;

/** Room for the title above a chart. */
const TITLE_HEIGHT = 24;

/**
 * A whole chart.
 * @param height of its body, which begins below the title
 * @throws RangeError for an id that is none
 */
export function svg({ id, title, description }: ChartFrame, height: number, body: readonly string[]): string {
  if (!/^[\w-]+$/.test(id)) throw new RangeError(`"${id}" is no id of a chart`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="${id}-title ${id}-desc" viewBox="0 0 ${WIDTH} ${coordinate(height + TITLE_HEIGHT)}" font-family="system-ui, sans-serif" font-size="${FONT}" fill="currentColor">`,
    `<title id="${id}-title">${escapeText(title)}</title>`,
    `<desc id="${id}-desc">${escapeText(description)}</desc>`,
    text(4, 16, title, { bold: true }),
    `<g transform="translate(0 ${TITLE_HEIGHT})">`,
    ...body,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** A number of at most two decimals. @throws RangeError for what is not finite */
export function coordinate(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no place in a chart`);
  return String(Math.round(value * 100) / 100);
}

export interface TextOptions {
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Paler than the rest. */
  readonly muted?: boolean;
  readonly bold?: boolean;
  /** Degrees around its place. */
  readonly rotate?: number;
}

export function text(x: number, y: number, content: string, options: TextOptions = {}): string {
  const { anchor = 'start', muted, bold, rotate } = options;
  const attributes = [
    `x="${coordinate(x)}"`,
    `y="${coordinate(y)}"`,
    ...(anchor === 'start' ? [] : [`text-anchor="${anchor}"`]),
    ...(muted ? ['fill-opacity="0.75"'] : []),
    ...(bold ? ['font-weight="600"'] : []),
    ...(rotate ? [`transform="rotate(${rotate} ${coordinate(x)} ${coordinate(y)})"`] : []),
  ];
  return `<text ${attributes.join(' ')}>${escapeText(content)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, style: string): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map(coordinate);
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" ${style}/>`;
}

/** @param label shown when it is pointed at */
export function rectangle(
  x: number,
  y: number,
  width: number,
  height: number,
  style: string,
  label?: string,
): string {
  const [a, b, c, d] = [x, y, Math.max(width, 0), Math.max(height, 0)].map(coordinate);
  const start = `<rect x="${a}" y="${b}" width="${c}" height="${d}" ${style}`;
  return label === undefined ? `${start}/>` : `${start}><title>${escapeText(label)}</title></rect>`;
}

/** `x,y x,y ...` */
export function pointList(points: readonly (readonly [x: number, y: number])[]): string {
  return points.map(([x, y]) => `${coordinate(x)},${coordinate(y)}`).join(' ');
}

export const GRID_LINE = 'stroke="currentColor" stroke-opacity="0.15"';
export const AXIS_LINE = 'stroke="currentColor" stroke-opacity="0.6"';
export const WHISKER = 'stroke="currentColor" stroke-width="1.2"';

/** Of Okabe and Ito's palette, which people with any colour vision can tell apart. */
const COLOURS = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#7f6bb3',
  '#8a8a8a',
] as const;

/** The colour of the i-th series. */
export function colour(i: number): string {
  const place = i % COLOURS.length;
  return `var(--series-${place + 1}, ${COLOURS[place]})`;
}

/** Definitions of the colours, for a page. */
export const COLOUR_VARIABLES = COLOURS.map((value, i) => `--series-${i + 1}: ${value};`).join(' ');

/** About how wide a text is: characters of a sans-serif are half as wide as high, or a little more. */
export function widthOf(content: string): number {
  return content.length * FONT * 0.58;
}

/** Coloured squares with names, in as many lines as they take. @returns the height too */
export function legend(
  names: readonly string[],
  x: number,
  y: number,
): { readonly body: string[]; readonly height: number } {
  const body: string[] = [];
  let [left, top] = [x, y];
  for (const [i, name] of names.entries()) {
    const width = Math.min(widthOf(name) + 34, WIDTH - x);
    if (left > x && left + width > WIDTH) [left, top] = [x, top + 18];
    body.push(
      rectangle(left, top, 11, 11, `fill="${colour(i)}"`),
      text(left + 16, top + 10, clip(name, WIDTH - left - 16)),
    );
    left += width;
  }
  return { body, height: names.length === 0 ? 0 : top - y + 22 };
}

/** Text cut to a width. */
export function clip(content: string, width: number): string {
  const most = Math.max(1, Math.floor(width / (FONT * 0.58)));
  return content.length <= most ? content : `${content.slice(0, most - 1)}…`;
}
