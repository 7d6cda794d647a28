import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, LanewiseError, ShapeError, UnsupportedError } from '../../src/errors.js';
import { Tensor, createStorage, sizeOf, type DType } from '../../src/tensor/index.js';
import { isNpy, tensorFromNpy, tensorToNpy } from '../../src/tensor/npy.js';

/** Files as `numpy.lib.format.write_array` of NumPy 2.4 writes them. */
const NUMPY = {
  f32: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMA/AAAAwAAAQEAAAIBA',
  halfFortranV2:
    'k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjInLCAnZm9ydHJhbl9vcmRlcic6IFRydWUsICdzaGFwZSc6ICgyLCAzKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAPABEAEAARQBCAEY=',
  bigEndianV3:
    'k05VTVBZAwB0AAAAeydkZXNjcic6ICc+aTgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMywpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAf/////////+AAABAAAAAAA=',
  boolScalar:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoB',
  bigEndianFortran3d:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPnUyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAMAAQAEAAIABQAAQANAAUAEQAJABUAAgAOAAYAEgAKABYAAwAPAAcAEwALABc=',
  text: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPFUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAphAAAAYgAAAA==',
  record:
    'k05VTVBZAQB2AHsnZGVzY3InOiBbKCdhJywgJzxmNCcpXSwgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAA==',
};

function file(name: keyof typeof NUMPY): Uint8Array {
  return new Uint8Array(Buffer.from(NUMPY[name], 'base64'));
}

/** A version 1.0 file with the given header. */
function withHeader(text: string, data: readonly number[]): Uint8Array {
  return Uint8Array.from([
    0x93,
    ...Buffer.from('NUMPY'),
    1,
    0,
    text.length,
    0,
    ...Buffer.from(text),
    ...data,
  ]);
}

function outcomeOf(bytes: Uint8Array): unknown {
  try {
    return tensorFromNpy(bytes);
  } catch (error) {
    return error;
  }
}

describe('files of NumPy', () => {
  test('float32, version 1', () => {
    const tensor = tensorFromNpy(file('f32'));
    expect([tensor.dtype, tensor.dims, tensor.toNumbers()]).toEqual(['f32', [2, 2], [1.5, -2, 3, 4]]);
  });

  test('float16 in Fortran order, version 2', () => {
    const tensor = tensorFromNpy(file('halfFortranV2'));
    expect([tensor.dtype, tensor.dims, tensor.toNumbers()]).toEqual(['f16', [2, 3], [1, 2, 3, 4, 5, 6]]);
  });

  test('big-endian int64, version 3', () => {
    const tensor = tensorFromNpy(file('bigEndianV3'));
    expect([tensor.dtype, tensor.dims, tensor.toBigInts()]).toEqual(['i64', [3], [1n, -2n, 2n ** 40n]]);
  });

  test('a bool scalar', () => {
    const tensor = tensorFromNpy(file('boolScalar'));
    expect([tensor.dtype, tensor.dims, tensor.toNumbers()]).toEqual(['bool', [], [1]]);
  });

  test('big-endian uint16 in Fortran order, three dimensions', () => {
    const tensor = tensorFromNpy(file('bigEndianFortran3d'));
    expect(tensor.dims).toEqual([2, 3, 4]);
    expect(tensor.toNumbers()).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  test('what is written is what NumPy writes', () => {
    const tensor = Tensor.from('f32', [2, 2], [1.5, -2, 3, 4]);
    expect(Buffer.from(tensorToNpy(tensor)).toString('base64')).toBe(NUMPY.f32);
  });
});

describe('round trips', () => {
  const kept: DType[] = ['f64', 'f32', 'f16', 'i64', 'i32', 'i16', 'i8', 'u64', 'u32', 'u16', 'u8', 'bool'];

  test('every type that NumPy has keeps its bits and dims', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...kept),
        fc.array(fc.nat({ max: 4 }), { maxLength: 4 }),
        fc.uint8Array({ minLength: 2048, maxLength: 2048 }),
        (dtype, dims, noise) => {
          const tensor = new Tensor(dtype, dims);
          new Uint8Array(tensor.data.buffer).set(noise.subarray(0, tensor.data.byteLength));
          const back = tensorFromNpy(tensorToNpy(tensor));
          expect([back.dtype, back.dims]).toEqual([dtype, dims]);
          expect(new Uint8Array(back.data.buffer)).toEqual(new Uint8Array(tensor.data.buffer));
        },
      ),
    );
  });

  test.each([
    ['bf16', 'f32'],
    ['f8e4m3fn', 'f32'],
    ['f8e8m0', 'f32'],
    ['f4e2m1', 'f32'],
    ['i4', 'i8'],
    ['i2', 'i8'],
    ['u4', 'u8'],
    ['u2', 'u8'],
  ] as const)('%s is widened to %s without loss', (dtype, wide) => {
    const dims = [2, 2];
    const codes = createStorage(dtype, sizeOf(dims));
    codes.set([0, 1, 1, 0]);
    const tensor = new Tensor(dtype, dims, codes);
    const back = tensorFromNpy(tensorToNpy(tensor));
    expect(back.dtype).toBe(wide);
    expect(back.toNumbers()).toEqual(tensor.toNumbers());
  });

  test('a view that starts at an odd byte is read', () => {
    const bytes = file('f32');
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(tensorFromNpy(shifted.subarray(1)).toNumbers()).toEqual([1.5, -2, 3, 4]);
  });
});

test('a Buffer is read like other bytes, and left as it is', () => {
  const buffer = Buffer.from(NUMPY.bigEndianV3, 'base64');
  const before = buffer.toString('base64');
  expect(tensorFromNpy(buffer).toBigInts()).toEqual([1n, -2n, 2n ** 40n]);
  expect(buffer.toString('base64')).toBe(before);
});

describe('refusals', () => {
  test('text and records by name', () => {
    expect(() => tensorFromNpy(file('text'))).toThrow(UnsupportedError);
    expect(() => tensorFromNpy(file('text'))).toThrow('NumPy type "<U2"');
    expect(() => tensorFromNpy(file('record'))).toThrow('a record type');
  });

  test.each([
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }", FormatError],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999, 9), }", ShapeError],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", FormatError],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1.5,), }", FormatError],
    ["{'descr': '<f4', 'shape': (1,), }", FormatError],
    ["{'descr': 'constructor', 'fortran_order': False, 'shape': (), }", UnsupportedError],
  ])('%s', (text, errorClass) => {
    expect(() => tensorFromNpy(withHeader(text, [0, 0, 0, 0]))).toThrow(errorClass);
  });

  test('an unknown version', () => {
    const bytes = file('f32');
    bytes[6] = 4;
    expect(() => tensorFromNpy(bytes)).toThrow('version is 4');
  });

  test('every truncation is a clear error', () => {
    for (const name of ['f32', 'halfFortranV2', 'bigEndianV3'] as const) {
      const bytes = file(name);
      for (let length = 0; length < bytes.length; length++) {
        expect(() => tensorFromNpy(bytes.subarray(0, length))).toThrow(FormatError);
      }
    }
  });

  test('random damage never gives anything but a tensor or one of our errors', () => {
    const original = file('halfFortranV2');
    fc.assert(
      fc.property(fc.nat({ max: original.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        const bytes = Uint8Array.from(original);
        bytes[at] = byte;
        expect(outcomeOf(bytes)).toSatisfy(
          (outcome) => outcome instanceof Tensor || outcome instanceof LanewiseError,
        );
      }),
      { numRuns: 500 },
    );
  });

  test('other files are not taken for .npy', () => {
    expect(isNpy(new Uint8Array([0x89, 0x50, 0x4e, 0x47]))).toBe(false);
    expect(isNpy(file('f32'))).toBe(true);
  });
});
