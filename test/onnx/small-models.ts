/** A small model around every ONNX operator that has an importer, to be damaged by the robustness tests. */
import { Tensor, sizeOf, type DType } from '../../src/tensor/index.js';
import { makeModel, makeNode, port, type AttributeInput, type PortInput } from '../support/onnx-builder.js';

/** `f32 1x2x5` is a graph input of that type; a tensor is an initializer; '' leaves an input out. */
type Argument = string | Tensor;

interface Spec {
  readonly op: string;
  readonly args: readonly Argument[];
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  readonly outputs?: number;
  readonly opset?: number;
  /** Whether shapes depend on the data of an input. */
  readonly needsData?: boolean;
}

const spec = (
  op: string,
  args: readonly Argument[],
  attributes: Spec['attributes'] = {},
  options: Pick<Spec, 'outputs' | 'opset' | 'needsData'> = {},
): Spec => ({ op, args, attributes, ...options });

/** An initializer with elements that differ. */
function weights(dtype: DType, ...dims: number[]): Tensor {
  return Tensor.from(
    dtype,
    dims,
    Array.from({ length: sizeOf(dims) }, (_, i) => (i % 5) + 1),
  );
}

const ints = (...values: number[]): Tensor => Tensor.from('i64', [values.length], values);
const int = (value: number): Tensor => Tensor.scalar('i64', value);
const floats = (...values: number[]): Tensor => Tensor.from('f32', [values.length], values);
const float = (value: number): Tensor => Tensor.scalar('f32', value);

const IMAGE = 'f32 1x2x5x6';

const FLOAT_FUNCTIONS =
  'Relu Sigmoid Tanh HardSwish Mish Softplus Softsign LeakyRelu Elu Selu Celu HardSigmoid Swish Gelu ' +
  'ThresholdedRelu Shrink Abs Neg Sign Ceil Floor Round Sqrt Reciprocal Exp Log Erf Sin Cos Tan Asin Acos ' +
  'Atan Sinh Cosh Asinh Acosh Atanh IsNaN IsInf Identity Dropout Shape Size';
const ARITHMETIC = 'PRelu Add Sub Mul Div Pow Max Min Sum Mean Equal Greater Less GreaterOrEqual LessOrEqual';
const REDUCTIONS =
  'ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp';

const SPECS: readonly Spec[] = [
  ...FLOAT_FUNCTIONS.split(' ').map((op) => spec(op, ['f32 2x3'])),
  ...ARITHMETIC.split(' ').map((op) => spec(op, ['f32 2x3', weights('f32', 3)])),
  ...REDUCTIONS.split(' ').flatMap((op) => [
    spec(op, ['f32 2x3x4', ints(1)]),
    spec(op, ['f32 2x3x4'], { axes: [0, -1], keepdims: 0 }, { opset: op === 'ReduceSum' ? 11 : 13 }),
  ]),
  ...['And', 'Or', 'Xor'].map((op) => spec(op, ['bool 2x3', weights('bool', 3)])),
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((op) => spec(op, ['i32 2x3', weights('i32', 3)])),
  ...['Softmax', 'LogSoftmax', 'Hardmax'].flatMap((op) => [
    spec(op, ['f32 2x3x4'], { axis: 1 }),
    spec(op, ['f32 2x3x4'], { axis: 1 }, { opset: 11 }),
  ]),
  ...['ArgMax', 'ArgMin'].map((op) => spec(op, ['f32 2x3'], { axis: 1, keepdims: 0 })),
  spec('Mod', ['i32 2x3', weights('i32', 3)]),
  spec('Not', ['bool 4']),
  spec('BitwiseNot', ['u8 4']),
  spec('BitShift', ['u8 4', weights('u8', 4)], { direction: 'LEFT' }),
  spec('Clip', ['f32 2x3', float(-1), float(1)]),
  spec('Clip', ['f32 2x3'], { min: { float: 0 }, max: { float: 6 } }, { opset: 7 }),
  spec('Cast', ['f32 2x3'], { to: 7 }),
  spec('CastLike', ['f32 2x3', weights('f16', 1)]),
  spec('Where', ['bool 2x3', weights('f32', 3), 'f32 2x1']),

  spec('Conv', [IMAGE, weights('f32', 4, 1, 3, 2), weights('f32', 4)], { group: 2, pads: [1, 0, 0, 1] }),
  spec('Conv', ['f32 1x2x9', weights('f32', 3, 2, 3)], {
    auto_pad: 'SAME_UPPER',
    strides: [2],
    dilations: [2],
  }),
  spec('ConvInteger', ['u8 1x1x4x4', weights('u8', 2, 1, 2, 2), Tensor.scalar('u8', 1)], {
    kernel_shape: [2, 2],
  }),
  spec('QLinearConv', [
    'u8 1x1x4x4',
    float(0.5),
    Tensor.scalar('u8', 1),
    weights('u8', 2, 1, 2, 2),
    floats(0.5, 0.25),
    Tensor.from('u8', [2], [1, 2]),
    float(2),
    Tensor.scalar('u8', 3),
    weights('i32', 2),
  ]),
  spec('ConvTranspose', ['f32 1x2x3x3', weights('f32', 2, 2, 2, 3)], {
    strides: [2, 1],
    output_padding: [1, 0],
  }),
  spec('ConvTranspose', ['f32 1x2x3', weights('f32', 2, 1, 3)], {
    output_shape: [7],
    group: 2,
    strides: [2],
  }),
  spec('Gemm', ['f32 2x3', weights('f32', 4, 3), weights('f32', 4)], { transB: 1, alpha: 0.5 }),
  spec('MatMul', ['f32 2x1x3', weights('f32', 2, 3, 2)]),
  spec('MatMulInteger', ['u8 2x3', weights('u8', 3, 2), Tensor.scalar('u8', 1), Tensor.scalar('u8', 1)]),
  spec('QLinearMatMul', [
    'u8 2x3',
    float(0.5),
    Tensor.scalar('u8', 1),
    weights('u8', 3, 2),
    float(0.5),
    Tensor.scalar('u8', 1),
    float(2),
    Tensor.scalar('u8', 3),
  ]),

  spec('MaxPool', [IMAGE], { kernel_shape: [3, 2], strides: [2, 2], ceil_mode: 1 }, { outputs: 2 }),
  spec('MaxPool', ['i8 1x1x5'], { kernel_shape: [2], auto_pad: 'SAME_LOWER', dilations: [2] }),
  spec('AveragePool', [IMAGE], { kernel_shape: [3, 2], pads: [1, 0, 1, 1], count_include_pad: 1 }),
  spec('LpPool', [IMAGE], { kernel_shape: [2, 2], p: 3 }),
  spec('GlobalMaxPool', [IMAGE]),
  spec('GlobalAveragePool', [IMAGE]),
  spec('GlobalLpPool', [IMAGE], { p: 1 }),
  spec('MaxUnpool', ['f32 1x1x2x2', Tensor.from('i64', [1, 1, 2, 2], [0, 3, 8, 15]), ints(1, 1, 5, 5)], {
    kernel_shape: [2, 2],
    strides: [2, 2],
  }),

  spec('BatchNormalization', [IMAGE, ...[1, 2, 3, 4].map(() => weights('f32', 2))]),
  spec(
    'BatchNormalization',
    [IMAGE, ...[1, 2, 3, 4].map(() => weights('f32', 2))],
    { training_mode: 1 },
    { outputs: 3 },
  ),
  spec(
    'BatchNormalization',
    ['f16 3x2', ...[1, 2, 3, 4].map(() => weights('f16', 2))],
    { training_mode: 1 },
    { outputs: 3, opset: 14 },
  ),
  spec('InstanceNormalization', [IMAGE, weights('f32', 2), weights('f32', 2)]),
  spec('GroupNormalization', ['f32 1x4x3', weights('f32', 4), weights('f32', 4)], { num_groups: 2 }),
  spec(
    'GroupNormalization',
    ['f32 1x4x3', weights('f32', 2), weights('f32', 2)],
    { num_groups: 2 },
    { opset: 18 },
  ),
  spec(
    'LayerNormalization',
    ['f32 2x3x4', weights('f32', 3, 4), weights('f32', 3, 4)],
    { axis: 1 },
    { outputs: 3 },
  ),
  spec('RMSNormalization', ['f32 2x3x4', weights('f32', 4)], {}, { opset: 23 }),
  spec('LRN', [IMAGE], { size: 3 }),
  spec('MeanVarianceNormalization', [IMAGE]),
  spec('LpNormalization', ['f32 2x3'], { axis: 0, p: 1 }),
  spec('QuantizeLinear', ['f32 2x6', floats(0.5, 2), weights('u8', 2)], { axis: 0 }),
  spec('QuantizeLinear', ['f32 2x6', weights('f32', 2, 3), weights('i4', 2, 3)], { axis: 1, block_size: 2 }),
  spec('DequantizeLinear', ['u8 2x6', floats(0.5, 2), weights('u8', 2)], { axis: 0 }),

  spec('Expand', ['f32 3x1', ints(2, 1, 4)]),
  spec('CumSum', ['f32 2x3', int(1)], { reverse: 1 }),
  spec('Tile', ['f32 2x3', ints(2, 1)]),
  spec('Transpose', ['f32 2x3x4'], { perm: [2, 0, 1] }),
  spec('Concat', ['f32 2x3', weights('f32', 2, 1), 'f32 2x2'], { axis: 1 }),
  spec('Split', ['f32 2x5', ints(2, 3)], { axis: 1 }, { outputs: 2 }),
  spec('Split', ['f32 2x5'], { axis: 1, num_outputs: 3 }, { outputs: 3 }),
  spec('Slice', ['f32 5x6', ints(0, -1), ints(4, -9), ints(0, 1), ints(2, -2)]),
  spec('Slice', ['f32 5x6'], { starts: [1], ends: [3], axes: [1] }, { opset: 9 }),
  spec('Pad', ['f32 3x4', ints(1, 0, 0, 2), float(9)]),
  spec('Pad', ['f32 3x4'], { pads: [1, 0, 0, 2], mode: 'reflect' }, { opset: 10 }),
  spec('Pad', ['f32 3x4', ints(5, 1), '', ints(1)], { mode: 'wrap' }),
  spec('CenterCropPad', ['f32 5x3', ints(2, 6)]),
  spec('Gather', ['f32 3x4', ints(0, -1)], { axis: 1 }),
  spec('GatherElements', ['f32 3x4', 'i64 2x4'], { axis: 0 }),
  spec('GatherND', ['f32 3x4', Tensor.from('i64', [2, 2], [0, 1, 2, 3])]),
  spec('OneHot', ['i64 3', int(4), floats(0, 1)]),
  spec('DepthToSpace', ['f32 1x8x2x3'], { blocksize: 2 }),
  spec('SpaceToDepth', ['f32 1x2x4x6'], { blocksize: 2 }),
  spec('TopK', ['f32 2x5', ints(3)], { axis: 1 }, { outputs: 2 }),
  spec('Upsample', ['f32 1x1x2x3', floats(1, 1, 2, 1.5)], { mode: 'linear' }, { opset: 9 }),
  spec('Resize', ['f32 1x1x4x3', '', floats(1, 1, 0.6, 2)], { mode: 'linear', antialias: 1 }),
  spec('Resize', ['f32 1x1x4x3', '', '', ints(1, 1, 3, 7)], { mode: 'cubic', exclude_outside: 1 }),
  spec('Resize', ['f32 1x1x4x3', floats(0, 0, 0.1, 0.2, 1, 1, 0.9, 0.8), '', ints(1, 1, 3, 7)], {
    coordinate_transformation_mode: 'tf_crop_and_resize',
  }),
  spec('GridSample', ['f32 1x2x4x4', 'f32 1x2x3x2'], { mode: 'cubic', padding_mode: 'reflection' }),
  spec('Reshape', ['f32 2x6', ints(0, 2, -1)]),
  spec('Reshape', ['f32 2x6', 'i64 2'], {}, { needsData: true }),
  spec('Flatten', ['f32 2x3x4'], { axis: -1 }),
  spec('Squeeze', ['f32 1x3x1', ints(0, 2)]),
  spec('Unsqueeze', ['f32 3', ints(0, 2)]),
  spec('Unsqueeze', ['f32 3'], { axes: [1] }, { opset: 11 }),
  spec('Constant', [], { value: weights('f32', 2, 3) }),
  spec('Constant', [], { value_ints: [1, 2, 3] }),
  spec('ConstantOfShape', [ints(2, 3)], { value: Tensor.from('f16', [1], [7]) }),
  spec('Range', [int(1), int(9), int(3)]),
  spec('Range', ['f32 scalar', float(5), float(1.5)], {}, { needsData: true }),
];

export interface SmallModel {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether shapes depend on the data of an input. */
  readonly needsData: boolean;
}

/** One model or more for every operator. */
export function smallModels(): SmallModel[] {
  return SPECS.map((given, i) => ({
    name: `${given.op} (${i})`,
    bytes: modelOf(given),
    needsData: given.needsData ?? false,
  }));
}

/** Operators that the small models cover. */
export function coveredOperators(): Set<string> {
  return new Set(SPECS.map(({ op }) => op));
}

function modelOf({ op, args, attributes, outputs = 1, opset = 22 }: Spec): Uint8Array<ArrayBuffer> {
  const inputs: Record<string, PortInput> = {};
  const initializers: Record<string, Tensor> = {};
  const names = args.map((argument, i) => {
    if (argument === '') return '';
    const name = `in${i}`;
    if (typeof argument === 'string') inputs[name] = parsePort(argument);
    else initializers[name] = argument;
    return name;
  });
  const outputNames = Array.from({ length: outputs }, (_, i) => `out${i}`);
  return makeModel({
    nodes: [makeNode(op, names, outputNames, attributes, { name: 'node' })],
    inputs,
    outputs: Object.fromEntries(outputNames.map((name) => [name, port('f32')])),
    initializers,
    opset,
  });
}

function parsePort(text: string): PortInput {
  const [dtype, dims] = text.split(' ');
  return port(dtype as DType, dims === 'scalar' ? [] : dims.split('x').map(Number));
}
