/** One label per line, class 0 first. @throws FormatError naming the path */
export declare function readLabels(path: string): Promise<string[]>;
