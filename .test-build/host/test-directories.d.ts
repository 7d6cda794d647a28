import type { TestCase } from '../session/index.js';
/**
 * The test cases in a directory: the one that it is, or all that lie directly in it.
 * @throws FormatError when there is none
 */
export declare function findTestCases(directory: string): Promise<TestCase[]>;
