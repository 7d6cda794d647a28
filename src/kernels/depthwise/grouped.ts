/**
 * Convolution in groups of few channels (AlexNet's halves are not few; ResNeXt's 4 to 32 are), where a matrix product per
 * group would be mostly the padding of its tiles. An invocation computes a patch of positions for four output channels of
 * one group and keeps the sums in registers; per input channel (or four) it loads each element under the patch once.
 *
 * Access: NHWC and NCHW4c in vectors of four input channels, neighbouring invocations taking neighbouring output
 * channels; CHWN in vectors of images; elsewhere elements, neighbours along the innermost axis. Weights come from the
 * caches, in vectors of four output channels: once per row of the patch in NHWC, once per patch elsewhere.
 *
 * The patch is written out (`patchText`), so that all places in registers are constant.
 */
import { viewStrides } from '../view.js';
import { alias, constants, elementName, range } from '../wgsl.js';
import {
  PLACE_TEXT,
  meetingsAlong,
  patchKernel,
  residualText,
  type Patch,
  type PatchConfig,
  type PatchNumbering,
} from './launch.js';
import { product, vectorsAlong, type ConvGeometry } from '../conv/geometry.js';
import { channelsInnermost, liftedProblem, type ConvKernel, type ConvProblem } from '../conv/problem.js';
import { biasAndActivation } from '../conv/store.js';

/** What the elements of one access to x are. */
type GroupedKind = 'channels' | 'images' | 'single';

/** Input channels of a group up to which the kernel is offered. */
const MOST_CHANNELS = 32;

/** Taps of the largest window: the patch is written out. */
const MOST_TAPS = 25;

/** 32-bit registers for sums and a row of input. */
const REGISTERS = 144;

/** Heights and widths worth trying. */
export const GROUPED_HEIGHTS: readonly number[] = [1, 2, 3, 4, 6, 7, 8];
export const GROUPED_WIDTHS: readonly number[] = [1, 2, 3, 4, 6, 7, 8];

/** Patches to start from, the first that is legal; last of all one position. */
const PREFERRED: Readonly<Record<GroupedKind, readonly Patch[]>> = {
  channels: [
    { height: 2, width: 4 },
    { height: 2, width: 2 },
  ],
  images: [
    { height: 2, width: 2 },
    { height: 1, width: 2 },
  ],
  single: [
    { height: 8, width: 1 },
    { height: 4, width: 1 },
    { height: 2, width: 1 },
  ],
};

/** Of a lifted problem. */
function kindOf({ x, y, residual, geometry }: ConvProblem): GroupedKind {
  const views = [x, y, ...(residual ? [residual] : [])];
  const whole = (geometry.channels / geometry.group) % 4 === 0;
  if (whole && channelsInnermost(y) && views.every((view) => vectorsAlong(view, 1))) return 'channels';
  return y.layout.order.at(-1) === 0 && views.every((view) => vectorsAlong(view, 0)) ? 'images' : 'single';
}

/** Why the kernel does not apply, or undefined. */
export function groupedRefusal(problem: ConvProblem): string | undefined {
  const lifted = liftedProblem(problem);
  const { geometry, x, y } = lifted;
  const { group, channels, outChannels, kernel, input, output } = geometry;
  if (group === 1 || geometry.transposed) return 'there are no groups';
  if (product(x.dims) * outChannels === 0) return 'the input is empty';
  if (channels / group > MOST_CHANNELS) return `groups have more than ${MOST_CHANNELS} channels`;
  if ((outChannels / group) % 4 !== 0) return 'output channels of a group are no vectors of four';
  if (input[0] * output[0] * kernel[0] > 1) return 'there are three spatial axes';
  if (product(kernel) > MOST_TAPS) return `the window has more than ${MOST_TAPS} taps`;
  const blocked = x.layout.block ?? y.layout.block;
  return blocked && kindOf(lifted) !== 'channels'
    ? 'channels of a group do not fill blocks of four'
    : undefined;
}

/** Why a patch is of no use, or undefined. */
export function groupedPatchRefusal(problem: ConvProblem, { height, width }: Patch): string | undefined {
  const lifted = liftedProblem(problem);
  const { output } = lifted.geometry;
  const name = `a patch of ${height}x${width}`;
  if (height > output[1] || width > output[2]) return `${name} is larger than the output`;
  if (height * width === 1) return undefined;
  const kind = kindOf(lifted);
  const columns = meetingsAlong(lifted.geometry, 2, width).length;
  const registers = height * width * (kind === 'images' ? 16 : 4) + columns * (kind === 'single' ? 1 : 4);
  return registers > REGISTERS ? `${name} takes ${registers} registers` : undefined;
}

/** The default patch. */
export function groupedPatch(problem: ConvProblem): Patch {
  const wanted = PREFERRED[kindOf(liftedProblem(problem))];
  return wanted.find((patch) => groupedPatchRefusal(problem, patch) === undefined) ?? { height: 1, width: 1 };
}

const MAIN = /* wgsl */ `
fn x_at(inside: bool, at: u32) -> Wide {
  if (!inside) { return Wide(); }
  return Wide(x[at]);
}

// Of four output channels from c on.
fn weights(tap: u32, ci: u32, c: u32) -> vec4<f32> {
  return vec4<f32>(w[((tap * GROUP_CHANNELS + ci) * OUT_CHANNELS + c) / 4u]);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let place = place_of(wid.x + wid.y * GRID_X, t);
  if (place.used) { compute_patch(place); }
}
`;

const PUT_CHANNELS = /* wgsl */ `
fn put(n: u32, c: u32, h: u32, w: u32, v: vec4<f32>) {
  if (h >= OUT_H || w >= OUT_W) { return; }
  let sum = v + residual_at(n, c, h, w) + vec4<f32>(bias_at(c), bias_at(c + 1u), bias_at(c + 2u), bias_at(c + 3u));
  y[y_index(n, c, 0u, h, w)] =
    Stored(vec4<f32>(activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w)));
}
`;

const PUT_IMAGES = /* wgsl */ `
fn put(n: u32, c: u32, h: u32, w: u32, v: vec4<f32>) {
  if (h >= OUT_H || w >= OUT_W) { return; }
  let sum = v + residual_at(n, c, h, w) + bias_at(c);
  y[y_index(n, c, 0u, h, w)] =
    Stored(vec4<f32>(activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w)));
}
`;

const PUT_SINGLE = /* wgsl */ `
fn put(n: u32, c: u32, h: u32, w: u32, v: vec4<f32>) {
  if (h >= OUT_H || w >= OUT_W) { return; }
  for (var i = 0u; i < 4u; i++) {
    let sum = v[i] + residual_at(n, c + i, h, w) + bias_at(c + i);
    y[y_index(n, c + i, 0u, h, w)] = Stored(activation(sum));
  }
}
`;

const PUT: Readonly<Record<GroupedKind, string>> = {
  channels: PUT_CHANNELS,
  images: PUT_IMAGES,
  single: PUT_SINGLE,
};

/** A sum of a patch: its name, and its place in it. Of images there is one per output channel. */
interface Sum {
  readonly name: string;
  readonly i: number;
  readonly j: number;
  readonly channel: number;
}

/** `compute_patch(p)`: the outputs of a place. Rows and columns that no tap meets are not loaded. */
function patchText(geometry: ConvGeometry, { height, width }: Patch, kind: GroupedKind): string {
  const taps = geometry.kernel[2];
  const channels = kind === 'images' ? range(4) : [0];
  const sums = range(height).flatMap((i) =>
    range(width).flatMap((j) =>
      channels.map((channel): Sum => ({ name: `sum${i}_${j}_${channel}`, i, j, channel })),
    ),
  );
  const columns = meetingsAlong(geometry, 2, width);
  const weightsOf = (tap: number): string[] =>
    kind === 'channels'
      ? range(4).map((k) => `let w${tap}_${k} = weights(${tap}u, ci + ${k}u, p.c);`)
      : [`let w${tap} = weights(${tap}u, ci, p.c);`];
  const products = (i: number, j: number, tap: number, place: number): string[] =>
    kind === 'channels'
      ? [
          `sum${i}_${j}_0 += ${range(4)
            .map((k) => `x${place}.${elementName(k)} * w${tap}_${k}`)
            .join(' + ')};`,
        ]
      : channels.map((o) =>
          kind === 'images'
            ? `sum${i}_${j}_${o} += w${tap}.${elementName(o)} * x${place};`
            : `sum${i}_${j}_${o} += x${place} * w${tap};`,
        );
  const allTaps = range(geometry.kernel[1] * taps);
  const lines = [
    `let first = p.c / GROUP_OUT * GROUP_CHANNELS;`,
    ...sums.map(({ name }) => `var ${name} = vec4<f32>();`),
    ...columns.map(({ place }) => `let in${place} = !LEAVES_W || p.w + ${place}u < IN_W;`),
    `for (var ci = 0u; ci < GROUP_CHANNELS; ci += X_CHANNELS) {`,
    `  let at = x_index(p.n, first + ci, 0u, 0u, 0u) + p.h * X_ROW + p.w * X_COLUMN;`,
    ...(kind === 'channels' ? [] : allTaps.flatMap(weightsOf).map((line) => `  ${line}`)),
    ...meetingsAlong(geometry, 1, height).flatMap((row) => [
      `  {`,
      `    let inside = !LEAVES_H || p.h + ${row.place}u < IN_H;`,
      `    let row = at + ${row.place}u * X_ROW;`,
      ...columns.map(
        ({ place }) => `    let x${place} = x_at(inside && in${place}, row + ${place}u * X_COLUMN);`,
      ),
      ...row.pairs.flatMap(([i, kh]) => [
        ...(kind === 'channels'
          ? range(taps)
              .flatMap((kw) => weightsOf(kh * taps + kw))
              .map((line) => `    ${line}`)
          : []),
        ...columns.flatMap(({ place, pairs }) =>
          pairs.flatMap(([j, kw]) => products(i, j, kh * taps + kw, place).map((line) => `    ${line}`)),
        ),
      ]),
      `  }`,
    ]),
    `}`,
    ...sums.map(
      ({ name, i, j, channel }) => `put(p.n, p.c + ${channel}u, p.oh + ${i}u, p.ow + ${j}u, ${name});`,
    ),
  ];
  return `\nfn compute_patch(p: Place) {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}

function numberingOf({ geometry, y }: ConvProblem, kind: GroupedKind): PatchNumbering {
  const { batch, outChannels } = geometry;
  const fours = outChannels / 4;
  const innermost = y.layout.block ? undefined : y.layout.order.at(-1);
  if (innermost === 1) return { lanes: fours, planes: batch, laneC: 4 };
  if (innermost === 0) {
    const images = kind === 'images' ? 4 : 1;
    return { lanes: batch / images, planes: fours, laneN: images, planeC: fours, stepC: 4 };
  }
  return { lanes: 1, planes: batch * fours, planeC: fours, stepC: 4 };
}

/** The kernel; `groupedPatch` has the default patch. @throws RangeError for one that `groupedPatchRefusal` refuses */
export function groupedKernel(config: PatchConfig): ConvKernel {
  const { patch } = config;
  const problem = liftedProblem(config.problem);
  const { geometry, x, w } = problem;
  const kind = kindOf(problem);
  const refused = groupedPatchRefusal(problem, patch);
  if (refused !== undefined) throw new RangeError(refused);
  const unit = kind === 'single' ? 1 : 4;
  const strides = viewStrides(x);
  return patchKernel(
    { ...config, problem },
    {
      numbering: numberingOf(problem, kind),
      unit,
      weights: `vec4<${w.type}>`,
      declarations: [
        constants({
          GROUP_CHANNELS: geometry.channels / geometry.group,
          GROUP_OUT: geometry.outChannels / geometry.group,
          OUT_CHANNELS: geometry.outChannels,
          // Input channels of one element of x.
          X_CHANNELS: kind === 'channels' ? 4 : 1,
          X_ROW: strides[3] / unit,
          X_COLUMN: strides[4] / unit,
        }),
        alias('Stored', unit === 4 ? `vec4<${x.type}>` : x.type),
        alias('Wide', unit === 4 ? 'vec4<f32>' : 'f32'),
      ],
      text: [
        residualText(problem),
        biasAndActivation(problem),
        PUT[kind],
        PLACE_TEXT,
        patchText(geometry, patch, kind),
        MAIN,
      ],
    },
  );
}
