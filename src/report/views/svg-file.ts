/** A picture as a file of its own. */
import { el, markupText, type Markup } from './markup.js';
import { VIEW_STYLE } from './style.js';

/**
 * The text of an SVG file, which carries its style and follows the reader's light or dark.
 * @param width of the picture in pixels; its view box when left out
 */
export function svgFile(view: Markup, width?: number): string {
  const [, , boxWidth, boxHeight] = String(view.attributes['viewBox'] ?? '0 0 800 600')
    .split(' ')
    .map(Number);
  const scale = width === undefined ? 1 : width / boxWidth;
  const size = { width: Math.round(boxWidth * scale), height: Math.round(boxHeight * scale) };
  const backdrop = el('rect', { width: '100%', height: '100%', class: 'lw-paper' });
  const style = el('style', {}, `${VIEW_STYLE}.lw-paper { fill: var(--lw-paper); }`);
  const whole = {
    ...view,
    attributes: { ...view.attributes, ...size },
    children: [style, backdrop, ...view.children],
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${markupText(whole)}\n`;
}
