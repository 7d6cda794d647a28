export interface Column {
    readonly title: string;
    /** Numbers go to the right; left is the default. */
    readonly align?: 'left' | 'right';
    /** Its cells are cut so that the table keeps within the width; at most one column of a table. */
    readonly flexible?: boolean;
}
export type Row = readonly string[];
export interface TableOptions {
    /** Rows below a second rule, such as totals. */
    readonly footer?: readonly Row[];
    /** Most characters per line; 100 when left out. */
    readonly width?: number;
}
/** Characters per line that reports keep within. */
export declare const LINE_WIDTH = 100;
/** A table: titles, a rule, the rows, and under another rule the footer. Every line without its end. */
export declare function table(columns: readonly Column[], rows: readonly Row[], options?: TableOptions): string[];
/** Lines of `key  value`, keys aligned, long values wrapped under their start. */
export declare function keyValues(entries: readonly (readonly [string, string])[], width?: number): string[];
/**
 * Breaks text at spaces into lines of at most `width` characters; longer words stand alone. No-break spaces hold
 * words together and come out as spaces.
 */
export declare function wrap(text: string, width: number): string[];
