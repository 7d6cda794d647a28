/** The command lines of the benches: options with defaults, checked, and the device that one of them names. */
import { parseArgs } from 'node:util';
import { openCuda } from '../dist/host/cuda.js';
import { openHardware, openSoftware } from '../dist/host/webgpu.js';

/** `read` makes of an option's text what it stands for, or throws what it takes. */
const option = (initial, read) => ({
  type: 'string',
  ...(initial !== undefined && { default: initial }),
  read,
});

/** Any text. */
export const text = (initial) => option(initial, (given) => given);

export const flag = () => ({ type: 'boolean', default: false, read: (given) => given });

/** A whole number, 1 and more. */
export const count = (initial) => option(String(initial), toCount);

/** Several of them. */
export const counts = (initial) => option(initial, (given) => given.split(',').map(toCount));

/** A number above 0. */
export const amount = (initial) =>
  option(String(initial), (given) => {
    const number = Number(given);
    if (number > 0 && Number.isFinite(number)) return number;
    throw new Error(`takes a number above 0, and was given "${given}"`);
  });

/** One of several words, the first if none is given. */
export const choice = (...known) => option(known[0], (given) => toKnown(given, known));

/** Several sizes of so many numbers each: `32x16,16x32`. */
export const sizes = (extents, initial) =>
  option(initial, (given) =>
    given.split(',').map((size) => {
      const numbers = size.split('x').map(toCount);
      if (numbers.length === extents) return numbers;
      throw new Error(`takes sizes of ${extents} numbers with an x between them, and was given "${size}"`);
    }),
  );

/** Several of these words with a number each: `vgg16:32`. */
export const counted = (known, initial) =>
  option(initial, (given) =>
    given.split(',').map((entry) => {
      const [word, number = ''] = entry.split(':');
      return [toKnown(word, known), toCount(number)];
    }),
  );

/** Several of these words, all if none is given. */
export const choices = (known, initial = known.join()) =>
  option(initial, (given) => given.split(',').map((word) => toKnown(word, known)));

export const deviceName = () => choice('webgpu', 'webgpu:software', 'cuda');

/** Opens the device of that name. */
export function openDevice(name) {
  if (name === 'cuda') return openCuda();
  return name === 'webgpu' ? openHardware() : openSoftware();
}

/** The options' values by name. Ends the process with what is wrong about them. */
export function commandLine(options) {
  try {
    const { values } = parseArgs({ options });
    return Object.fromEntries(
      Object.entries(values).map(([name, given]) => [name, valueOf(name, given, options[name])]),
    );
  } catch (error) {
    console.error(error.message);
    return process.exit(2);
  }
}

function valueOf(name, given, { read }) {
  try {
    return read(given);
  } catch (error) {
    throw new Error(`--${name} ${error.message}`, { cause: error });
  }
}

function toCount(given) {
  const number = Number(given);
  if (/^\d+$/.test(given) && Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`takes whole numbers from 1 on, and was given "${given}"`);
}

function toKnown(given, known) {
  if (known.includes(given)) return given;
  throw new Error(`takes ${known.join(', ')}, and was given "${given}"`);
}
