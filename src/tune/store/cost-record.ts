/** A measured cost, as it is kept and exchanged. */
import { KEY_PATTERN } from './cost-key.js';
import type { JsonValue } from './json-value.js';

/** The class of whole networks' runs, which are kept beside the costs of kernels. */
export const RUN_CLASS = 'run';

export interface CostRecord {
  /** By `costKey`; of runs, a hash in the same form over all that their times depend on. */
  readonly key: string;
  /** Candidate or kernel id; of runs, their class. */
  readonly id: string;
  /** What was measured, for people: `Conv 64x64x56x56 f32 nhwc`. */
  readonly what: string;
  /** By `classOf`, or `RUN_CLASS`. */
  readonly kernelClass: string;
  /** Nanoseconds, every sample; at least one. */
  readonly samples: readonly number[];
  /** Ideal bytes. */
  readonly bytes: number;
  readonly flops: number;
  readonly launches: number;
  /** Invocations of the largest launch. */
  readonly invocations: number;
  /** The day, `2026-11-23`. */
  readonly measured: string;
}

const MAX_SAMPLES = 10_000;

/**
 * A cost out of JSON; fields that no cost has are left out.
 * @throws PlanError naming the field and what stands there
 */
export function costRecordOf(value: JsonValue): CostRecord {
  return {
    key: value.field('key').matching(KEY_PATTERN, 'a key of 32 hexadecimal digits'),
    id: value.field('id').text(),
    what: value.field('what').text(),
    kernelClass: value.field('kernelClass').text(),
    samples: value
      .field('samples')
      .items({ least: 1, most: MAX_SAMPLES })
      .map((sample) => sample.positive()),
    bytes: value.field('bytes').number({ least: 0 }),
    flops: value.field('flops').number({ least: 0 }),
    launches: value.field('launches').integer({ least: 1 }),
    invocations: value.field('invocations').integer({ least: 1 }),
    measured: value.field('measured').day(),
  };
}
