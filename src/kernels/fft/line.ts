/**
 * The discrete Fourier transform of a line of complex numbers in one invocation's registers:
 * X[k] = sum over j of x[j] exp(-2 pi i j k / SIZE).
 *
 * Method: radix 2, decimation in time (Cooley and Tukey, Mathematics of Computation 19, 1965), all butterflies written out:
 * every value has a name of its own and no array is indexed by a variable, so that all of a line stays in registers. Factors
 * of 1 and -i cost nothing; that makes it as short as radix 4.
 */
import { floatLiteral } from '../wgsl.js';

/** Lines of lengths that are written out; a line of 32 takes 64 registers. */
export type FftSize = 16 | 32;

/** A butterfly: the values at `near` and `far` become near + factor * far and near - factor * far. */
interface Butterfly {
  readonly near: number;
  readonly far: number;
  /** The factor is exp(-2 pi i turn). */
  readonly turn: number;
}

/** `array<vec2<f32>, size>` made of an expression per element. */
function lineOf(size: number, element: (i: number) => string): string {
  return `Line(\n${indexes(size)
    .map((i) => `    ${element(i)},\n`)
    .join('')}  )`;
}

function indexes(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** `alias Line` (real and imaginary parts) and `fn fft(x: Line) -> Line`. */
export function fftFunction(size: FftSize): string {
  const lines = stagesOf(size).flatMap((stage, i) => [
    `// Transforms of ${2 ** (i + 1)}.`,
    ...stage.flatMap((butterfly) => butterflyText(butterfly, i)),
  ]);
  const last = Math.log2(size);
  return [
    `alias Line = array<vec2<f32>, ${size}>;\n`,
    'fn times(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {\n',
    '  return vec2<f32>(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);\n}\n',
    'fn fft(x: Line) -> Line {\n',
    // The first stage takes its values in the order of reversed bits.
    ...indexes(size).map((i) => `  let z0_${i} = x[${reversedBits(i, last)}];\n`),
    ...lines.map((line) => `  ${line}\n`),
    `  return ${lineOf(size, (i) => `z${last}_${i}`)};\n}\n`,
  ].join('');
}

/** The butterflies of each stage; those of one are independent. */
function stagesOf(size: number): Butterfly[][] {
  return indexes(Math.log2(size)).map((stage) => {
    const half = 2 ** stage;
    return indexes(size / 2).map((i) => {
      const near = Math.floor(i / half) * 2 * half + (i % half);
      return { near, far: near + half, turn: (i % half) / (2 * half) };
    });
  });
}

function butterflyText({ near, far, turn }: Butterfly, stage: number): string[] {
  const [from, to] = [`z${stage}_`, `z${stage + 1}_`];
  const [turned, declaration] =
    turn === 0
      ? [`${from}${far}`, []]
      : [`t${stage}_${far}`, [`let t${stage}_${far} = ${turnedText(`${from}${far}`, turn)};`]];
  return [
    ...declaration,
    `let ${to}${near} = ${from}${near} + ${turned};`,
    `let ${to}${far} = ${from}${near} - ${turned};`,
  ];
}

/** A value times exp(-2 pi i turn), of turns other than 0. */
function turnedText(value: string, turn: number): string {
  if (turn === 1 / 4) return `vec2<f32>(${value}.y, -${value}.x)`;
  const angle = -2 * Math.PI * turn;
  return `times(${value}, vec2<f32>(${floatLiteral(Math.cos(angle))}, ${floatLiteral(Math.sin(angle))}))`;
}

function reversedBits(value: number, bits: number): number {
  return indexes(bits).reduce((reversed, bit) => reversed | (((value >> bit) & 1) << (bits - 1 - bit)), 0);
}

/** `read_line(at, step)` and `write_line(at, step, z)`: a line in the array `held`, its elements `step` apart. */
export function heldLines(size: FftSize): string {
  const writes = indexes(size).map((i) => `  ${heldElement(i)} = z[${i}];\n`);
  return [
    `fn read_line(at: u32, step: u32) -> Line {\n  return ${lineOf(size, heldElement)};\n}\n`,
    `fn write_line(at: u32, step: u32, z: Line) {\n${writes.join('')}}\n`,
  ].join('');
}

function heldElement(i: number): string {
  return i === 0 ? 'held[at]' : `held[at + ${i}u * step]`;
}

/** `fn load_line(source: Source) -> Line`: element i is `sample(source, i)`, and 0 from `count` on. */
export function loadedLine(size: FftSize, count: number): string {
  const element = (i: number): string => (i < count ? `sample(source, ${i}u)` : 'vec2<f32>()');
  return `fn load_line(source: Source) -> Line {\n  return ${lineOf(size, element)};\n}\n`;
}

/**
 * `fn store_line(a: Place, b: Place, z: Line)`: `store_point(place, i, value)` for the first `count` elements; a takes the
 * imaginary parts, b the real ones.
 */
export function storedLine(count: number): string {
  const points = indexes(count).flatMap((i) => [
    `  store_point(a, ${i}u, z[${i}].y);\n`,
    `  store_point(b, ${i}u, z[${i}].x);\n`,
  ]);
  return `fn store_line(a: Place, b: Place, z: Line) {\n${points.join('')}}\n`;
}
