/** Pictures to numbers and back. */
import type { ImageInput } from './engine/protocol.js';

/** How pixels become numbers: 0 to 1, or as networks trained on ImageNet take them. */
export const SCALINGS = ['unit', 'imagenet'] as const;
export type Scaling = (typeof SCALINGS)[number];

/** Mean and standard deviation by channel, of ImageNet's training pictures. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('this browser draws no pictures');
  return context;
}

/**
 * A picture as a model's input, scaled to its size; the shorter side fills it, the middle is taken. Every image of a batch is
 * the same.
 * @returns row-major N, C, H, W
 */
export function pixelsOf(
  source: CanvasImageSource,
  [sourceWidth, sourceHeight]: readonly [number, number],
  { dims: [n, c, h, w] }: ImageInput,
  scaling: Scaling,
): Float32Array {
  const canvas = document.createElement('canvas');
  canvas.width = w;
  canvas.height = h;
  const context = contextOf(canvas);
  context.imageSmoothingQuality = 'high';
  const scale = Math.max(w / sourceWidth, h / sourceHeight);
  const [width, height] = [sourceWidth * scale, sourceHeight * scale];
  context.drawImage(source, (w - width) / 2, (h - height) / 2, width, height);
  const { data } = context.getImageData(0, 0, w, h);
  const size = h * w;
  const pixels = new Float32Array(n * c * size);
  for (let channel = 0; channel < c; channel++) {
    for (let i = 0; i < size; i++) {
      const value =
        c === 1
          ? (data[4 * i] * 0.299 + data[4 * i + 1] * 0.587 + data[4 * i + 2] * 0.114) / 255
          : data[4 * i + channel] / 255;
      pixels[channel * size + i] =
        scaling === 'imagenet' && c === 3 ? (value - MEAN[channel]) / DEVIATION[channel] : value;
    }
  }
  for (let image = 1; image < n; image++) pixels.set(pixels.subarray(0, c * size), image * c * size);
  return pixels;
}

/**
 * A drawing, white on black, as the digits of MNIST are: scaled so that its longer side takes 20 of 28 pixels, its centre of
 * mass in the middle.
 * @returns undefined for an empty drawing
 */
export function centredDrawing(canvas: HTMLCanvasElement): HTMLCanvasElement | undefined {
  const { width, height } = canvas;
  const { data } = contextOf(canvas).getImageData(0, 0, width, height);
  let [left, top, right, bottom] = [width, height, -1, -1];
  let [mass, massX, massY] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const ink = data[4 * (y * width + x)];
      if (ink === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      mass += ink;
      massX += ink * (x + 0.5);
      massY += ink * (y + 0.5);
    }
  }
  if (mass === 0) return undefined;
  const side = 28;
  const scale = 20 / Math.max(right - left + 1, bottom - top + 1);
  const centred = document.createElement('canvas');
  centred.width = side;
  centred.height = side;
  const context = contextOf(centred);
  context.imageSmoothingQuality = 'high';
  context.fillStyle = '#000';
  context.fillRect(0, 0, side, side);
  context.drawImage(
    canvas,
    side / 2 - (massX / mass) * scale,
    side / 2 - (massY / mass) * scale,
    width * scale,
    height * scale,
  );
  return centred;
}

/** Draws one channel, from its least value in black to its greatest in white. */
export function drawMap(
  canvas: HTMLCanvasElement,
  values: Float32Array,
  width: number,
  height: number,
): void {
  canvas.width = width;
  canvas.height = height;
  const context = contextOf(canvas);
  const picture = context.createImageData(width, height);
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range = high > low ? high - low : 1;
  for (const [i, value] of values.entries()) {
    picture.data.fill(Math.round((255 * (value - low)) / range), 4 * i, 4 * i + 3);
    picture.data[4 * i + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}
