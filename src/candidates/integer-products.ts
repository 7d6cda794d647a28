/** Candidates of matrix products of 8-bit integers. */
import { matmulIntegerKernel } from '../kernels/elementwise/matmul-integer.js';
import type { TensorView } from '../kernels/view.js';
import { matmulShape } from '../ops/matrix-product.js';
import type { MatMulInteger } from '../ops/matmul-integer.js';
import { rowMajor, type Layout } from '../tensor/index.js';
import type { CandidateProvider, CandidateViews, NodeTypes, Operand } from './candidate.js';

export const matmulInteger: CandidateProvider<MatMulInteger> = (op, types, { limits }) => [
  {
    id: 'matmulinteger_row_direct_i32',
    inputs: rowMajorInputs(types),
    outputs: [rowMajor(types.outputs[0].dims.length)],
    workspace: [],
    build: ({ inputs, outputs: [y] }) => {
      const [a, b] = required(inputs, 2);
      const [, , aZeroPoint, bZeroPoint] = inputs;
      const shape = matmulShape(a.dims, b.dims);
      const flops = op.flops(types.inputs);
      const config = { a, b, aZeroPoint, bZeroPoint, y, shape, flops, maxGrid: limits.maxGrid };
      return [{ source: matmulIntegerKernel(config), operands: operandsOf(types) }];
    },
  },
];

function rowMajorInputs({ inputs }: NodeTypes): (Layout | undefined)[] {
  return inputs.map((type) => type && rowMajor(type.dims.length));
}

/** The inputs that are there, then the output: as the kernels bind them. */
function operandsOf({ inputs }: NodeTypes): Operand[] {
  return [
    ...inputs.flatMap((type, index): Operand[] => (type ? [{ kind: 'input', index }] : [])),
    { kind: 'output', index: 0 },
  ];
}

function required(inputs: CandidateViews['inputs'], count: number): TensorView[] {
  return inputs.slice(0, count).map((view, i) => {
    if (!view) throw new TypeError(`input ${i} is missing`);
    return view;
  });
}
