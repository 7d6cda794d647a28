/**
 * Walking a tensor that is written, for kernels with one logical index per invocation: over its elements and, in a
 * blocked layout, over the padding that it must fill with zeros.
 */
import { physicalSize, sizeOf } from '../../tensor/index.js';
import type { TensorView } from '../view.js';
import { coordsFunction, indexExpression } from '../wgsl.js';

export interface WalkText {
  /** Steps of the walk: elements, or fours of them. */
  readonly count: number;
  /** `y_coords(i)`, `is_padding(p)`, `is_own_padding(p)`; p is the first element's index of a four. */
  readonly text: string;
}

/**
 * The walk over `y` in memory order.
 * @param unit 4 to go by fours along the innermost axis, whose length must be a multiple of 4 (padding included)
 */
export function walkOf(y: TensorView, unit: 1 | 4): WalkText {
  const { block } = y.layout;
  const rank = Math.max(y.dims.length, 1);
  const p = `p: array<u32, ${rank}>`;
  if (!block) {
    const inner = y.layout.order[y.layout.order.length - 1];
    const dims = y.dims.map((dim, axis) => (axis === inner ? dim / unit : dim));
    const coords = coordsFunction(unit === 1 ? 'y' : 'unit', { ...y, dims });
    const scaled = unit === 1 ? '' : scaledCoords(rank, inner, unit);
    return {
      count: sizeOf(dims),
      text: `${coords}${scaled}${paddingFunctions(p, 'false', 'false')}`,
    };
  }
  const { axis, size } = block;
  const extent = y.dims[axis];
  const first = y.within?.origin[axis] ?? 0;
  const whole = y.within?.dims[axis] ?? extent;
  // The last part of a larger tensor is the one that fills its padding.
  const last = first + extent === whole;
  const walked = last ? Math.ceil(whole / size) * size - first : extent;
  const dims = y.dims.map((dim, i) => (i === axis ? walked : dim));
  const padded = Math.ceil(walked / size) * size !== extent;
  return {
    count: physicalSize(y.layout, dims) / unit,
    text: [
      coordsFunction(unit === 1 ? 'y' : 'element', { ...y, dims }),
      unit === 1
        ? ''
        : `fn y_coords(i: u32) -> array<u32, ${rank}> { return element_coords(i * ${unit}u); }\n`,
      paddingFunctions(
        p,
        padded ? `p[${axis}] >= ${extent}u` : 'false',
        padded ? `p[${axis}] < ${walked}u` : 'false',
      ),
    ].join(''),
  };
}

/**
 * `fn NAME_at(p) -> u32`: where an element lies, also in parts that do not begin at a block's boundary.
 * @param unit 4 for the place of a four in a buffer of vec4s
 */
export function placeFunction(name: string, view: TensorView, unit: 1 | 4 = 1): string {
  const { layout, type, within } = view;
  const coordinates = view.dims.map((_, axis) => {
    const first = within?.origin[axis] ?? 0;
    return first === 0 ? `p[${axis}]` : `p[${axis}] + ${first}u`;
  });
  const place = indexExpression({ dims: within?.dims ?? view.dims, layout, type }, coordinates, unit);
  return `fn ${name}_at(p: array<u32, ${Math.max(view.dims.length, 1)}>) -> u32 { return ${place}; }\n`;
}

function scaledCoords(rank: number, axis: number, unit: number): string {
  return [
    `fn y_coords(i: u32) -> array<u32, ${rank}> {`,
    '  var p = unit_coords(i);',
    `  p[${axis}] = p[${axis}] * ${unit}u;`,
    '  return p;\n}\n',
  ].join('\n');
}

/** Whether an index lies beyond the tensor, and whether in padding that is this tensor's to fill. */
function paddingFunctions(p: string, padding: string, own: string): string {
  return (
    `fn is_padding(${p}) -> bool { return ${padding}; }\n` +
    `fn is_own_padding(${p}) -> bool { return ${own}; }\n`
  );
}
