/**
 * Depthwise convolution, a patch of outputs per invocation: every output channel sees one input channel, so nothing is
 * reused but the windows' overlap, and memory bounds the time. An invocation loads each input element under its patch once
 * and adds it, from its register, to every output whose window has it (section IV.B of the paper, for pooling); the
 * weights stay in registers, too.
 *
 * Access: NHWC and NCHW4c in vectors of channels, CHWN in vectors of images, of 16 bytes: four floats or eight halves.
 * Elsewhere neighbouring invocations take neighbouring elements. A workgroup has a rectangle of patches, whose shared
 * rows and columns meet in L1.
 *
 * The patch is written out (`patchText`): all its loads are independent, and all places in registers constant.
 */
import { unaryWgsl } from '../elementwise/functions.js';
import { viewStrides } from '../view.js';
import { alias, constants, range } from '../wgsl.js';
import {
  PLACE_TEXT,
  meetingsAlong,
  patchKernel,
  type Patch,
  type PatchConfig,
  type PatchNumbering,
} from './launch.js';
import { MOST_TAPS, accessOf, patchRefusal, type DepthwiseAccess } from './patches.js';
import { product, type ConvGeometry } from '../conv/geometry.js';
import { liftedProblem, type ConvKernel, type ConvProblem } from '../conv/problem.js';

/** Why the kernel does not apply, or undefined. */
export function depthwisePatchRefusal(problem: ConvProblem): string | undefined {
  const lifted = liftedProblem(problem);
  const { geometry, x, y } = lifted;
  const { group, channels, outChannels, kernel, input, output } = geometry;
  if (group !== channels || geometry.transposed) return 'groups have more than one channel';
  if (product(x.dims) * outChannels === 0) return 'the input is empty';
  if (input[0] * output[0] * kernel[0] > 1) return 'there are three spatial axes';
  if (product(kernel) > MOST_TAPS) return `the window has more than ${MOST_TAPS} taps`;
  const blocked = x.layout.block ?? y.layout.block;
  return blocked && accessOf(lifted).elements === 1 ? 'channels do not fill blocks of four' : undefined;
}

const LOAD_INSIDE = /* wgsl */ `
fn x_at(inside: bool, at: u32) -> Wide {
  if (!inside) { return Wide(); }
  return wide(x[at]);
}
`;

const LOAD_AND_SELECT = /* wgsl */ `
fn x_at(inside: bool, at: u32) -> Wide {
  let v = x[select(0u, at, inside)];
  return wide(select(Stored(), v, inside));
}
`;

const MAIN = /* wgsl */ `
fn put(n: u32, c: u32, h: u32, w: u32, sum: Wide) {
  if (h >= OUT_H || w >= OUT_W) { return; }
  y[y_index(n, c, 0u, h, w)] = narrow(activated(added(sum, n, c, h, w)));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let place = place_of(wid.x + wid.y * GRID_X, t);
  if (!place.used) { return; }
  let plane = x_index(place.n, place.c / MULTIPLIER, 0u, 0u, 0u);
  compute_patch(place, plane + place.h * X_ROW + place.w * X_COLUMN);
}
`;

/** Of one element, or of four in a vector. */
const NARROW_VALUES = /* wgsl */ `
fn wide(v: Stored) -> Wide { return Wide(v); }

fn narrow(v: Wide) -> Stored { return Stored(v); }

fn splat(v: f32) -> Wide { return Wide(v); }

fn plus(a: Wide, b: Wide) -> Wide { return a + b; }

fn madd(sum: Wide, weight: Wide, v: Wide) -> Wide { return sum + weight * v; }
`;

const ACTIVATED_ONE = /* wgsl */ `
fn activated(v: Wide) -> Wide { return activation(v); }
`;

const ACTIVATED_FOUR = /* wgsl */ `
fn activated(v: Wide) -> Wide {
  return Wide(activation(v.x), activation(v.y), activation(v.z), activation(v.w));
}
`;

/** Eight halves of 16 bytes as two vectors of floats. */
const EIGHT_VALUES = /* wgsl */ `
fn wide(v: Stored) -> Wide {
  return Wide(vec4<f32>(bitcast<Halves>(v.xy)), vec4<f32>(bitcast<Halves>(v.zw)));
}

fn narrow(v: Wide) -> Stored {
  return Stored(bitcast<Words>(Halves(v.a)), bitcast<Words>(Halves(v.b)));
}

fn splat(v: f32) -> Wide { return Wide(vec4<f32>(v), vec4<f32>(v)); }

fn plus(a: Wide, b: Wide) -> Wide { return Wide(a.a + b.a, a.b + b.b); }

fn madd(sum: Wide, weight: Wide, v: Wide) -> Wide {
  return Wide(sum.a + weight.a * v.a, sum.b + weight.b * v.b);
}

fn activated_four(v: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(activation(v.x), activation(v.y), activation(v.z), activation(v.w));
}

fn activated(v: Wide) -> Wide { return Wide(activated_four(v.a), activated_four(v.b)); }
`;

/**
 * `compute_patch(p, at)`: the outputs of a place, whose windows begin at element `at` of x. Rows and columns that no tap
 * meets (dilation, wide strides) are not loaded. Stores come last: no load waits for one.
 */
function patchText(geometry: ConvGeometry, { height, width }: Patch): string {
  const { kernel } = geometry;
  const sums = range(height).flatMap((i) => range(width).map((j) => ({ name: `sum${i}_${j}`, i, j })));
  const columns = meetingsAlong(geometry, 2, width);
  const lines = [
    ...range(kernel[1] * kernel[2]).map((tap) => `let w${tap} = weight(${tap}u, p.c);`),
    ...sums.map(({ name }) => `var ${name} = bias_of(p.c);`),
    ...columns.map(({ place }) => `let in${place} = !LEAVES_W || p.w + ${place}u < IN_W;`),
    ...meetingsAlong(geometry, 1, height).flatMap((row) => [
      `{`,
      `  let inside = !LEAVES_H || p.h + ${row.place}u < IN_H;`,
      `  let row = at + ${row.place}u * X_ROW;`,
      ...columns.map(
        ({ place }) => `  let x${place} = x_at(inside && in${place}, row + ${place}u * X_COLUMN);`,
      ),
      ...row.pairs.flatMap(([i, kh]) =>
        columns.flatMap(({ place, pairs }) =>
          pairs.map(([j, kw]) => {
            const tap = kh * kernel[2] + kw;
            return `  sum${i}_${j} = madd(sum${i}_${j}, w${tap}, x${place});`;
          }),
        ),
      ),
      `}`,
    ]),
    ...sums.map(({ name, i, j }) => `put(p.n, p.c, p.oh + ${i}u, p.ow + ${j}u, ${name});`),
  ];
  return `\nfn compute_patch(p: Place, at: u32) {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}

function numberingOf({ geometry, y }: ConvProblem, { elements }: DepthwiseAccess): PatchNumbering {
  const { batch, outChannels } = geometry;
  if (y.layout.block) {
    const blocks = outChannels / elements;
    return { lanes: 1, planes: batch * blocks, planeC: blocks, stepC: elements };
  }
  const innermost = y.layout.order.at(-1);
  if (innermost === 0) {
    const lanes = batch / elements;
    return { lanes, planes: outChannels, laneN: elements, planeC: outChannels, stepC: 1 };
  }
  if (innermost === 1) return { lanes: outChannels / elements, planes: batch, laneC: elements };
  return { lanes: 1, planes: batch * outChannels, planeC: outChannels, stepC: 1 };
}

/** `Stored`, one access to memory, and `Wide`, its elements as floats. */
function valueTypes({ x: { type } }: ConvProblem, { elements }: DepthwiseAccess): string {
  switch (elements) {
    case 1:
      return alias('Stored', type) + alias('Wide', 'f32');
    case 4:
      return alias('Stored', `vec4<${type}>`) + alias('Wide', 'vec4<f32>');
    case 8:
      return [
        alias('Stored', 'vec4<u32>'),
        alias('Words', 'vec2<u32>'),
        alias('Halves', 'vec4<f16>'),
        'struct Wide { a: vec4<f32>, b: vec4<f32> }\n',
      ].join('');
  }
}

/** `weight(tap, c)`, `bias_of(c)` and `added(sum, n, c, h, w)`, the sum with the residual. */
function addends({ geometry, bias, residual }: ConvProblem, { along, elements }: DepthwiseAccess): string {
  const perChannel = (name: string, place: string): string =>
    along === 'channels' ? `wide(${name}[(${place}) / ${elements}u])` : `splat(f32(${name}[${place}]))`;
  const weight = perChannel('w', `tap * ${geometry.outChannels}u + c`);
  const more = residual ? 'plus(sum, wide(residual[residual_index(n, c, 0u, h, w)]))' : 'sum';
  return [
    `fn weight(tap: u32, c: u32) -> Wide { return ${weight}; }\n`,
    `fn bias_of(c: u32) -> Wide { return ${bias ? perChannel('bias', 'c') : 'Wide()'}; }\n`,
    `fn added(sum: Wide, n: u32, c: u32, h: u32, w: u32) -> Wide { return ${more}; }\n`,
  ].join('');
}

/** The kernel; `defaultPatch` has the default patch. @throws RangeError for one that `patchRefusal` refuses */
export function depthwisePatchKernel(config: PatchConfig): ConvKernel {
  const { patch, way } = config;
  const problem = liftedProblem(config.problem);
  const refused = patchRefusal(problem, patch, way?.elements);
  if (refused !== undefined) throw new RangeError(refused);
  const { geometry, x, w } = problem;
  const access = accessOf(problem, way?.elements);
  const unit = access.elements;
  const strides = viewStrides(x);
  const perChannel = access.along === 'channels' ? 'Stored' : undefined;
  return patchKernel(
    { ...config, problem },
    {
      numbering: numberingOf(problem, access),
      unit,
      weights: perChannel ?? w.type,
      bias: perChannel,
      declarations: [
        constants({
          MULTIPLIER: geometry.outChannels / geometry.channels,
          X_ROW: strides[3] / unit,
          X_COLUMN: strides[4] / unit,
        }),
        valueTypes(problem, access),
      ],
      text: [
        addends(problem, access),
        unaryWgsl('activation', problem.activation),
        unit === 8 ? EIGHT_VALUES : NARROW_VALUES,
        unit === 8 ? '' : unit === 4 ? ACTIVATED_FOUR : ACTIVATED_ONE,
        PLACE_TEXT,
        patchText(geometry, patch),
        way?.selects ? LOAD_AND_SELECT : LOAD_INSIDE,
        MAIN,
      ],
    },
  );
}
