/** Quantities and names as people read them. */
/**
 * Text from a model or a file system, safe to print: control and formatting characters (terminal escapes, line
 * breaks, bidirectional overrides) are taken out.
 */
export declare function cleanText(text: string): string;
/** Text cut to `width` characters, with an ellipsis in the middle: names of layers differ at both ends. */
export declare function shorten(text: string, width: number): string;
/** `512 B`, `12.3 KiB`, `1.50 GiB`: three significant digits. */
export declare function formatBytes(bytes: number): string;
/** A count of operations: `0`, `784`, `1.21 M`, `15.5 G`. */
export declare function formatFlops(flops: number): string;
/** A whole number with commas: `143,667,240`. */
export declare function formatCount(count: number): string;
/** Milliseconds without the unit: `0.012`, `1.23`, `45.6`, `789`. */
export declare function formatMilliseconds(milliseconds: number): string;
/** A number of an unknown size, to four significant digits: `0.9981`, `-12.5`, `3.1e-7`. */
export declare function formatNumber(value: number): string;
/** A probability: `99.98 %`. */
export declare function formatPercent(share: number): string;
/** `1 input`, `2 inputs`. */
export declare function plural(count: number, noun: string): string;
