import { describe, expect, test } from 'vitest';
import sharp from 'sharp';
import { FormatError, InputError } from '../../src/errors.js';
import { readBytes } from '../../src/host/files.js';
import { channelsFor, imageToTensor, isImagePath } from '../../src/host/images.js';
import { pixelsToTensor } from '../../src/host/pixels.js';
import { tensorFromPb } from '../../src/onnx/index.js';

/** 1 row of 2 pixels: (10, 20, 30) and (40, 50, 60). */
const PIXELS = { data: Uint8Array.from([10, 20, 30, 40, 50, 60]), height: 1, width: 2, channels: 3 };
const AS_IS = { dtype: 'f32', channels: 'rgb', height: 1, width: 2, scale: 1 } as const;

/** A PNG file of interleaved pixels. */
function png(data: readonly number[], channels: 1 | 3 | 4, width: number): Promise<Buffer> {
  const raw = { width, height: data.length / channels / width, channels };
  return sharp(Uint8Array.from(data), { raw }).png().toBuffer();
}

describe('pixels to tensors', () => {
  test('interleaved pixels become planes, in the order asked for', () => {
    const rgb = pixelsToTensor(PIXELS, AS_IS);
    expect([rgb.dims, rgb.toNumbers()]).toEqual([
      [1, 3, 1, 2],
      [10, 40, 20, 50, 30, 60],
    ]);
    const bgr = pixelsToTensor(PIXELS, { ...AS_IS, channels: 'bgr' });
    expect(bgr.toNumbers()).toEqual([30, 60, 20, 50, 10, 40]);
  });

  test('the default scale is 1/255', () => {
    const tensor = pixelsToTensor(PIXELS, { ...AS_IS, scale: undefined });
    expect(tensor.toNumbers()).toEqual(
      [10, 40, 20, 50, 30, 60].map((pixel) => Math.fround(pixel * (1 / 255))),
    );
  });

  test('mean and std are applied per channel of the tensor, after the scale', () => {
    const tensor = pixelsToTensor(PIXELS, {
      ...AS_IS,
      channels: 'bgr',
      scale: 0.5,
      mean: [1, 2, 3],
      std: [2, 4, 8],
    });
    expect(tensor.toNumbers()).toEqual([7, 14.5, 2, 5.75, 0.25, 2.125]);
    expect(pixelsToTensor(PIXELS, { ...AS_IS, mean: [10], std: [10] }).toNumbers()).toEqual([
      0, 3, 1, 4, 2, 5,
    ]);
  });

  test('integer tensors get whole numbers within their range, unscaled unless asked', () => {
    expect(pixelsToTensor(PIXELS, { ...AS_IS, dtype: 'u8', scale: undefined }).toNumbers()).toEqual([
      10, 40, 20, 50, 30, 60,
    ]);
    const signed = pixelsToTensor(PIXELS, { ...AS_IS, dtype: 'i8', scale: 4, mean: [100] });
    expect(signed.toNumbers()).toEqual([-60, 60, -20, 100, 20, 127]);
    expect(pixelsToTensor(PIXELS, { ...AS_IS, dtype: 'u8', mean: [25] }).toNumbers()).toEqual([
      0, 15, 0, 25, 5, 35,
    ]);
  });

  test('a list of a wrong length is refused', () => {
    expect(() => pixelsToTensor(PIXELS, { ...AS_IS, mean: [1, 2] })).toThrow(
      'mean has 2 values for 3 channels',
    );
    expect(() => pixelsToTensor({ ...PIXELS, channels: 1 }, AS_IS)).toThrow(FormatError);
  });
});

describe('image files', () => {
  test('a colour image of the right size keeps its pixels', async () => {
    const tensor = await imageToTensor(await png([...PIXELS.data], 3, 2), 'a.png', AS_IS);
    expect([tensor.dims, tensor.toNumbers()]).toEqual([
      [1, 3, 1, 2],
      [10, 40, 20, 50, 30, 60],
    ]);
  });

  test('a grey image fills three channels, and a colour image one', async () => {
    const grey = await imageToTensor(await png([7, 9], 1, 2), 'a.png', AS_IS);
    expect(grey.toNumbers()).toEqual([7, 9, 7, 9, 7, 9]);
    const one = await imageToTensor(await png([8, 8, 8, 0, 0, 0], 3, 2), 'a.png', {
      ...AS_IS,
      channels: 'grey',
    });
    expect([one.dims, one.toNumbers()]).toEqual([
      [1, 1, 1, 2],
      [8, 0],
    ]);
  });

  test('transparent pixels lie on black', async () => {
    const tensor = await imageToTensor(await png([200, 100, 50, 0, 200, 100, 50, 255], 4, 2), 'a.png', AS_IS);
    expect(tensor.toNumbers()).toEqual([0, 200, 0, 100, 0, 50]);
  });

  test('images are stretched to the size asked for, or keep their own', async () => {
    const flat = await png(new Array<number>(3 * 4).fill(77), 1, 4);
    const options = { dtype: 'f32', channels: 'grey', scale: 1 } as const;
    const stretched = await imageToTensor(flat, 'a.png', { ...options, height: 5, width: 2 });
    expect([stretched.dims, new Set(stretched.toNumbers())]).toEqual([[1, 1, 5, 2], new Set([77])]);
    expect((await imageToTensor(flat, 'a.png', options)).dims).toEqual([1, 1, 3, 4]);
  });

  test('a digit is exactly the input that ships with it', async () => {
    const bytes = await readBytes('models/digits/samples/00_2.png');
    const tensor = await imageToTensor(bytes, 'digit', {
      dtype: 'f32',
      channels: 'grey',
      height: 28,
      width: 28,
    });
    const { tensor: expected } = tensorFromPb(await readBytes('models/digits/test_data_set_0/input_0.pb'));
    expect(tensor.dims).toEqual(expected.dims);
    expect(tensor.data).toEqual(expected.data);
  });

  test('damaged and empty targets are clear errors', async () => {
    await expect(imageToTensor(Buffer.from('not an image'), 'x.png', AS_IS)).rejects.toThrow(FormatError);
    await expect(imageToTensor(Buffer.from('not an image'), 'x.png', AS_IS)).rejects.toThrow('x.png');
    const image = await png([1], 1, 1);
    await expect(imageToTensor(image, 'x.png', { ...AS_IS, height: 0 })).rejects.toThrow(InputError);
  });

  test('kinds of files', () => {
    expect(['a.png', 'b.JPG', 'c.jpeg', 'd.webp'].every(isImagePath)).toBe(true);
    expect(['a.npy', 'b.pb', 'png', 'c.gif'].some(isImagePath)).toBe(false);
  });
});

test('channels follow the model, and must fit it', () => {
  expect([channelsFor(1), channelsFor(3), channelsFor(undefined), channelsFor(3, 'bgr')]).toEqual([
    'grey',
    'rgb',
    'rgb',
    'bgr',
  ]);
  expect(() => channelsFor(1, 'rgb')).toThrow('Use --channels grey');
  expect(() => channelsFor(4)).toThrow('1 or 3 channels');
});
