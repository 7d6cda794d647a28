/** Quantities and names as people read them. */

/**
 * Text from a model or a file system, safe to print: control and formatting characters (terminal escapes, line
 * breaks, bidirectional overrides) are taken out.
 */
export function cleanText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
}

/** Text cut to `width` characters, with an ellipsis in the middle: names of layers differ at both ends. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  if (width < 3) return text.slice(0, Math.max(width, 0));
  const tail = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`;
}

/** `512 B`, `12.3 KiB`, `1.50 GiB`: three significant digits. */
export function formatBytes(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
}

/** A count of operations: `0`, `784`, `1.21 M`, `15.5 G`. */
export function formatFlops(flops: number): string {
  return flops < 1000 ? String(flops) : scaled(flops, 1000, ['', 'k', 'M', 'G', 'T', 'P']);
}

/** A whole number with commas: `143,667,240`. */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** Milliseconds without the unit: `0.012`, `1.23`, `45.6`, `789`. */
export function formatMilliseconds(milliseconds: number): string {
  return milliseconds < 1 ? milliseconds.toFixed(3) : significant(milliseconds);
}

/** Nanoseconds as microseconds without the unit: `0.52`, `12.3`, `1,234`. */
export function formatMicroseconds(nanoseconds: number): string {
  const microseconds = nanoseconds / 1000;
  return microseconds < 999.5 ? significant(microseconds) : formatCount(Math.round(microseconds));
}

/** A number of an unknown size, to four significant digits: `0.9981`, `-12.5`, `3.1e-7`. */
export function formatNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A part of a whole, as far as people care: `0.4 %`, `82 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** A probability: `99.98 %`. */
export function formatPercent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** `1 input`, `2 inputs`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let unit = 0;
  // What would be printed as 1000 or 1024 of a unit is one of the next.
  while (unit < units.length - 1 && Math.round(value) >= base) {
    value /= base;
    unit++;
  }
  return `${significant(value)} ${units[unit]}`;
}

/** Three significant digits, without an exponent. */
function significant(value: number): string {
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return value.toFixed(digits);
}
