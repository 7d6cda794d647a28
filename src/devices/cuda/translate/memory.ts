/** How variables lie in workgroup memory. */
import { unsupported } from './errors.js';
import { wgslType, type Type } from './types.js';

/** Bytes of a variable in workgroup memory, as both WGSL and the prelude lay it out. */
export function layoutOf(type: Type): { readonly bytes: number; readonly alignment: number } {
  switch (type.kind) {
    case 'scalar':
    case 'atomic': {
      const bytes = type.scalar === 'bool' ? 1 : type.scalar === 'f16' ? 2 : 4;
      return { bytes, alignment: bytes };
    }
    case 'vector': {
      const bytes = layoutOf({ kind: 'scalar', scalar: type.scalar }).bytes * (type.size === 2 ? 2 : 4);
      return { bytes, alignment: bytes };
    }
    case 'array': {
      const { bytes, alignment } = layoutOf(type.of);
      return { bytes: bytes * type.count, alignment };
    }
    case 'struct': {
      const parts = type.members.map((one) => layoutOf(one.type));
      const alignment = Math.max(...parts.map((part) => part.alignment));
      const end = parts.reduce((at, part) => roundUp(at, part.alignment) + part.bytes, 0);
      return { bytes: roundUp(end, alignment), alignment };
    }
    case 'pointer':
    case 'matrix':
    case 'void':
      throw unsupported(`workgroup memory for a ${wgslType(type)}`);
  }
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
