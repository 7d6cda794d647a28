/** The types of WGSL, and their names in the generated CUDA C++. */
import type { TypeNode } from './ast.js';
import { unsupported } from './errors.js';

/** `int` and `float` are WGSL's abstract numbers: constants that take the type of what they meet. */
export type Scalar = 'f32' | 'f16' | 'i32' | 'u32' | 'bool' | 'int' | 'float';

export interface ScalarType {
  readonly kind: 'scalar';
  readonly scalar: Scalar;
}
export interface VectorType {
  readonly kind: 'vector';
  readonly size: number;
  readonly scalar: Scalar;
}
export interface StructType {
  readonly kind: 'struct';
  /** Name in CUDA. */
  readonly name: string;
  readonly members: readonly { readonly name: string; readonly safe: string; readonly type: Type }[];
}
export interface ArrayType {
  readonly kind: 'array';
  readonly of: Type;
  /** 0 for a runtime-sized array. */
  readonly count: number;
}
export interface PointerType {
  readonly kind: 'pointer';
  readonly to: Type;
  readonly readOnly: boolean;
}
/** A subgroup matrix of 16x16: operands in f16, sums in f32. */
export interface MatrixType {
  readonly kind: 'matrix';
  readonly role: MatrixRole;
}
export type MatrixRole = 'left' | 'right' | 'result';
export type Type =
  | ScalarType
  | VectorType
  | StructType
  | ArrayType
  | PointerType
  | MatrixType
  | { readonly kind: 'atomic'; readonly scalar: Scalar }
  | { readonly kind: 'void' };

export const VOID: Type = { kind: 'void' };

export function scalarType(scalar: Scalar): ScalarType {
  return { kind: 'scalar', scalar };
}

export function vectorType(size: number, scalar: Scalar): VectorType {
  return { kind: 'vector', size, scalar };
}

const SCALARS: readonly string[] = ['f32', 'f16', 'i32', 'u32', 'bool'];
const SUFFIXES: Readonly<Record<string, Scalar>> = { f: 'f32', h: 'f16', i: 'i32', u: 'u32' };

/**
 * The type that was written.
 * @param struct finds a struct by its name in WGSL
 * @throws UnsupportedError for matrices, textures and whatever else kernels do without
 */
export function typeOf(node: TypeNode, struct: (name: string) => StructType | undefined): Type {
  const { name, of } = node;
  if (SCALARS.includes(name)) return scalarType(name as Scalar);
  const vector = /^vec([234])([fhiu]?)$/.exec(name);
  if (vector) {
    const scalar = of ? of.name : SUFFIXES[vector[2]];
    if (!scalar || !SCALARS.includes(scalar)) throw unsupported(`type ${name}<${of?.name ?? '?'}>`);
    return vectorType(Number(vector[1]), scalar as Scalar);
  }
  if (name === 'array' && of) return { kind: 'array', of: typeOf(of, struct), count: arrayCount(node) };
  if (name === 'atomic' && of) {
    if (of.name !== 'u32' && of.name !== 'i32') throw unsupported(`type atomic<${of.name}>`);
    return { kind: 'atomic', scalar: of.name };
  }
  if (name === 'ptr' && of) {
    const readOnly = node.space === 'uniform' || (node.space === 'storage' && node.access !== 'read_write');
    return { kind: 'pointer', to: typeOf(of, struct), readOnly };
  }
  const matrix = /^subgroup_matrix_(left|right|result)_(\w+)$/.exec(name);
  if (matrix) return matrixType(matrix[1] as MatrixRole, matrix[2]);
  const found = struct(name);
  if (!found) throw unsupported(`type ${name}`);
  return found;
}

function matrixType(role: MatrixRole, shape: string): MatrixType {
  if (shape !== (role === 'result' ? 'f32_16_16' : 'f16_16_16')) {
    throw unsupported(`type subgroup_matrix_${role}<${shape.replaceAll('_', ', ')}>`);
  }
  return { kind: 'matrix', role };
}

function arrayCount({ count }: TypeNode): number {
  if (count === undefined || !Number.isInteger(count) || count < 0) {
    throw unsupported('an array whose size is not a constant');
  }
  return count;
}

/** The type's name in CUDA: `vec4<f32>`, `Array<vec4<f32>, 8>`. */
export function cudaType(type: Type): string {
  switch (type.kind) {
    case 'scalar':
    case 'atomic':
      return cudaScalar(type.scalar);
    case 'vector':
      return `vec${type.size}<${cudaScalar(type.scalar)}>`;
    case 'array':
      if (type.count === 0) throw unsupported('a runtime-sized array as a value');
      return `Array<${cudaType(type.of)}, ${type.count}>`;
    case 'struct':
      return type.name;
    case 'matrix':
      return { left: 'MatrixLeft', right: 'MatrixRight', result: 'MatrixSums' }[type.role];
    case 'pointer':
      return `${type.readOnly ? 'const ' : ''}${cudaType(type.to)}*`;
    case 'void':
      return 'void';
  }
}

function cudaScalar(scalar: Scalar): string {
  if (scalar === 'int') return 'i32';
  return scalar === 'float' ? 'f32' : scalar;
}

/** The type as WGSL has it, for messages. */
export function wgslType(type: Type): string {
  if (type.kind === 'scalar' && isAbstract(type)) return `abstract ${type.scalar}`;
  if (type.kind === 'array') {
    return `array<${wgslType(type.of)}${type.count > 0 ? `, ${type.count}` : ''}>`;
  }
  if (type.kind === 'pointer') return `pointer to ${wgslType(type.to)}`;
  if (type.kind === 'atomic') return `atomic<${type.scalar}>`;
  if (type.kind === 'matrix') return `subgroup_matrix_${type.role}`;
  return cudaType(type);
}

export function sameType(a: Type, b: Type): boolean {
  return wgslType(a) === wgslType(b);
}

/** Whether it is an abstract number. */
export function isAbstract(type: Type): boolean {
  return type.kind === 'scalar' && (type.scalar === 'int' || type.scalar === 'float');
}

/** The element type of scalars, vectors and atomics. */
export function componentOf(type: Type): Scalar | undefined {
  return type.kind === 'scalar' || type.kind === 'vector' || type.kind === 'atomic' ? type.scalar : undefined;
}

export function isFloat(type: Type): boolean {
  return ['f32', 'f16', 'float'].includes(componentOf(type) ?? '');
}

/** Whether a type in storage lies in CUDA as it does in WGSL: a vec3 before a scalar would not. */
export function checkStorable(type: Type, name: string): void {
  if (type.kind === 'array') checkStorable(type.of, name);
  if (componentOf(type) === 'bool') throw unsupported(`bool in storage variable ${name}`);
  if (type.kind === 'matrix') throw unsupported(`a matrix in storage variable ${name}`);
  if (type.kind !== 'struct') return;
  for (const member of type.members) {
    if (member.type.kind === 'vector' && member.type.size === 3) {
      throw unsupported(`a struct with a vec3 in storage variable ${name}`);
    }
    checkStorable(member.type, name);
  }
}
