/** What a CUDA device needs of the machine, so that this folder imports nothing of it. */
import type { Ffi } from './ffi.js';
import type { LibraryCall } from '../gpu.js';
import type { OpenLibrary } from './library-runner.js';

/** Compiled kernels that outlive the process. */
export interface CubinStore {
  /**
   * What was kept under a key; else what `make` makes, which is then kept if that is possible: a full disk is no error.
   * Whoever asks while it is being made gets the same.
   */
  obtain(key: string, make: () => Promise<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>>;
}

/** A library of kernels that was found. */
export interface FoundLibrary {
  readonly library: LibraryCall['library'];
  readonly path: string;
  readonly open: OpenLibrary;
}

export interface CudaPlatform {
  readonly ffi: Ffi;
  /** Files, or bare names that the system's loader knows. */
  readonly driverPath: string;
  readonly nvrtcPath: string;
  /** Folders with CUDA's headers; kernels of this project need none. */
  readonly includes: readonly string[];
  readonly libraries: readonly FoundLibrary[];
  /** Whether to launch kernels while others end, on devices that can. */
  readonly dependentLaunch: boolean;
  /** How many kernels to compile at once: the processor's cores. */
  readonly compilers: number;
  readonly cubins: CubinStore;
  /** The driver's own version (`580.65.06`), which CUDA does not tell; empty where unknown. */
  readonly driverVersion: string;
  /** Lets the event loop turn once, however short that is. */
  readonly turn: () => Promise<void>;
}
