/** Candidates of normalisations: rows along any axes, in the layout that x is in. */
import { batchNormalizeKernel, type BatchNormalizeConfig } from '../kernels/normalize/batch.js';
import type { NormalizeConfig, RowParameter } from '../kernels/normalize/config.js';
import { lrnBody, lrnKernel, type LrnConfig } from '../kernels/normalize/lrn.js';
import { residentNormalize } from '../kernels/normalize/resident.js';
import {
  applyNormalize,
  combineNormalize,
  partialNormalize,
  splitNormalizeId,
  splitNormalizeWorkspace,
} from '../kernels/normalize/split.js';
import { streamingNormalize } from '../kernels/normalize/streaming.js';
import {
  axisPlacement,
  broadcastPlacement,
  placementOf,
  reducedPlacement,
  rowSpace,
  type AxisGroups,
  type Placement,
} from '../kernels/reduce/row-space.js';
import { subgroupFor } from '../kernels/reduce/team.js';
import {
  allowsChunks,
  chunkTile,
  residentTile,
  streamTile,
  vectorFor,
  wantsChunks,
} from '../kernels/reduce/tile.js';
import type { TensorView } from '../kernels/view.js';
import { BatchNormalization } from '../ops/batch-normalization.js';
import { GroupNormalization } from '../ops/group-normalization.js';
import { InstanceNormalization } from '../ops/instance-normalization.js';
import { LayerNormalization, RMSNormalization } from '../ops/layer-normalization.js';
import { LpNormalization } from '../ops/lp-normalization.js';
import { LRN } from '../ops/lrn.js';
import { MVN_EPSILON, MeanVarianceNormalization } from '../ops/mean-variance-normalization.js';
import type { Op } from '../ops/op.js';
import { otherAxes } from '../ops/rows.js';
import { layoutOf, permutedLayout, rowMajor, sizeOf, type Layout } from '../tensor/index.js';
import {
  entry,
  gpuTypeOf,
  type Candidate,
  type CandidateContext,
  type CandidateEntry,
  type CandidateProvider,
  type CandidateViews,
  type KernelStep,
  type NodeTypes,
  type Operand,
  type Refusal,
} from './candidate.js';
import { WORTH_TUNING, input, kindsFor, output, present, workspace } from './reduce.js';

/** A normalisation over rows, as this file's ops describe theirs. */
interface Normalization extends Pick<NormalizeConfig, 'name' | 'method' | 'epsilon' | 'axes'> {
  readonly groups?: AxisGroups;
  /** Where inputs 1 and 2 lie in a layout of x, if they are parameters. */
  readonly parameters: (
    layout: Layout,
  ) => readonly { readonly layout: Layout; readonly placement: PlacementOf }[];
}

type PlacementOf = (view: TensorView) => Placement;

/** A parameter with a number per channel (or per group of channels). */
function perChannel(rank: number, groups?: AxisGroups): Normalization['parameters'] {
  const parameter = {
    layout: rowMajor(1),
    placement: (): Placement => ({ ...axisPlacement(rank, 1), groups }),
  };
  return () => [parameter, parameter];
}

/** Parameters that broadcast to x, laid out in the order of x so that both are read alike. */
function broadcast(types: NodeTypes): Normalization['parameters'] {
  const rank = present(types.inputs[0]).dims.length;
  return ({ order }) =>
    types.inputs.slice(1).map((type) => {
      const own = type?.dims.length ?? 0;
      const shift = rank - own;
      const axes = order.filter((axis) => axis >= shift).map((axis) => axis - shift);
      const plain = axes.every((axis, i) => axis === i);
      return {
        layout: plain ? rowMajor(own) : permutedLayout(`axes${axes.join('')}`, axes),
        placement: (view) => broadcastPlacement(view, rank),
      };
    });
}

/** The config for views; statistics are the second and third output. */
function configFor(
  what: Normalization,
  { inputs, outputs }: CandidateViews,
  layout: Layout,
  flops: number,
  maxGrid: number,
): Omit<NormalizeConfig, 'tile'> {
  const { parameters, ...own } = what;
  const x = present(inputs[0]);
  const places = parameters(layout);
  const [scale, bias] = [1, 2].map((i): RowParameter | undefined => {
    const view = inputs[i];
    return view && { view, placement: places[i - 1].placement(view) };
  });
  const row = (view: TensorView): RowParameter => {
    return { view, placement: reducedPlacement(view, x.dims.length, what.axes, true) };
  };
  const statistics = outputs.length > 1 ? { mean: row(outputs[1]), factor: row(outputs[2]) } : undefined;
  return { ...own, x, y: outputs[0], scale, bias, statistics, flops, maxGrid };
}

/** Candidates of a normalisation over rows, for every layout whose blocks fit its groups. */
function normalizations(
  op: Op,
  what: Normalization,
  types: NodeTypes,
  context: CandidateContext,
): readonly (Candidate | Refusal)[] {
  const { limits, features, storage } = context;
  const { inputs, outputs } = types;
  const { dims } = present(inputs[0]);
  const flops = op.flops(inputs, outputs);
  const best: Candidate[] = [];
  const others: Candidate[] = [];
  const always: Candidate[] = [];
  const refusals: Refusal[] = [];
  for (const kind of kindsFor(dims.length)) {
    const layout = layoutOf(kind, dims.length);
    const space = rowSpace(dims, layout, what.axes, what.groups);
    if (!space) {
      refusals.push({
        id: `${what.name}_${layout.name.toLowerCase()}`,
        refused: `groups of ${what.groups?.size} channels do not fall together with blocks of 4`,
      });
      continue;
    }
    const layouts = [layout, ...what.parameters(layout).map((parameter) => parameter.layout)];
    const results = outputs.map((_, i) => (i === 0 ? layout : rowMajor(dims.length)));
    const views: CandidateViews = {
      inputs: inputs.map((type, i) => {
        return type && { dims: type.dims, layout: layouts[i], type: gpuTypeOf(type.dtype, storage) };
      }),
      outputs: outputs.map((type, i) => {
        return { dims: type.dims, layout: results[i], type: gpuTypeOf(type.dtype, storage) };
      }),
    };
    const base = configFor(what, views, layout, flops, limits.maxGrid);
    const vectorOf = ({ x, y, statistics }: Pick<NormalizeConfig, 'x' | 'y' | 'statistics'>): 1 | 4 =>
      statistics && space.inner === 'kept' ? 1 : vectorFor(space, [placementOf(x), placementOf(y)]);
    const vector = vectorOf(base);
    const candidate = (
      id: string,
      build: (config: Omit<NormalizeConfig, 'tile'>, parameters: readonly Operand[]) => readonly KernelStep[],
      options: Partial<Candidate> = {},
    ): Candidate => ({
      id,
      inputs: inputs.map((type, i) => type && layouts[i]),
      outputs: results,
      workspace: [],
      partialOutput: true,
      ...options,
      build: (built) => {
        if (sizeOf(dims) === 0) return [];
        const parameters = [1, 2].filter((i) => inputs[i]).map(input);
        return build(configFor(what, built, layout, flops, limits.maxGrid), parameters);
      },
    });
    const operands = (parameters: readonly Operand[]): Operand[] => {
      return [input(0), ...parameters, ...outputs.map((_, i) => output(i))];
    };
    const residentAs = (wider: number, subgroup: number): Candidate | undefined => {
      const tile = residentTile(space, vector, limits, wider);
      if (!tile) return undefined;
      return candidate(residentNormalize({ ...base, tile, subgroup }).id, (config, parameters) => {
        // Parts of larger tensors may not divide into vectors.
        const fitting = vectorOf(config) === vector ? tile : residentTile(space, 1, limits, wider);
        const source = fitting
          ? residentNormalize({ ...config, tile: fitting, subgroup })
          : streamingNormalize({ ...config, tile: streamTile(space, 1, limits) });
        return [{ source, operands: operands(parameters) }];
      });
    };
    const resident = residentTile(space, vector, limits);
    const stream = streamTile(space, vector, limits);
    const chunked = chunkTile(space, vector, limits);
    const found: Candidate[] = [];
    const wanted = wantsChunks(space, resident ?? stream, chunked);
    const split =
      outputs.length === 1 && allowsChunks(space, resident ?? stream, chunked)
        ? candidate(
            splitNormalizeId({ ...base, tile: chunked }),
            (config, parameters) => splitSteps({ ...config, tile: chunked }, parameters),
            { workspace: splitNormalizeWorkspace({ ...base, tile: chunked }), partialOutput: false },
          )
        : undefined;
    if (split && wanted) found.push(split);
    const subgroup = subgroupFor(space, limits, features);
    const tiles = [[0, subgroup]];
    if (sizeOf(dims) >= WORTH_TUNING) tiles.push([0, 0], [1, subgroup], [-1, subgroup]);
    for (const [wider, lanes] of tiles) {
      const made = residentAs(wider, lanes);
      if (made && !found.some(({ id }) => id === made.id)) found.push(made);
    }
    if (split && !wanted) found.push(split);
    const streamed = candidate(streamingNormalize({ ...base, tile: stream }).id, (config, parameters) => {
      const tile = vectorOf(config) === vector ? stream : streamTile(space, 1, limits);
      return [{ source: streamingNormalize({ ...config, tile }), operands: operands(parameters) }];
    });
    if (found.length === 0) found.push(streamed);
    else always.push(streamed);
    best.push(found[0]);
    others.push(...found.slice(1));
  }
  return [...best, ...others, ...refusals, ...always.reverse()];
}

function splitSteps(config: NormalizeConfig, parameters: readonly Operand[]): readonly KernelStep[] {
  return [
    { source: partialNormalize(config), operands: [input(0), workspace(0)] },
    { source: combineNormalize(config), operands: [workspace(0), workspace(1)] },
    { source: applyNormalize(config), operands: [input(0), workspace(1), ...parameters, output(0)] },
  ];
}

function rankOf(types: NodeTypes): number {
  return present(types.inputs[0]).dims.length;
}

/** Axes from `axis` to the last. */
function axesFrom(axis: number, rank: number): number[] {
  return Array.from({ length: rank - axis }, (_, i) => axis + i);
}

const instance: CandidateProvider<InstanceNormalization> = (op, types, context) => {
  const rank = rankOf(types);
  const axes = otherAxes([0, 1], rank);
  const parameters = perChannel(rank);
  return normalizations(
    op,
    { name: 'instancenorm', method: 'deviation', epsilon: op.epsilon, axes, parameters },
    types,
    context,
  );
};

const group: CandidateProvider<GroupNormalization> = (op, types, context) => {
  const rank = rankOf(types);
  const groups = { axis: 1, size: present(types.inputs[0]).dims[1] / op.groups };
  const axes = otherAxes([0, 1], rank);
  const parameters = perChannel(rank, op.affine === 'group' ? groups : undefined);
  return normalizations(
    op,
    { name: 'groupnorm', method: 'deviation', epsilon: op.epsilon, axes, groups, parameters },
    types,
    context,
  );
};

const layer: CandidateProvider<LayerNormalization> = (op, types, context) => {
  const axes = axesFrom(op.axis, rankOf(types));
  const parameters = broadcast(types);
  return normalizations(
    op,
    { name: 'layernorm', method: 'deviation', epsilon: op.epsilon, axes, parameters },
    types,
    context,
  );
};

const rms: CandidateProvider<RMSNormalization> = (op, types, context) => {
  const axes = axesFrom(op.axis, rankOf(types));
  const parameters = broadcast(types);
  return normalizations(
    op,
    { name: 'rmsnorm', method: 'rms', epsilon: op.epsilon, axes, parameters },
    types,
    context,
  );
};

const meanVariance: CandidateProvider<MeanVarianceNormalization> = (op, types, context) =>
  normalizations(
    op,
    { name: 'mvn', method: 'deviation-plus', epsilon: MVN_EPSILON, axes: op.axes, parameters: () => [] },
    types,
    context,
  );

const lp: CandidateProvider<LpNormalization> = (op, types, context) => {
  const method = op.p === 1 ? 'l1' : 'l2';
  return normalizations(
    op,
    { name: `lpnorm${op.p}`, method, epsilon: 0, axes: [op.axis], parameters: () => [] },
    types,
    context,
  );
};

const batch: CandidateProvider<BatchNormalization> = (op, { inputs, outputs }, { limits, storage }) => {
  const { dims } = outputs[0];
  const channels = rowMajor(1);
  return kindsFor(dims.length).map((kind): Candidate => {
    const layout = layoutOf(kind, dims.length);
    const kernel = (views: CandidateViews): ReturnType<typeof batchNormalizeKernel> => {
      const [x, scale, bias, mean, variance] = views.inputs.map(present);
      const config: BatchNormalizeConfig = {
        x,
        y: views.outputs[0],
        parameters: { scale, bias, mean, variance },
        epsilon: op.epsilon,
        activation: op.activation,
        flops: op.flops(inputs, outputs),
        maxGrid: limits.maxGrid,
      };
      return batchNormalizeKernel(config);
    };
    const plain: CandidateViews = {
      inputs: inputs.map((type, i) => {
        return (
          type && {
            dims: type.dims,
            layout: i === 0 ? layout : channels,
            type: gpuTypeOf(type.dtype, storage),
          }
        );
      }),
      outputs: [{ dims, layout, type: gpuTypeOf(outputs[0].dtype, storage) }],
    };
    return {
      id: kernel(plain).id,
      inputs: inputs.map((_, i) => (i === 0 ? layout : channels)),
      outputs: [layout],
      workspace: [],
      partialOutput: true,
      build: (views) =>
        sizeOf(dims) === 0
          ? []
          : [{ source: kernel(views), operands: [0, 1, 2, 3, 4].map(input).concat(output(0)) }],
    };
  });
};

const lrn: CandidateProvider<LRN> = (op, { inputs, outputs: [type] }, { limits, storage }) => {
  const { size, alpha, beta, bias } = op;
  if (alpha < 0 || bias < 0) {
    return [
      { id: 'lrn', refused: 'a negative alpha or bias needs powers of negative numbers, which GPUs lack' },
    ];
  }
  const best: Candidate[] = [];
  const naive: Candidate[] = [];
  for (const kind of kindsFor(type.dims.length)) {
    const layout = layoutOf(kind, type.dims.length);
    const view: TensorView = { dims: type.dims, layout, type: gpuTypeOf(type.dtype, storage) };
    const flops = op.flops(inputs);
    const config = (x: TensorView, y: TensorView): LrnConfig => {
      return { x, y, size, alpha, beta, bias, flops, maxGrid: limits.maxGrid };
    };
    const candidate = (body?: 'naive'): Candidate => ({
      id: lrnKernel(config(view, view), body).id,
      inputs: [layout],
      outputs: [layout],
      workspace: [],
      partialOutput: true,
      build: ({ inputs: [x], outputs: [y] }) =>
        sizeOf(type.dims) === 0
          ? []
          : [{ source: lrnKernel(config(present(x), y), body), operands: [input(0), output(0)] }],
    });
    best.push(candidate());
    if (lrnBody(config(view, view)) !== 'naive') naive.push(candidate('naive'));
  }
  return [...best, ...naive];
};

export const normalizationOps: readonly CandidateEntry[] = [
  entry(BatchNormalization, batch),
  entry(InstanceNormalization, instance),
  entry(GroupNormalization, group),
  entry(LayerNormalization, layer),
  entry(RMSNormalization, rms),
  entry(MeanVarianceNormalization, meanVariance),
  entry(LpNormalization, lp),
  entry(LRN, lrn),
];
