/** Calls of cuDNN and cuBLASLt on a CUDA device: what the device asks of whoever makes them. */
import type { LibraryCall } from '../gpu.js';
import type { Ffi } from './ffi.js';

/** A call made ready: descriptors built, an algorithm chosen. */
export interface PreparedCall {
  /** Device memory that the call needs while it runs; 0 for none. The device allocates it, one piece for all calls. */
  readonly workspaceBytes: number;
  /**
   * Puts the work on a stream and returns: it neither waits, allocates nor frees, so that it can be captured into a graph.
   * The device's context is current.
   * @param stream a `CUstream`
   * @param pointers device addresses of the call's bindings, in their order
   * @param workspace address of `workspaceBytes` of device memory at a multiple of 256; 0n where there are none
   * @throws DeviceError naming the library's status
   */
  launch(stream: bigint, pointers: readonly bigint[], workspace: bigint): void;
  /** Frees the descriptors; the call is never launched again. */
  release(): void;
}

/** One library on one device: handles, and calls made ready with them. */
export interface LibraryRunner {
  readonly library: LibraryCall['library'];
  /** The library's version, for people and for the identity of measured times: `9.19.0`. */
  readonly version: string;
  /**
   * Makes a call ready; the device's context is current while it begins, and equal calls may come again.
   * @throws DeviceError naming the operation and the library's status, for what it does not support too
   */
  prepare(call: LibraryCall): Promise<PreparedCall>;
  /** Frees the handles, after every call of it was released. */
  destroy(): void;
}

/** What a runner is made of. */
export interface LibraryEnvironment {
  readonly ffi: Ffi;
  /** The library's file, or its bare name where the system's loader knows it. */
  readonly path: string;
  /** Makes the device's context current on this thread: before every batch of calls after an `await`. */
  readonly makeCurrent: () => void;
  /** Compute capability, e.g. [9, 0]. */
  readonly capability: readonly [number, number];
}

/**
 * How a library's module begins: loads the library and makes its handle for the current context.
 * @throws DeviceError when it does not load, or its status
 */
export type OpenLibrary = (environment: LibraryEnvironment) => LibraryRunner;
