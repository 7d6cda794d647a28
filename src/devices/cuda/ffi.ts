/**
 * Calling C libraries: the little that the CUDA device needs of `koffi`, so that this folder imports nothing of Node. The
 * host passes it in.
 */

/**
 * What is passed to a C function: numbers and BigInts by value, pointers as BigInts (0n is a null pointer), and views on
 * memory as pointers to their first byte, which the function may write to. Texts go as `str`.
 */
export type ForeignValue = number | bigint | string | ArrayBufferView;

export interface ForeignFunction {
  (...values: readonly ForeignValue[]): unknown;
  /** Calls on a thread of its own, so that the event loop goes on; views must not be let go of before `done`. */
  async(
    ...values: readonly [...ForeignValue[], done: (error: Error | null | undefined, result: unknown) => void]
  ): void;
}

export interface ForeignLibrary {
  /**
   * A function by its name; `int`, `size_t`, `void *`, `str` and so on are C's types. Pointers in and out are `void *`.
   * @throws Error when the library has no such function
   */
  func(name: string, result: string, parameters: string[]): ForeignFunction;
}

export interface Ffi {
  /** @throws Error when the file is no library or depends on one that is not there */
  load(path: string): ForeignLibrary;
  /** Where a view's memory is. */
  address(view: ArrayBufferView): bigint;
  /** Foreign memory as a buffer that is not copied: it must outlive the view. */
  view(pointer: bigint, bytes: number): ArrayBuffer;
  /** A zero-terminated text in foreign memory. */
  text(pointer: bigint): string;
}
