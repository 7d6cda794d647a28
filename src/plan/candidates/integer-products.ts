/** Candidates of convolutions and matrix products of 8-bit integers. */
import { convIntegerKernel } from '../../kernels/elementwise/conv-integer.js';
import { matmulIntegerKernel } from '../../kernels/elementwise/matmul-integer.js';
import type { TensorView } from '../../kernels/view.js';
import type { ConvInteger } from '../../ops/conv-integer.js';
import { matmulShape } from '../../ops/matrix-product.js';
import type { MatMulInteger } from '../../ops/matmul-integer.js';
import { LAYOUT_KINDS, layoutOf, rowMajor, type Layout } from '../../tensor/index.js';
import type { CandidateProvider, CandidateViews, NodeTypes, Operand } from '../candidate.js';

/** Spatial axes that the kernel knows. */
const MAX_SPATIAL = 3;

export const convInteger: CandidateProvider<ConvInteger> = (op, types, { limits }) =>
  LAYOUT_KINDS.map((kind) => {
    const layout = layoutOf(kind, types.outputs[0].dims.length);
    const id = `convinteger_${layout.name.toLowerCase()}_direct_i32`;
    if (op.strides.length > MAX_SPATIAL) {
      return { id, refused: `it has ${op.strides.length} spatial axes, more than ${MAX_SPATIAL}` };
    }
    return {
      id,
      inputs: [layout, ...rowMajorInputs(types).slice(1)],
      outputs: [layout],
      workspace: [],
      partialOutput: true,
      build: ({ inputs, outputs: [y] }) => {
        const [x, w] = required(inputs, 2);
        const [, , xZeroPoint, wZeroPoint, bias] = inputs;
        const flops = op.flops(types.inputs, types.outputs);
        const config = { op, x, w, xZeroPoint, wZeroPoint, bias, y, flops, maxGrid: limits.maxGrid };
        return [{ source: convIntegerKernel(config), operands: operandsOf(types) }];
      },
    };
  });

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
