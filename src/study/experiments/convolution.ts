/**
 * The paper's first experiment: convolutions in every layout and by every method, and sweeps over batch sizes and channels,
 * from which its two thresholds are read (SC 2016, section IV.A).
 */
import type { Candidate } from '../../candidates/candidate.js';
import { LAYOUT_KINDS, layoutOf } from '../../tensor/index.js';
import { spreadOf } from '../../tune/timing/measure.js';
import { thresholdsFrom, type Sweep } from '../../tune/profile/thresholds.js';
import type { ThresholdSample } from '../../tune/profile/profile.js';
import type { Tell } from '../bench.js';
import { convCase, type ConvLayer } from '../layers.js';
import type { ConvolutionResults, Entry, LayerResult, Refused, SweepPoint } from '../results.js';
import {
  boxAt,
  firstOfEach,
  timeCase,
  timeChecked,
  checkCandidate,
  typed,
  waysOf,
  type Checked,
  type Study,
  type TypedCase,
  type Way,
} from '../study.js';

/** The share of the experiment that the layers take; the sweeps take the rest. */
const LAYERS_SHARE = 0.8;

export async function studyConvolution(study: Study, tell: Tell): Promise<ConvolutionResults> {
  const { convolutions, sweep } = study.scale;
  const layers: LayerResult[] = [];
  for (const [i, layer] of convolutions.entries()) {
    layers.push(
      await studyLayer(study, layer, (what, share) => {
        tell(`${layer.name}, ${what}`, (LAYERS_SHARE * (i + share)) / convolutions.length);
      }),
    );
  }
  const sweeps = await studySweeps(study, sweep, (what, share) => {
    tell(what, LAYERS_SHARE + (1 - LAYERS_SHARE) * share);
  });
  return { layers, ...sweeps };
}

function studyLayer(study: Study, layer: ConvLayer, tell: Tell): Promise<LayerResult> {
  const given = typedConv(layer);
  const { candidates, refused } = waysOf(given, study.context);
  const ways = candidates.filter(staysInLayout).map((candidate): Way => ({
    method: methodOf(candidate.id),
    layout: candidate.outputs[0].name,
    candidate,
  }));
  const shown = firstOfEach(ways.filter(({ method }) => method !== 'naive'));
  return timeCase(study, given, shown, reasonsOf(refused, shown), tell);
}

/**
 * What tells a kernel from others of its op and layout, without its sizes: `winograd` of
 * `conv_nhwc_winograd_f4x4_t64x64x16r8_f32`, `patch` of `maxpool_chwn_patch2x1_f32`.
 */
export function methodOf(id: string): string {
  const words = id
    .split('_')
    .slice(2, -1)
    .map((token) => (token === 'im2col' || !/\d/.test(token) ? token : (/^[a-z]{3,}/.exec(token)?.[0] ?? '')))
    .filter((word) => word !== '');
  // How many parts a sum is cut into is a size too, but for kernels that are named by it.
  const [first, ...rest] = words;
  return [first ?? 'plain', ...rest.filter((word) => word !== 'split')].join(' ');
}

/** Why methods that apply in no layout do not, by their first reasons. */
function reasonsOf(
  refused: readonly { readonly id: string; readonly refused: string }[],
  shown: readonly Way[],
): Refused[] {
  const layouts = LAYOUT_KINDS.map((kind) => layoutOf(kind, 4).name.toLowerCase());
  const reasons = new Map<string, string>();
  for (const { id, refused: reason } of refused) {
    // Those that change the layout have two of them in their names.
    const [, , second] = id.split('_');
    const method = methodOf(id);
    if (layouts.includes(second) || reasons.has(method)) continue;
    if (!shown.some((way) => way.method === method)) reasons.set(method, reason);
  }
  return Array.from(reasons, ([method, reason]) => ({ method, reason }));
}

function staysInLayout({ inputs: [x], outputs: [y] }: Candidate): boolean {
  return x?.name === y.name;
}

/** The convolution, and what an element of its output depends on. */
export function typedConv(layer: ConvLayer): TypedCase {
  const { channels, kernel, stride } = layer;
  return typed(convCase(layer), ([n, filter, row, column]) => ({
    boxes: [
      boxAt([n, 0, row * stride, column * stride], [1, channels, kernel, kernel]),
      boxAt([filter, 0, 0, 0], [1, channels, kernel, kernel]),
      boxAt([filter], [1]),
    ],
    at: [0, 0, 0, 0],
  }));
}

/** The layouts that sweeps compare: the rule's two, and the one that tensor cores want. */
const SWEEP_LAYOUTS = ['NCHW', 'NHWC', 'CHWN'] as const;

async function studySweeps(
  study: Study,
  sweep: Sweep,
  tell: Tell,
): Promise<Omit<ConvolutionResults, 'layers'>> {
  const { batches, channels, fixedChannels, largestBatch, size, kernel, outChannels } = sweep;
  const overBatches = await studyPoints(
    study,
    sweep,
    batches.map((n) => ({ n, c: fixedChannels })),
    (what, share) => {
      tell(`batch sizes, ${what}`, share / 2);
    },
  );
  // Beyond Nt the rule takes CHWN for its batch, and nothing could be learned about Ct.
  const samples = thresholdSamples(overBatches);
  const batch = samples.length > 0 ? thresholdsFrom(samples).batch : Infinity;
  const below = batches.filter((size) => size < batch && size <= largestBatch);
  const n = below.at(-1) ?? largestBatch;
  const overChannels = await studyPoints(
    study,
    sweep,
    channels.map((c) => ({ n, c })),
    (what, share) => {
      tell(`channels, ${what}`, 0.5 + share / 2);
    },
  );
  return {
    sweepShape: `${outChannels} filters of ${kernel}x${kernel} on images of ${size}x${size}`,
    batches: overBatches,
    channels: overChannels,
  };
}

/** The points at which both of the rule's layouts were timed, as the rule's thresholds are read from them. */
export function thresholdSamples(points: readonly SweepPoint[]): ThresholdSample[] {
  return points.flatMap(({ n, c, entries }) => {
    const [nchw, chwn] = ['NCHW', 'CHWN'].map((layout) => medianIn(entries, layout));
    return nchw === undefined || chwn === undefined ? [] : [{ n, c, nchw, chwn }];
  });
}

function medianIn(entries: readonly Entry[], layout: string): number | undefined {
  const entry = entries.find((one) => one.layout === layout && one.cold.length > 0);
  return entry && spreadOf(entry.cold).median;
}

/** The first kernel of each layout at every point, all in turn. */
async function studyPoints(
  study: Study,
  { outChannels, size, kernel }: Sweep,
  points: readonly { readonly n: number; readonly c: number }[],
  tell: Tell,
): Promise<SweepPoint[]> {
  const checked: (Checked & { readonly point: number })[] = [];
  for (const [point, { n, c }] of points.entries()) {
    const layer = { name: '', network: '', n, filters: outChannels, size, kernel, channels: c, stride: 1 };
    const given = typedConv(layer);
    const { candidates } = waysOf(given, study.context);
    for (const layout of SWEEP_LAYOUTS) {
      const candidate = candidates.find(
        (one) => !one.baseline && staysInLayout(one) && one.outputs[0].name === layout,
      );
      if (!candidate) continue;
      tell(`checking N = ${n}, C = ${c}`, (0.4 * point) / points.length);
      const way = { method: methodOf(candidate.id), layout, candidate };
      checked.push({ ...(await checkCandidate(study, given, way)), point });
    }
  }
  const entries = await timeChecked(study, checked, (what, share) => {
    tell(what, 0.4 + 0.6 * share);
  });
  return points.map(({ n, c }, point) => ({
    n,
    c,
    entries: entries.filter((_, i) => checked[i].point === point),
  }));
}
