/**
 * What goes in front of a kernel's fixed WGSL body: constants, type aliases, bindings and index functions. A body
 * is written against these names and never glued together from pieces, so that it reads as WGSL.
 */
import type { GpuType, KernelBinding, WgslKernel } from '../devices/gpu.js';
import type { Layout } from '../tensor/index.js';
import { viewOffset, viewStrides, type TensorView } from './view.js';

/** Names of the parameters of index functions, by rank: the logical axes. */
const AXIS_NAMES: Readonly<Record<number, readonly string[]>> = {
  0: [],
  1: ['i'],
  2: ['n', 'c'],
  3: ['n', 'c', 'w'],
  4: ['n', 'c', 'h', 'w'],
  5: ['n', 'c', 'd', 'h', 'w'],
};

/** `n, c, h, w` for rank 4; `i0, i1, ...` for ranks above 5. */
export function axisNames(rank: number): readonly string[] {
  return AXIS_NAMES[rank] ?? Array.from({ length: rank }, (_, axis) => `i${axis}`);
}

/**
 * Constants: whole numbers become u32, others f32; booleans stay booleans.
 * Wrap in `{ f32: 2 }` or `{ i32: -1 }` to choose the type.
 */
export function constants(
  values: Readonly<Record<string, number | boolean | { readonly f32: number } | { readonly i32: number }>>,
): string {
  return Object.entries(values)
    .map(([name, value]) => `const ${name} = ${literal(value)};\n`)
    .join('');
}

function literal(value: number | boolean | { readonly f32: number } | { readonly i32: number }): string {
  if (typeof value === 'boolean') return `${value}`;
  if (typeof value === 'number') {
    if (Number.isInteger(value) && value >= 0) return `${value}u`;
    return floatLiteral(value);
  }
  return 'f32' in value ? floatLiteral(value.f32) : `i32(${value.i32})`;
}

/** An f32 literal; infinities, which WGSL has no words for, become the largest finite number. */
export function floatLiteral(value: number): string {
  const largest = 3.4028234663852886e38;
  const finite = Math.fround(Math.min(Math.max(value, -largest), largest));
  const text = `${finite}`;
  return `f32(${/[.e]/.test(text) ? text : `${text}.0`})`;
}

/** `alias Scalar = f16;` and the `enable` that f16 needs must come first: see `kernelText`. */
export function alias(name: string, type: string): string {
  return `alias ${name} = ${type};\n`;
}

/** Storage bindings in order, each `array<element>`: group 0, binding = position. */
export function bindings(list: readonly (KernelBinding & { readonly element: string })[]): string {
  return list
    .map(
      ({ name, access, element }, i) =>
        `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<${element}>;\n`,
    )
    .join('');
}

/**
 * `fn NAME_index(n: u32, c: u32, h: u32, w: u32) -> u32`: where the element at a logical index lies in the
 * view's buffer, in units of `unit` elements (4 for buffers of vec4; the innermost stride must be 1 and every
 * other stride and the offset divisible by it).
 */
export function indexFunction(name: string, view: TensorView, unit = 1): string {
  const names = axisNames(view.dims.length);
  const parameters = names.map((axis) => `${axis}: u32`).join(', ');
  return `fn ${name}_index(${parameters}) -> u32 { return ${indexExpression(view, names, unit)}; }\n`;
}

/** The expression of `indexFunction` for given coordinate expressions, each of type u32. */
export function indexExpression(view: TensorView, coordinates: readonly string[], unit = 1): string {
  const strides = viewStrides(view);
  const { block } = view.layout;
  const terms: string[] = [];
  const offset = viewOffset(view);
  if (offset > 0) terms.push(`${offset / unit}u`);
  for (const [axis, coordinate] of coordinates.entries()) {
    if (view.dims[axis] === 1 && !view.within) continue;
    if (block?.axis === axis) {
      terms.push(`(${coordinate}) / ${block.size}u * ${strides[axis] / unit}u`);
      if (unit === 1) terms.push(`(${coordinate}) % ${block.size}u`);
    } else if (strides[axis] % unit === 0) {
      const stride = strides[axis] / unit;
      terms.push(stride === 1 ? `(${coordinate})` : `(${coordinate}) * ${stride}u`);
    } else {
      terms.push(`(${coordinate}) / ${unit}u`);
    }
  }
  return terms.length > 0 ? terms.join(' + ') : '0u';
}

/**
 * `fn NAME_coords(i: u32) -> array<u32, RANK>`: the logical index of the i-th element when the view's dims are
 * walked in the layout's order, innermost fastest, so that neighbouring invocations touch neighbouring memory.
 * A blocked layout is walked with its blocks' elements innermost, over the padded extent: check `< dim` then.
 */
export function coordsFunction(name: string, view: TensorView): string {
  const rank = view.dims.length;
  if (rank === 0) return `fn ${name}_coords(i: u32) -> array<u32, 1> { return array<u32, 1>(0u); }\n`;
  const { block, order } = view.layout;
  const lines = ['var rest = i;', `var p: array<u32, ${rank}>;`];
  if (block) {
    lines.push(`let inner = rest % ${block.size}u;`, `rest = rest / ${block.size}u;`);
  }
  for (const [place, axis] of [...order.entries()].reverse()) {
    const extent = block?.axis === axis ? Math.ceil(view.dims[axis] / block.size) : view.dims[axis];
    const value = place === 0 ? 'rest' : `rest % ${extent}u`;
    lines.push(
      block?.axis === axis ? `p[${axis}] = (${value}) * ${block.size}u + inner;` : `p[${axis}] = ${value};`,
    );
    if (place > 0) lines.push(`rest = rest / ${extent}u;`);
  }
  lines.push('return p;');
  return `fn ${name}_coords(i: u32) -> array<u32, ${rank}> {\n  ${lines.join('\n  ')}\n}\n`;
}

/** `fn NAME_at(p: array<u32, RANK>) -> u32`: `indexFunction` for an index kept in an array. */
export function atFunction(name: string, view: TensorView): string {
  const rank = Math.max(view.dims.length, 1);
  const coordinates = view.dims.map((_, axis) => `p[${axis}]`);
  return `fn ${name}_at(p: array<u32, ${rank}>) -> u32 { return ${indexExpression(view, coordinates)}; }\n`;
}

/** The whole module: `enable`s, the generated prelude, then the fixed body. */
export function kernelText(types: readonly GpuType[], prelude: readonly string[], body: string): string {
  const enable = types.includes('f16') ? 'enable f16;\n' : '';
  return `${enable}${prelude.join('')}${body}`;
}

/** What a kernel is made of whose bindings are named by what they stand for. */
export interface BoundKernel<Role extends string> extends Pick<
  WgslKernel,
  'id' | 'workgroup' | 'grid' | 'flops' | 'bytes'
> {
  /** Element types of what is bound: f16 is a feature, and has to be enabled. */
  readonly types: readonly GpuType[];
  readonly bindings: readonly (KernelBinding & { readonly name: Role; readonly element: string })[];
  /** In front of the bindings: constants, and the aliases that bindings use. */
  readonly declarations: readonly string[];
  /** Behind the bindings. */
  readonly text: readonly string[];
  /** None when left out. */
  readonly workgroupBytes?: number;
}

/** A kernel, and what each of its bindings stands for. */
export function boundKernel<Role extends string>({
  types,
  bindings: list,
  declarations,
  text,
  workgroupBytes = 0,
  ...launch
}: BoundKernel<Role>): { readonly source: WgslKernel; readonly roles: readonly Role[] } {
  return {
    source: {
      ...launch,
      wgsl: kernelText(types, [...declarations, bindings(list)], text.join('')),
      bindings: list.map(({ name, access }) => ({ name, access })),
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes,
    },
    roles: list.map(({ name }) => name),
  };
}

/** 0 to count - 1: for texts that are written out. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** What WGSL calls the i-th element of a vector. */
export function elementName(i: number): string {
  return 'xyzw'.charAt(i);
}

/** Invocations per workgroup of kernels that have no reason for another number. */
export const WORKGROUP = 256;

/**
 * A grid of at least `count` workgroups that keeps every dimension within the device's limit, and the constant
 * that the body needs to undo the fold: `let group = wid.x + wid.y * GRID_X;`.
 */
export function foldedGrid(
  count: number,
  maxGrid: number,
): { grid: [number, number, number]; gridX: number } {
  const y = Math.max(1, Math.ceil(count / maxGrid));
  const x = Math.max(1, Math.ceil(count / y));
  return { grid: [x, y, 1], gridX: x };
}

/** A layout's part of a kernel id: its name in lower case. */
export function layoutTag(layout: Layout): string {
  return layout.name.toLowerCase();
}
