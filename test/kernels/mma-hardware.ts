/** The cases of the kernels on tensor cores for a hardware GPU: in every tile in use, with tf32 allowed. */
import { candidatesFor } from '../../src/candidates/index.js';
import { isCandidate, type Candidate } from '../../src/candidates/candidate.js';
import { mmaTiles } from '../../src/kernels/mma/choice.js';
import { mmaTileTag } from '../../src/kernels/mma/tile.js';
import type { OpCase } from './harness.js';
import { mmaCases, mmaTileCases } from './mma-cases.js';

/** A family like those of cases/; its cases have no candidates where the device has no kernels in CUDA C++. */
export function mmaFamily(storage: 'f32' | 'f16'): readonly [string, readonly OpCase[]] {
  const chosen = [...mmaCases, ...mmaTileCases].filter((one) => one.storage === storage);
  return ['mma', chosen.map(({ testCase }) => withTiles(testCase, storage))];
}

/** A case in its default tiles, and in every other in use. */
export function withTiles(testCase: OpCase, storage: 'f32' | 'f16'): OpCase {
  const staging = { type: storage === 'f16' ? 'f16' : 'tf32', rowsAcross: false, colsAcross: false } as const;
  const tags = mmaTiles(staging).map(mmaTileTag);
  return {
    ...testCase,
    candidates: (types, context) => {
      const found = candidatesFor(testCase.op, types, { ...context, tf32: true })
        .filter(isCandidate)
        .filter(({ id }) => id.includes('mma'));
      const others = found.flatMap(({ id, sizes }) =>
        tags.flatMap((tag) => sizes?.grid.find(id.replace(/_t\d+x[^_]*/, `_${tag}`)) ?? []),
      );
      return [...new Set<Candidate>([...found, ...others])];
    },
  };
}
