/** The paper's layers as Lanewise and PyTorch are to compute them. Dims are logical NCHW. */
import { isCandidate } from '../../dist/candidates/candidate.js';
import { candidatesFor } from '../../dist/candidates/index.js';
import { transformKernel } from '../../dist/kernels/transform/index.js';
import { idealBytes } from '../../dist/kernels/view.js';
import { Identity } from '../../dist/ops/identity.js';
import { methodOf, typedConv } from '../../dist/study/experiments/convolution.js';
import { typedPool } from '../../dist/study/experiments/pooling.js';
import { typedSoftmax } from '../../dist/study/experiments/softmax.js';
import {
  CONV_LAYERS,
  LARGE_SOFTMAX_SIZES,
  POOL_LAYERS,
  SOFTMAX_SIZES,
  TRANSFORM_DIMS,
} from '../../dist/study/layers.js';
import { boxAt, checkCandidate, checkSteps } from '../../dist/study/study.js';
import { formatDims, layoutOf, rowMajor, sizeOf } from '../../dist/tensor/index.js';
import { candidateSubject } from '../../dist/tune/timing/subject.js';

/** Inputs that are constants in networks: what is prepared of them once is not timed. */
const WEIGHTS = new Set([1, 2]);

/** Kernels of one method and layout that are looked at: what costs no compiling, or decides most, is looked at more. */
const LOOKED_AT = { cudnn: 3, 'implicit-mma': 3, conv: 1, pool: 2, softmax: 3 };

/** All layers, kind by kind. Each says how it is computed here, in PyTorch, and what of its output depends on what. */
export function layerCases() {
  const sizes = [...SOFTMAX_SIZES.filter(({ rows }) => rows === 128), ...LARGE_SOFTMAX_SIZES];
  return [
    ...POOL_LAYERS.map((layer) => ({
      ...caseOf('pool', typedPool(layer)),
      torch: { window: layer.window, stride: layer.stride },
      formats: ['nchw', 'channels_last'],
      dtypes: ['f32', 'f16'],
    })),
    ...sizes.map((size) => ({
      ...caseOf('softmax', typedSoftmax(size)),
      torch: {},
      formats: ['nchw'],
      dtypes: ['f32', 'f16'],
      layouts: [rowMajor(2).name],
    })),
    ...TRANSFORM_DIMS.map((dims) => ({ ...transformCase(dims), formats: ['nchw'], dtypes: ['f32', 'f16'] })),
    ...CONV_LAYERS.map((layer) => ({
      ...caseOf('conv', typedConv(layer)),
      torch: { stride: layer.stride },
      formats: ['nchw', 'channels_last'],
      dtypes: ['f32', 'tf32', 'f16'],
    })),
  ];
}

/** A layer that candidates compute. */
function caseOf(kind, given) {
  const { inputs, outputs } = given.types;
  const elements = [...inputs, ...outputs].reduce((sum, { dims }) => sum + sizeOf(dims), 0);
  return {
    kind,
    name: given.name,
    shape: given.shape,
    elements,
    flops: given.op.flops(inputs, outputs),
    torchInputs: given.inputs,
    answers: (storage) => ({
      op: given.op,
      inputs: given.inputs.map((dims) => rowMajorView(dims, storage)),
      output: rowMajorView(outputs[0].dims, storage),
      dependence: given.dependence,
    }),
    given,
  };
}

/** CHWN to NCHW. */
function transformCase(dims) {
  const name = formatDims(dims);
  const view = (layout, type) => ({ dims, layout: layoutOf(layout, dims.length), type });
  const dependence = (index) => ({
    boxes: [
      boxAt(
        index,
        dims.map(() => 1),
      ),
    ],
    at: dims.map(() => 0),
  });
  const [n, ...rest] = dims;
  return {
    kind: 'transform',
    name,
    shape: `${name}, CHWN to NCHW`,
    elements: 2 * sizeOf(dims),
    flops: 0,
    torch: {},
    torchInputs: [[...rest, n]],
    answers: (storage) => ({
      op: new Identity(),
      inputs: [view('chwn', storage)],
      output: view('nchw', storage),
      dependence,
    }),
    dims,
  };
}

function rowMajorView(dims, type) {
  return { dims, layout: rowMajor(dims.length), type };
}

/**
 * The ways in which Lanewise may compute a layer.
 * @returns per way its kernel, its layouts, and `check`, which says what is timed, and whether it computes what it should
 */
export function waysOf(layer, context) {
  return layer.kind === 'transform' ? [transformWay(layer, context)] : candidateWays(layer, context);
}

function transformWay({ answers }, { storage, limits }) {
  const task = answers(storage);
  const [x] = task.inputs;
  const source = transformKernel(x, task.output, limits);
  const operands = ['input', 'output'].map((kind) => ({ kind, index: 0 }));
  const subject = {
    name: source.id,
    buffers: [idealBytes(x), idealBytes(task.output)],
    launches: [{ source, buffers: [0, 1] }],
  };
  const check = (study) => checkSteps(study, { ...task, workspace: [], steps: [{ source, operands }] });
  return { kernel: source.id, layout: 'CHWN > NCHW', subject, check };
}

function candidateWays(layer, context) {
  const { given, kind, layouts } = layer;
  const counts = new Map();
  return candidatesFor(given.op, given.types, context)
    .filter(isCandidate)
    .filter(({ baseline, alias }) => !baseline && alias === undefined)
    .map((candidate) => ({ candidate, method: methodOf(candidate.id), layout: layoutsOf(candidate) }))
    .filter(({ method, candidate }) => method !== 'naive' && isShown(kind, candidate, layouts))
    .filter(({ method, layout }) => {
      const key = `${method} ${layout}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return counts.get(key) <= (LOOKED_AT[method] ?? LOOKED_AT[kind]);
    })
    .map(({ candidate, method, layout }) => ({
      kernel: candidate.id,
      layout,
      subject: candidateSubject(candidate, given.types, context, WEIGHTS),
      check: (study) => checkCandidate(study, given, { method, layout, candidate }),
    }));
}

function layoutsOf({ inputs: [x], outputs: [y] }) {
  return x.name === y.name ? y.name : `${x.name} > ${y.name}`;
}

/**
 * Kernels that change the layout of what they compute are those of few channels, whose input no other kernel shares; blocked
 * layouts are for what comes between layers.
 */
function isShown(kind, { id, inputs: [x], outputs: [y] }, layouts) {
  if (layouts) return layouts.includes(x.name) && layouts.includes(y.name);
  if (kind !== 'conv') return x.name === y.name;
  if ([x, y].some(({ block }) => block)) return false;
  return x.name === y.name || id.includes('stem');
}
