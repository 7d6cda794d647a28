/**
 * How products on tensor cores end: y = activation(alpha * product + what is added), 16 bytes of a row of y at a time where
 * y lies so, else element by element; or partial sums as they are, which the kernels of gemm/split.ts add up.
 */
import { GPU_TYPE_BYTES, type GpuType } from '../../devices/gpu.js';
import type { UnaryFunction } from '../../ops/unary.js';
import { activationText, floatText } from './activation.js';
import { CHUNK } from './tile.js';

/** Where a tensor that rows and columns of the product index lies. */
export interface MmaPlace {
  readonly type: GpuType;
  /** C++ for the element of `row` and `col` in the matrix of `place.batch`. */
  readonly at: string;
  /** Whether columns whose first is a multiple of a vector's elements are one aligned vector. */
  readonly vectors: boolean;
}

/** What is added to the product. */
export interface MmaAddend<Role extends string = string> extends MmaPlace {
  readonly name: Role;
  readonly scale: number;
  /** Whether all columns have the same number. */
  readonly repeated: boolean;
}

export interface MmaEndingConfig<Role extends string> {
  readonly y: MmaPlace;
  readonly addends: readonly MmaAddend<Role>[];
  readonly alpha: number;
  readonly activation: UnaryFunction | undefined;
}

/** What is behind a product's sums. */
export interface MmaEnding<Role extends string = string> {
  /** What is bound behind the operands, the last one written. */
  readonly bindings: readonly { readonly name: Role; readonly type: GpuType }[];
  /** Neighbours of a row that are stored at once: 4 or 8. */
  readonly width: number;
  /** The type `Ending`, whose members are the bindings, and `store(ending, place, row, col, values)`. */
  readonly text: string;
}

/** Elements of a vector of 16 bytes. */
export function lanesOf(type: GpuType): number {
  return CHUNK / GPU_TYPE_BYTES[type];
}

/** The C++ of an element's type: halves travel as bits. */
export function elementText(type: GpuType): string {
  return type === 'f16' ? 'unsigned short' : 'float';
}

/** Partial sums, in whole vectors of four: gemm/split.ts. */
export const MMA_PARTIAL: MmaEnding<'partial'> = {
  bindings: [{ name: 'partial', type: 'f32' }],
  width: 4,
  text: /* cuda */ `
struct Ending {
  float* partial;
};

__device__ __forceinline__ void store(const Ending& ending, const Place& place, unsigned row, unsigned col,
                                      const float (&values)[WIDTH]) {
  const unsigned long long line = (unsigned long long)(place.part * BATCHES + place.batch) * ROWS + row;
  float* const at = ending.partial + line * ((COLS + 3u) / 4u * 4u) + col;
  *reinterpret_cast<float4*>(at) = make_float4(values[0], values[1], values[2], values[3]);
}
`,
};

/** The ending in whole sums. */
export function mmaEnding<Role extends string>(config: MmaEndingConfig<Role>): MmaEnding<Role | 'y'> {
  const { y, addends, alpha, activation } = config;
  const bindings = [
    ...addends.map(({ name, type }) => ({ name, type })),
    { name: 'y' as const, type: y.type },
  ];
  const members = bindings.map(
    ({ name, type }) => `  ${name === 'y' ? '' : 'const '}${elementText(type)}* ${name};\n`,
  );
  return {
    bindings,
    width: lanesOf(y.type),
    text: [
      activationText(activation),
      `\nstruct Ending {\n${members.join('')}};\n`,
      MEMORY_TEXT,
      y.type === 'f16' ? STORE_HALVES : STORE_FLOATS,
      placesText(config),
      storeText(alpha, addends, y.vectors),
    ].join(''),
  };
}

function placesText<Role extends string>({ y, addends }: MmaEndingConfig<Role>): string {
  return [...addends, { ...y, name: 'y' }]
    .map(
      ({ name, at }) =>
        `\n__device__ __forceinline__ unsigned long long ${name}_at(const Place& place, unsigned row, unsigned col) {\n  return ${at};\n}\n`,
    )
    .join('');
}

const MEMORY_TEXT = /* cuda */ `
__device__ __forceinline__ float number(float x) { return x; }

// WIDTH numbers from an aligned place.
__device__ __forceinline__ void read_vector(float (&to)[WIDTH], const float* from) {
#pragma unroll
  for (unsigned i = 0u; i < WIDTH; i += 4u) {
    const float4 four = *reinterpret_cast<const float4*>(from + i);
    to[i] = four.x;
    to[i + 1u] = four.y;
    to[i + 2u] = four.z;
    to[i + 3u] = four.w;
  }
}
`;

const STORE_HALVES = /* cuda */ `
__device__ __forceinline__ float number(unsigned short bits) { return widened(bits); }

__device__ __forceinline__ void read_vector(float (&to)[WIDTH], const unsigned short* from) {
  const uint4 bits = *reinterpret_cast<const uint4*>(from);
  const unsigned words[4] = {bits.x, bits.y, bits.z, bits.w};
#pragma unroll
  for (unsigned i = 0u; i < 4u; i++) {
    to[2u * i] = widened((unsigned short)(words[i] & 0xffffu));
    to[2u * i + 1u] = widened((unsigned short)(words[i] >> 16u));
  }
}

__device__ __forceinline__ void write_vector(unsigned short* to, const float (&v)[WIDTH]) {
  *reinterpret_cast<uint4*>(to) =
      make_uint4(packed(v[0], v[1]), packed(v[2], v[3]), packed(v[4], v[5]), packed(v[6], v[7]));
}

__device__ __forceinline__ void write_number(unsigned short* to, float x) {
  *to = (unsigned short)(packed(x, 0.0f) & 0xffffu);
}
`;

const STORE_FLOATS = /* cuda */ `
__device__ __forceinline__ void write_vector(float* to, const float (&v)[WIDTH]) {
  *reinterpret_cast<float4*>(to) = make_float4(v[0], v[1], v[2], v[3]);
}

__device__ __forceinline__ void write_number(float* to, float x) { *to = x; }
`;

function storeText(alpha: number, addends: readonly MmaAddend[], vectors: boolean): string {
  return /* cuda */ `
__device__ __forceinline__ void store(const Ending& ending, const Place& place, unsigned row, unsigned col,
                                      const float (&values)[WIDTH]) {
  float sum[WIDTH];
#pragma unroll
  for (unsigned i = 0u; i < WIDTH; i++) sum[i] = ${alpha === 1 ? '' : `${floatText(alpha)} * `}values[i];
${addends.map(addendText).join('')}#pragma unroll
  for (unsigned i = 0u; i < WIDTH; i++) sum[i] = activation(sum[i]);
${vectors ? '  write_vector(ending.y + y_at(place, row, col), sum);' : WRITE_NUMBERS}
}
`;
}

// Unrolled, so that the sums stay in registers.
const WRITE_NUMBERS = `#pragma unroll
  for (unsigned i = 0u; i < WIDTH; i++) {
    if (col + i < COLS) write_number(ending.y + y_at(place, row, col + i), sum[i]);
  }`;

function addendText({ name, scale, repeated, vectors }: MmaAddend): string {
  const factor = scale === 1 ? '' : `${floatText(scale)} * `;
  const head = `  {\n    const auto* const from = ending.${name};\n`;
  if (repeated) {
    return `${head}    const float value = ${factor}number(from[${name}_at(place, row, col)]);\n#pragma unroll
    for (unsigned i = 0u; i < WIDTH; i++) sum[i] += value;\n  }\n`;
  }
  if (vectors) {
    return `${head}    float value[WIDTH];\n    read_vector(value, from + ${name}_at(place, row, col));\n#pragma unroll
    for (unsigned i = 0u; i < WIDTH; i++) sum[i] += ${factor}value[i];\n  }\n`;
  }
  return `${head}#pragma unroll
    for (unsigned i = 0u; i < WIDTH; i++) {
      if (col + i < COLS) sum[i] += ${factor}number(from[${name}_at(place, row, col + i)]);
    }\n  }\n`;
}
