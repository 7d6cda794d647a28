/**
 * The paper's softmax (SC 2016, section V.B): Caffe's copy and five kernels, the kernels fused with an invocation per row, and
 * fused with many invocations on each row.
 */
import type { TensorView } from '../../kernels/view.js';
import { formatDims, rowMajor } from '../../tensor/index.js';
import { fusedSoftmax } from '../baselines/fused-softmax.js';
import type { Tell } from '../bench.js';
import { softmaxCase, type SoftmaxSize } from '../layers.js';
import type { LayerResult } from '../results.js';
import {
  boxAt,
  firstOfEach,
  timeCase,
  typed,
  waysOf,
  type Study,
  type TypedCase,
  type Way,
} from '../study.js';
import { methodOf } from './convolution.js';

export async function studySoftmax(study: Study, tell: Tell): Promise<LayerResult[]> {
  const { softmaxes } = study.scale;
  const results: LayerResult[] = [];
  for (const [i, size] of softmaxes.entries()) {
    const given = typedSoftmax(size);
    const { candidates } = waysOf(given, study.context);
    const ours = candidates
      .filter(({ outputs: [y] }) => y.name === ROWS.name)
      .map((candidate): Way => ({ method: methodOf(candidate.id), layout: ROWS.name, candidate }));
    const ways = firstOfEach([...ours, fusedWay(study, size)]);
    results.push(
      await timeCase(study, given, ways, [], (what, share) => {
        tell(`${formatDims([size.rows, size.classes])}, ${what}`, (i + share) / softmaxes.length);
      }),
    );
  }
  return results;
}

const ROWS = rowMajor(2);

/** The paper's intermediate step, as a candidate that no planner is offered. */
function fusedWay({ context }: Study, { rows, classes }: SoftmaxSize): Way {
  const view: TensorView = { dims: [rows, classes], layout: ROWS, type: context.storage };
  const source = fusedSoftmax(view, context.limits.maxGrid);
  const operands = [
    { kind: 'input', index: 0 },
    { kind: 'output', index: 0 },
  ] as const;
  return {
    method: methodOf(source.id),
    layout: ROWS.name,
    candidate: {
      id: source.id,
      inputs: [ROWS],
      outputs: [ROWS],
      workspace: [],
      baseline: true,
      build: () => [{ source, operands }],
    },
  };
}

/** The softmax, and what an element of its output depends on: its row. */
export function typedSoftmax(size: SoftmaxSize): TypedCase {
  return typed(softmaxCase(size), ([row, column]) => ({
    boxes: [boxAt([row, 0], [1, size.classes])],
    at: [0, column],
  }));
}
