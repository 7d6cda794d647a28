/** Quantities and names as people read them. */
/**
 * Text from a model or a file system, safe to print: control and formatting characters (terminal escapes, line
 * breaks, bidirectional overrides) are taken out.
 */
export function cleanText(text) {
    return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
}
/** Text cut to `width` characters, with an ellipsis in the middle: names of layers differ at both ends. */
export function shorten(text, width) {
    if (text.length <= width)
        return text;
    if (width < 3)
        return text.slice(0, Math.max(width, 0));
    const tail = Math.floor((width - 1) / 2);
    return `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`;
}
/** `512 B`, `12.3 KiB`, `1.50 GiB`: three significant digits. */
export function formatBytes(bytes) {
    return bytes < 1024 ? `${bytes} B` : scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
}
/** A count of operations: `0`, `784`, `1.21 M`, `15.5 G`. */
export function formatFlops(flops) {
    return flops < 1000 ? String(flops) : scaled(flops, 1000, ['', 'k', 'M', 'G', 'T', 'P']);
}
/** A whole number with commas: `143,667,240`. */
export function formatCount(count) {
    return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
/** Milliseconds without the unit: `0.012`, `1.23`, `45.6`, `789`. */
export function formatMilliseconds(milliseconds) {
    return milliseconds < 1 ? milliseconds.toFixed(3) : significant(milliseconds);
}
/** A number of an unknown size, to four significant digits: `0.9981`, `-12.5`, `3.1e-7`. */
export function formatNumber(value) {
    return String(Number(value.toPrecision(4)));
}
/** A probability: `99.98 %`. */
export function formatPercent(share) {
    return `${(share * 100).toFixed(2)} %`;
}
/** `1 input`, `2 inputs`. */
export function plural(count, noun) {
    return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
function scaled(value, base, units) {
    let unit = 0;
    // What would be printed as 1000 or 1024 of a unit is one of the next.
    while (unit < units.length - 1 && Math.round(value) >= base) {
        value /= base;
        unit++;
    }
    return `${significant(value)} ${units[unit]}`;
}
/** Three significant digits, without an exponent. */
function significant(value) {
    const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return value.toFixed(digits);
}
//# sourceMappingURL=format.js.map