/** Colours that can be read: the contrast of WCAG 2.2, in light and dark. */
import { expect, it } from 'vitest';
import { VIEW_STYLE } from '../../../src/report/views/style.js';

function palette(selector: string): Map<string, string> {
  const start = VIEW_STYLE.indexOf(selector);
  const block = VIEW_STYLE.slice(start, VIEW_STYLE.indexOf('}', start));
  return new Map(
    Array.from(block.matchAll(/--lw-([\w]+): (#[0-9a-f]{6})/g), ([, name, colour]) => [name, colour]),
  );
}

/** Relative luminance. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const FILLS = /^(?:paper|panel|nchw|nhwc|chwn|nchw4c|other|memory|arithmetic|launch|heat\d)$/;

it.each(['light', 'dark'])('text can be read on every fill in %s', (theme) => {
  const colours = palette(`:root[data-theme="${theme}"]`);
  const get = (name: string): string => colours.get(name) ?? '';
  const fills = [...colours.keys()].filter((name) => FILLS.test(name));
  expect(fills).toHaveLength(16);
  for (const fill of fills) expect([fill, contrast(get('text'), get(fill)) >= 4.5]).toEqual([fill, true]);
  for (const ink of ['muted', 'accent', 'warn']) {
    for (const ground of ['paper', 'panel']) {
      expect([ink, ground, contrast(get(ink), get(ground)) >= 4.5]).toEqual([ink, ground, true]);
    }
  }
  // Lines that mean something: 3 is asked for.
  for (const line of ['edge']) expect(contrast(get(line), get('paper'))).toBeGreaterThanOrEqual(3);
});
