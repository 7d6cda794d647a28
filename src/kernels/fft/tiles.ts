/**
 * Convolution through Fourier transforms of tiles, by overlap-save: a tile of SIZE x SIZE input points, transformed,
 * multiplied by the window's transform and transformed back, is their circular correlation, of which the first
 * SIZE - window + 1 points along each axis are outputs; neighbouring tiles overlap by the rest. Mathieu, Henaff, LeCun
 * (arXiv 1312.5851); tiles rather than whole planes: Vasilache et al. (fbfft, arXiv 1412.7580).
 *
 * Weights and input are transformed (forward.ts), multiplied frequency by frequency over the channels (product.ts), and
 * transformed back (inverse.ts): a launch each, that of the weights only once where these are constants. Points are real,
 * so that two series are transformed as one complex one: two channels, or, where images lie innermost in memory, two
 * images. Of SIZE^2 frequencies SIZE^2 / 2 + 2 are kept: the others are their conjugates.
 *
 * Spectra are f32 whatever x, w and y are stored as. Channels are padded to an even number:
 *
 * - of the series `channels`: [frequency, tile, channel, part], part being real or imaginary;
 * - of the series `images`: [frequency, channel, part, tile], images innermost among tiles and padded to a multiple of 4;
 * - of weights, conjugate: [frequency, channel, output channel, part].
 *
 * Accuracy: ||error|| / ||y|| is 2e-7 in f32 with 4 channels, 3e-7 with 64, for windows from 5x5 to 11x11
 * (test/kernels/fft.test.ts). Errors are spread evenly over a tile, so that relative to a single output near 0 they may be
 * larger than a direct sum's.
 */
import type { GpuLimits } from '../../devices/gpu.js';
import { channelsInnermost, type ConvProblem } from '../conv/problem.js';
import { product, type ConvGeometry } from '../conv/geometry.js';
import type { TensorView } from '../view.js';
import { constants } from '../wgsl.js';
import type { FftSize } from './line.js';

/** The axis along which neighbouring transforms of a spectrum lie. */
export type Series = 'channels' | 'images';

/** How a convolution is cut into tiles, and what of them is in memory. */
export interface FftTiling {
  readonly size: FftSize;
  /** Outputs of a tile, and tiles of an image: height and width. */
  readonly step: readonly [number, number];
  readonly tiles: readonly [number, number];
  /** Images and channels, with the padding. */
  readonly images: number;
  readonly channels: number;
  readonly outChannels: number;
  /** How the input's spectrum lies, and the output's. */
  readonly from: Series;
  readonly to: Series;
}

/** What has a spectrum of its own. */
export type Spectrum = 'x_spectra' | 'w_spectra' | 'y_spectra';

/** Shortest side of a window: below, Winograd's transforms and implicit GEMM need less memory and no more time. */
const LEAST_WINDOW = 5;

/** How neighbours in memory suggest to transform a tensor. */
function seriesOf({ layout }: TensorView): Series {
  return layout.order.at(-1) === 0 ? 'images' : 'channels';
}

export function fftTiling({ geometry, x, y }: ConvProblem, size: FftSize): FftTiling {
  const { batch, channels, outChannels, kernel, output } = geometry;
  const [from, to] = [seriesOf(x), seriesOf(y)];
  const step = [size - kernel[1] + 1, size - kernel[2] + 1] as const;
  return {
    size,
    step,
    tiles: [Math.ceil(output[1] / step[0]), Math.ceil(output[2] / step[1])],
    images: from === 'images' || to === 'images' ? Math.ceil(batch / 4) * 4 : batch,
    channels: Math.ceil(channels / 2) * 2,
    outChannels: Math.ceil(outChannels / 2) * 2,
    from,
    to,
  };
}

/** Frequencies that are kept. */
export function frequenciesOf(size: FftSize): number {
  return size ** 2 / 2 + 2;
}

/** Tiles of all images. */
export function tileCount({ tiles, images }: FftTiling): number {
  return product(tiles) * images;
}

/** Bytes of a spectrum. */
export function spectrumBytes(tiling: FftTiling, spectrum: Spectrum): number {
  const { size, channels, outChannels } = tiling;
  const complex = {
    x_spectra: tileCount(tiling) * channels,
    w_spectra: channels * outChannels,
    y_spectra: tileCount(tiling) * outChannels,
  };
  return frequenciesOf(size) * complex[spectrum] * 8;
}

/** Why a convolution is not for tiles of this size, or undefined. */
export function fftRefusal(problem: ConvProblem, size: FftSize, limits: GpuLimits): string | undefined {
  const { geometry, x, y } = problem;
  const { kernel } = geometry;
  if (x.dims.length !== 4) return 'not two spatial axes';
  if (!isPlain(geometry)) return 'strides, dilations, groups or a transposed convolution';
  if (x.layout.block || y.layout.block) return 'channels in blocks';
  if (product(x.dims) * product(y.dims) === 0) return 'the input or the output is empty';
  if (Math.min(kernel[1], kernel[2]) < LEAST_WINDOW)
    return `the window has a side below ${LEAST_WINDOW} points`;
  if (Math.max(kernel[1], kernel[2]) > size) return `the window is larger than a tile of ${size}x${size}`;
  const tiling = fftTiling(problem, size);
  const largest = Math.max(
    spectrumBytes(tiling, 'x_spectra'),
    spectrumBytes(tiling, 'w_spectra'),
    spectrumBytes(tiling, 'y_spectra'),
  );
  const fits = largest <= Math.min(limits.maxBindingBytes, limits.maxBufferBytes);
  return fits && pairsOf(size, limits) > 0 ? undefined : 'the spectra are larger than the device can bind';
}

function isPlain({ group, transposed, strides, dilations }: ConvGeometry): boolean {
  return group === 1 && !transposed && [...strides, ...dilations].every((step) => step === 1);
}

/** Points of all tiles: what the product's time and the spectra's memory grow with. */
export function tiledPoints(tiling: FftTiling): number {
  return tileCount(tiling) * tiling.size ** 2;
}

/** Invocations per workgroup that are aimed at. */
const THREADS = 128;

/** Pairs of series that a workgroup transforms, a power of two: an invocation per line of each. 0 if there is no room. */
export function pairsOf(size: FftSize, { maxInvocations, maxWorkgroupBytes }: GpuLimits): number {
  for (let pairs = Math.min(THREADS, maxInvocations) / size; pairs >= 1; pairs /= 2) {
    if (heldBytes(size, pairs) <= maxWorkgroupBytes) return pairs;
  }
  return 0;
}

/** From one pair's points to the next one's: lines are padded by a point, pairs so that neighbours meet other banks. */
function pitchOf(size: FftSize, pairs: number): number {
  return size * (size + 1) + (pairs > 1 ? 16 / pairs : 0);
}

/** Bytes of workgroup memory. */
export function heldBytes(size: FftSize, pairs: number): number {
  return pitchOf(size, pairs) * pairs * 8;
}

/** Constants of both directions, and the frequencies that are kept. `across` counts pairs along the series. */
export function transformConstants(config: {
  readonly size: FftSize;
  readonly pairs: number;
  readonly across: number;
  readonly count: number;
  readonly gridX: number;
  readonly pairsFastest: boolean;
}): string {
  const { size, pairs } = config;
  return constants({
    SIZE: size,
    ROW: size + 1,
    PITCH: pitchOf(size, pairs),
    PAIRS: pairs,
    THREADS: size * pairs,
    FREQUENCIES: frequenciesOf(size),
    ACROSS: config.across,
    COUNT: config.count,
    GROUPS: Math.ceil(config.count / pairs),
    GRID_X: config.gridX,
    PAIRS_FASTEST: config.pairsFastest,
  });
}

/** Constants that tell where a tile lies. */
export function tileConstants(tiling: FftTiling, series: Series): string {
  return constants({
    STEP_H: tiling.step[0],
    STEP_W: tiling.step[1],
    TILES: product(tiling.tiles),
    TILES_W: tiling.tiles[1],
    IMAGES: tiling.images,
    IMAGES_INNERMOST: tiling.from === 'images' || tiling.to === 'images',
    SERIES_OF_IMAGES: series === 'images',
  });
}

/** Whether invocations that run together belong to different pairs: where these are what lies contiguous. */
export function pairsFastest(view: TensorView): boolean {
  return seriesOf(view) === 'images' || channelsInnermost(view);
}

/** The points in workgroup memory, and which frequencies are kept. */
export const HELD = /* wgsl */ `
var<workgroup> held: array<vec2<f32>, PAIRS * PITCH>;

// Columns 1 to SIZE / 2 - 1 whole, then the first halves of columns 0 and SIZE / 2: column and row.
fn frequency(f: u32) -> vec2<u32> {
  let whole = SIZE * (SIZE / 2u - 1u);
  if (f < whole) { return vec2<u32>(1u + f / SIZE, f % SIZE); }
  let g = f - whole;
  return vec2<u32>(g / (SIZE / 2u + 1u) * (SIZE / 2u), g % (SIZE / 2u + 1u));
}

fn place_of(frequency: vec2<u32>) -> u32 { return frequency.y * ROW + frequency.x; }

// The frequency whose value is the conjugate, if the points are real.
fn mirrored(frequency: vec2<u32>) -> vec2<u32> { return (SIZE - frequency) % SIZE; }
`;

/** Of a pair of series: the image and channel of the first and of the second, and their tile. */
export const PAIR = /* wgsl */ `
struct Pair { n: u32, c: u32, next_n: u32, next_c: u32, tile: u32 }

fn pair_of(q: u32) -> Pair {
  let across = q % ACROSS * 2u;
  let along = q / ACROSS;
  let c = select(across, along, SERIES_OF_IMAGES);
  let t = select(along, across, SERIES_OF_IMAGES);
  let n = select(t / TILES, t % IMAGES, IMAGES_INNERMOST);
  let tile = select(t % TILES, t / IMAGES, IMAGES_INNERMOST);
  return Pair(n, c, select(n, n + 1u, SERIES_OF_IMAGES), select(c + 1u, c, SERIES_OF_IMAGES), tile);
}
`;
