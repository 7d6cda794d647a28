/**
 * y[i] = f(a[i], b[i], ...) with broadcasting, in any layout: the one kernel of all element-wise ops.
 *
 * Invocations walk y in the order of its memory, four neighbours each (one where the element count is odd), several
 * such groups a workgroup apart: all loads are issued before the first store, which keeps enough of them in flight.
 * An operand like y is read as vec4, one that repeats is read once per group where the four elements agree, and
 * element by element otherwise: such operands are small and stay in cache.
 */
import type { GpuType, KernelBinding, WgslKernel } from '../../devices/gpu.js';
import { physicalDims, sizeOf } from '../../tensor/index.js';
import { idealBytes, type TensorView } from '../view.js';
import { alias, bindings, constants, foldedGrid, kernelText, layoutTag, WORKGROUP } from '../wgsl.js';
import { accessOf, addressOf, walkOf, type Access, type Operand, type Walk } from './addresses.js';
import type { Lane } from './values.js';

/** An operand, and the type that f takes it in. */
export interface MapInput extends Operand {
  readonly lane: Lane;
}

export interface MapConfig {
  /** What the kernel does, for its id. */
  readonly name: string;
  /** WGSL of `fn f`, with a parameter per input, of its lane. */
  readonly fn: string;
  readonly inputs: readonly MapInput[];
  readonly output: TensorView;
  /** The type that f returns. */
  readonly lane: Lane;
  readonly flops: number;
  readonly maxGrid: number;
  /** Groups of elements per invocation; `itemsFor` when left out. At least 1. */
  readonly items?: number | undefined;
}

const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let start = (wid.x + wid.y * GRID_X) * (WORKGROUP * ITEMS) + lane;
  var held: array<Out, ITEMS>;
  for (var k = 0u; k < ITEMS; k++) { held[k] = element(min(start + k * WORKGROUP, COUNT - 1u)); }
  for (var k = 0u; k < ITEMS; k++) {
    let i = start + k * WORKGROUP;
    if (i < COUNT) { y[y_address(i)] = held[k]; }
  }
}
`;

/** Invocations from which on more work goes into each of them: about as many as a large GPU runs at once. */
const FULL = 2 ** 18;

/** Groups per invocation: as many, up to 4, as leave the device full of invocations. */
export function itemsFor(groups: number): number {
  return [4, 2].find((items) => groups / items >= FULL) ?? 1;
}

/** What a config comes to before any text is written. */
interface MapPlan {
  readonly output: Walk;
  readonly inputs: readonly { readonly walk: Walk; readonly access: Access }[];
  /** Elements per group: 4 or 1. */
  readonly unit: number;
  readonly groups: number;
  readonly items: number;
}

function planMap({ inputs, output, items }: MapConfig): MapPlan {
  const walk = walkOf({ view: output }, output);
  const size = sizeOf(physicalDims(output.layout, output.dims));
  const unit = size % 4 === 0 && accessOf(walk) === 'vector' ? 4 : 1;
  const groups = size / unit;
  return {
    output: walk,
    inputs: inputs.map((input) => {
      const own = walkOf(input, output);
      return { walk: own, access: unit === 4 ? accessOf(own) : 'gather' };
    }),
    unit,
    groups,
    items: items ?? itemsFor(groups),
  };
}

/** The id: `add_nhwc_v4x2_f32`; `bcast` where an input is repeated, both types where they differ. */
export function mapId(config: MapConfig): string {
  return idOf(config, planMap(config));
}

function idOf({ name, inputs, output }: MapConfig, { unit, items }: MapPlan): string {
  const repeats = inputs.some(({ view }) => sizeOf(view.dims) !== sizeOf(output.dims));
  const from = inputs.map(({ view }) => view.type).find((type) => type !== output.type);
  return [
    name,
    layoutTag(output.layout),
    ...(repeats ? ['bcast'] : []),
    `v${unit}x${items}`,
    ...(from ? [from] : []),
    output.type,
  ].join('_');
}

export function mapKernel(config: MapConfig): WgslKernel {
  const plan = planMap(config);
  const { inputs, output, lane, maxGrid } = config;
  const { unit, groups, items } = plan;
  const { grid, gridX } = foldedGrid(Math.ceil(groups / (WORKGROUP * items)), maxGrid);
  const vector = (type: string, wide = unit === 4): string => (wide ? `vec4<${type}>` : type);
  const list: (KernelBinding & { readonly element: string })[] = [
    ...inputs.map(({ view }, i) => ({
      name: `x${i}`,
      access: 'read' as const,
      element: vector(view.type, plan.inputs[i].access === 'vector'),
    })),
    { name: 'y', access: 'read_write', element: 'Out' },
  ];
  const types: GpuType[] = [...inputs.map(({ view }) => view.type), output.type];
  const outputAccess = unit === 4 ? 'vector' : 'gather';
  return {
    id: idOf(config, plan),
    wgsl: kernelText(
      types,
      [
        constants({ WORKGROUP, ITEMS: items, COUNT: groups, GRID_X: gridX }),
        alias('Out', vector(output.type)),
        bindings(list),
        ...inputs.map((input, i) => loadFunction(`x${i}`, input, plan.inputs[i], unit)),
        `fn y_address(i: u32) -> u32 { return ${addressOf(plan.output, outputAccess, 'i')}; }\n`,
        config.fn,
        paddingFunction(output, vector(lane)),
        elementFunction(inputs.length, lane, unit),
      ],
      BODY,
    ),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [WORKGROUP, 1, 1],
    grid,
    features: types.includes('f16') ? ['f16'] : [],
    workgroupBytes: 0,
    flops: config.flops,
    bytes: [...inputs.map(({ view }) => view), output].reduce((sum, view) => sum + idealBytes(view), 0),
  };
}

/** `fn NAME_load(i: u32)`: what the i-th group of elements reads of an input, in its lane. */
function loadFunction(
  name: string,
  { lane }: MapInput,
  { walk, access }: MapPlan['inputs'][number],
  unit: number,
): string {
  const at = (index: string): string => `${name}[${addressOf(walk, access, index)}]`;
  if (unit === 1) return `fn ${name}_load(i: u32) -> ${lane} { return ${lane}(${at('i')}); }\n`;
  const value =
    access === 'gather'
      ? [0, 1, 2, 3].map((k) => `${name}_one(4u * i + ${k}u)`).join(', ')
      : access === 'splat'
        ? `${lane}(${at('i')})`
        : at('i');
  const one =
    access === 'gather' ? `fn ${name}_one(i: u32) -> ${lane} { return ${lane}(${at('i')}); }\n` : '';
  return `${one}fn ${name}_load(i: u32) -> vec4<${lane}> { return vec4<${lane}>(${value}); }\n`;
}

/** `fn padded(v, i)`: v, with zeros where the i-th group lies in the padding of a blocked layout. */
function paddingFunction(output: TensorView, type: string): string {
  const { block } = output.layout;
  if (!block || output.dims[block.axis] % block.size === 0) {
    return `fn padded(v: ${type}, i: u32) -> ${type} { return v; }\n`;
  }
  const place = output.layout.order.indexOf(block.axis);
  const outer = physicalDims(output.layout, output.dims);
  const below = sizeOf(outer.slice(place + 1, -1));
  const channel = (i: string): string => `((${i}) / ${below}u % ${outer[place]}u) * ${block.size}u`;
  const channels = `${output.dims[block.axis]}u`;
  const inside = type.startsWith('vec4')
    ? `vec4<u32>(${channel('i')}) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(${channels})`
    : `${channel(`i / ${block.size}u`)} + i % ${block.size}u < ${channels}`;
  return `fn padded(v: ${type}, i: u32) -> ${type} { return select(${type}(0), v, ${inside}); }\n`;
}

/** `fn element(i: u32) -> Out`: f of what the i-th group reads, component by component. */
function elementFunction(inputs: number, lane: Lane, unit: number): string {
  const names = Array.from({ length: inputs }, (_, i) => `v${i}`);
  const loads = names.map((name, i) => `  let ${name} = x${i}_load(i);\n`).join('');
  const call = (component: string): string => `f(${names.map((name) => name + component).join(', ')})`;
  const value =
    unit === 1 ? call('') : `vec4<${lane}>(${['.x', '.y', '.z', '.w'].map((part) => call(part)).join(', ')})`;
  return `fn element(i: u32) -> Out {\n${loads}  return Out(padded(${value}, i));\n}\n`;
}
