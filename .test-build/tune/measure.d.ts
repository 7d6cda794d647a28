/**
 * Times of kernels that can be compared: random inputs, rotating buffers so that caches are cold, rounds interleaved
 * so that drift of the clock hits all alike, the median with its spread.
 */
import type { GpuDevice, KernelSource } from '../devices/gpu.js';
/** A kernel sequence to be timed: launches over numbered buffers. */
export interface Subject {
    readonly name: string;
    /** Bytes of each buffer. */
    readonly buffers: readonly number[];
    readonly launches: readonly {
        readonly source: KernelSource;
        readonly buffers: readonly number[];
    }[];
}
export interface MeasureOptions {
    /** Interleaved rounds; each gives one sample per subject. */
    readonly rounds?: number;
    /** Least bytes that one sample walks through before it touches a buffer again; 0 for a warm cache. */
    readonly coldBytes?: number;
    /** Least launch sequences in one sample. */
    readonly repeats?: number;
}
/** Samples of one subject, nanoseconds per sequence. */
export interface Measurement {
    readonly name: string;
    readonly samples: readonly number[];
    readonly median: number;
    /** Quartiles. */
    readonly low: number;
    readonly high: number;
}
/**
 * Times subjects in interleaved rounds.
 * @throws DeviceError for kernels that do not compile or memory that is not to be had
 */
export declare function measure(device: GpuDevice, subjects: readonly Subject[], { rounds, coldBytes, repeats }?: MeasureOptions): Promise<Measurement[]>;
/** Median and quartiles of samples. */
export declare function summarise(name: string, samples: readonly number[]): Measurement;
