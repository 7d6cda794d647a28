/** Aligned plain-text tables. */
import { cleanText, shorten } from './format.js';
/** Characters per line that reports keep within. */
export const LINE_WIDTH = 100;
const GAP = '  ';
/** Narrowest a flexible column becomes, even where the table then passes the width. */
const MIN_FLEXIBLE = 8;
/** A table: titles, a rule, the rows, and under another rule the footer. Every line without its end. */
export function table(columns, rows, options = {}) {
    const { footer = [], width = LINE_WIDTH } = options;
    const cells = [...rows, ...footer].map((row) => row.map(cleanText));
    const widths = columnWidths(columns, cells, width);
    const line = (row) => columns
        .map(({ align }, i) => {
        const text = shorten(row[i] ?? '', widths[i]);
        return align === 'right' ? text.padStart(widths[i]) : text.padEnd(widths[i]);
    })
        .join(GAP)
        .trimEnd();
    const rule = '─'.repeat(widths.reduce((sum, w) => sum + w, 0) + GAP.length * (columns.length - 1));
    const lines = [line(columns.map(({ title }) => title)), rule, ...cells.slice(0, rows.length).map(line)];
    return footer.length === 0 ? lines : [...lines, rule, ...cells.slice(rows.length).map(line)];
}
function columnWidths(columns, cells, width) {
    const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
    const flexible = columns.findIndex((column) => column.flexible);
    const over = widths.reduce((sum, w) => sum + w, 0) + GAP.length * (columns.length - 1) - width;
    if (flexible >= 0 && over > 0)
        widths[flexible] = Math.max(widths[flexible] - over, MIN_FLEXIBLE);
    return widths;
}
/** Lines of `key  value`, keys aligned, long values wrapped under their start. */
export function keyValues(entries, width = LINE_WIDTH) {
    const keyWidth = Math.max(0, ...entries.map(([key]) => key.length));
    return entries.flatMap(([key, value]) => {
        const parts = wrap(cleanText(value), width - keyWidth - GAP.length);
        return parts.map((part, i) => `${(i === 0 ? key : '').padEnd(keyWidth)}${GAP}${part}`.trimEnd());
    });
}
/**
 * Breaks text at spaces into lines of at most `width` characters; longer words stand alone. No-break spaces hold
 * words together and come out as spaces.
 */
export function wrap(text, width) {
    const lines = [];
    let line = '';
    for (const word of text.split(' ')) {
        if (line !== '' && line.length + 1 + word.length > width) {
            lines.push(line);
            line = word;
        }
        else {
            line = line === '' ? word : `${line} ${word}`;
        }
    }
    return [...lines, line].map((text) => text.replaceAll('\u00A0', ' '));
}
//# sourceMappingURL=table.js.map