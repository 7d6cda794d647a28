/** What `lanewise study` prints besides its files. */
import type { Entry, StudyResults } from '../study/index.js';

/** `lanewise study --json` */
export interface StudyDocument {
  readonly command: 'study';
  /** What was written. */
  readonly files: readonly string[];
  /** How long measuring took. */
  readonly seconds: number;
  /** What could not be measured, or computed something wrong: sentences without their full stops. */
  readonly failures: readonly string[];
}

/** What failed in a study, in the order of its experiments. */
export function studyFailures({
  convolution,
  transforms,
  pooling,
  softmax,
  networks,
}: StudyResults): string[] {
  const layers = [
    ...(convolution?.layers ?? []),
    ...(transforms ?? []),
    ...(pooling?.layers ?? []),
    ...(softmax ?? []),
  ];
  const points = [...(convolution?.batches ?? []), ...(convolution?.channels ?? [])];
  return [
    ...layers.flatMap(({ name, entries }) => failuresOf(name, entries)),
    ...points.flatMap(({ n, c, entries }) => failuresOf(`N = ${n}, C = ${c}`, entries)),
    ...(networks ?? []).flatMap(({ name, failures }) => failures.map((failure) => `${name}, ${failure}`)),
  ];
}

function failuresOf(name: string, entries: readonly Entry[]): string[] {
  return entries.flatMap(({ kernel, failure }) =>
    failure === null ? [] : [`${name}, ${kernel}: ${failure}`],
  );
}
