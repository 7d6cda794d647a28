import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import * as fc from 'fast-check';
import { TensorProtoSchema, TensorProto_DataLocation as DataLocation, type TensorProto } from 'onnx-buf';
import { describe, expect, test } from 'vitest';
import { ExternalDataError, FormatError, LimitError, UnsupportedError } from '../../src/errors.js';
import { tensorFromPb, tensorToPb } from '../../src/onnx/index.js';
import { codeOfDType, dtypeOfCode, tensorFromProto, typeFromProto } from '../../src/onnx/tensor-proto.js';
import { DTYPES, Tensor, difference, type DType } from '../../src/tensor/index.js';

const DTYPE_NAMES = Object.keys(DTYPES) as DType[];
const EXACT = { relative: 0, absolute: 0 };

type Fields = MessageInitShape<typeof TensorProtoSchema>;

/** A TensorProto with ONNX's number for its type. */
function proto(dtype: DType, dims: bigint[], fields: Fields): TensorProto {
  return create(TensorProtoSchema, { name: 't', dataType: codeOfDType(dtype), dims, ...fields });
}

test.each(DTYPE_NAMES)('%s has a number, and tensors of it read back as they were written', (dtype) => {
  expect(dtypeOfCode(codeOfDType(dtype), 'test')).toBe(dtype);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -8, max: 7 }), { maxLength: 20 }), (values) => {
      const tensor = Tensor.from(dtype, [values.length], values);
      const read = tensorFromPb(tensorToPb('t', tensor));
      expect(read.name).toBe('t');
      expect(difference(read.tensor, tensor, EXACT)).toBeUndefined();
    }),
    { seed: 1, numRuns: 30 },
  );
});

describe('the typed fields of older files', () => {
  test.each<[DType, Fields, number[]]>([
    ['f32', { floatData: [1.5, -2, NaN] }, [1.5, -2, NaN]],
    ['f64', { doubleData: [1e300, 0.1, Infinity] }, [1e300, 0.1, Infinity]],
    ['i64', { int64Data: [1n, -(2n ** 53n), 3n] }, [1, -(2 ** 53), 3]],
    ['u64', { uint64Data: [1n, 2n ** 53n, 3n] }, [1, 2 ** 53, 3]],
    ['u32', { uint64Data: [1n, 4_294_967_295n, 3n] }, [1, 4_294_967_295, 3]],
    ['i32', { int32Data: [1, -2, 3] }, [1, -2, 3]],
    ['i8', { int32Data: [1, -128, 3] }, [1, -128, 3]],
    ['u16', { int32Data: [1, 65_535, 3] }, [1, 65_535, 3]],
    ['bool', { int32Data: [1, 0, 1] }, [1, 0, 1]],
    ['f16', { int32Data: [0x3c00, 0xc000, 0x7c00] }, [1, -2, Infinity]],
    ['bf16', { int32Data: [0x3f80, 0xc000, 0x7fc0] }, [1, -2, NaN]],
    ['u4', { int32Data: [0x21, 0x0f] }, [1, 2, 15]],
    ['i4', { int32Data: [0xe1, 0x08] }, [1, -2, -8]],
    ['i2', { int32Data: [0b110110] }, [-2, 1, -1]],
  ])('%s', (dtype, fields, expected) => {
    expect(tensorFromProto(proto(dtype, [3n], fields)).toNumbers()).toEqual(expected);
  });

  test('a scalar, and an empty tensor without any data', () => {
    expect(tensorFromProto(proto('f32', [], { floatData: [7] })).toNumbers()).toEqual([7]);
    expect(tensorFromProto(proto('f32', [2n, 0n], {})).dims).toEqual([2, 0]);
  });
});

test('booleans in raw data are 0 or 1 whatever the byte', () => {
  const tensor = tensorFromProto(proto('bool', [3n], { rawData: Uint8Array.of(0, 7, 255) }));
  expect([...tensor.data]).toEqual([0, 1, 1]);
});

test('raw data at an odd place of the file', () => {
  const file = toBinary(
    TensorProtoSchema,
    proto('f64', [2n], { name: 'odd name', rawData: new Uint8Array(Float64Array.of(1, 2).buffer) }),
  );
  for (let shift = 0; shift < 8; shift++) {
    const shifted = new Uint8Array(file.length + 8);
    shifted.set(file, shift);
    expect(tensorFromPb(shifted.subarray(shift, shift + file.length)).tensor.toNumbers()).toEqual([1, 2]);
  }
});

describe('what does not fit', () => {
  test.each<[string, TensorProto]>([
    ['too few raw bytes', proto('f32', [3n], { rawData: new Uint8Array(11) })],
    ['too many raw bytes', proto('f32', [3n], { rawData: new Uint8Array(13) })],
    ['too few values', proto('f32', [3n], { floatData: [1] })],
    ['values in the field of another type', proto('f32', [1n], { int32Data: [1] })],
    ['no data at all', proto('f32', [3n], {})],
    ['a negative dim', proto('f32', [-3n], { floatData: [] })],
    ['dims whose product is not exact', proto('f32', [2n ** 60n, 2n ** 60n, 0n, 2n ** 62n], {})],
    ['a packed tensor with bytes missing', proto('u4', [5n], { rawData: new Uint8Array(2) })],
  ])('%s', (_, damaged) => {
    expect(() => tensorFromProto(damaged)).toThrow(FormatError);
    expect(() => tensorFromProto(damaged)).toThrow(/tensor "t"/);
  });

  test('huge dims are judged before anything is allocated', () => {
    const huge = proto('f32', [2n ** 20n, 2n ** 20n], {});
    expect(() => typeFromProto(huge)).toThrow(LimitError);
    expect(() => tensorFromProto(huge)).toThrow(FormatError);
    expect(typeFromProto(proto('f32', [100n], {}), 400)).toEqual({ dtype: 'f32', dims: [100] });
    expect(() => typeFromProto(proto('f32', [101n], {}), 400)).toThrow(/404 bytes/);
  });

  test('strings, segments and data in another file', () => {
    const strings = create(TensorProtoSchema, {
      dataType: 8,
      dims: [1n],
      stringData: [new Uint8Array([65])],
    });
    expect(() => tensorFromProto(strings)).toThrow(UnsupportedError);
    const segment = { $typeName: 'onnx.TensorProto.Segment' as const, begin: 0n, end: 1n };
    expect(() => tensorFromProto(proto('f32', [1n], { floatData: [1], segment }))).toThrow(/segments/);
    expect(() => tensorFromProto(proto('f32', [1n], { dataLocation: DataLocation.EXTERNAL }))).toThrow(
      ExternalDataError,
    );
  });

  test('bytes that are no tensor', () => {
    expect(() => tensorFromPb(new TextEncoder().encode('not a tensor'))).toThrow(FormatError);
  });
});
