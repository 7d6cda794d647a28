/** Which shapes a model runs with: fixed by declared dims, by the caller's `dims`, or by the tensors of a run. */
import { InputError } from '../errors.js';
import { GpuTensor } from '../devices/webgpu/index.js';
import { formatPort, type ModelPort } from '../graph/index.js';
import { gpuTypeOf } from '../candidates/candidate.js';
import { Tensor, formatDims, formatType, sizeOf, type Dims } from '../tensor/index.js';
import { checkUsable } from './gpu-transfer.js';

/**
 * Shapes for a session: a number per symbolic dimension (`{ N: 8 }`), or whole dims per input
 * (`{ image: [8, 3, 224, 224] }`).
 */
export type DimBindings = Readonly<Record<string, number | readonly number[]>>;

/**
 * Dims of every input from `given`, or undefined when some dimension is still open.
 * @throws InputError for names that the model does not have and dims that contradict it
 */
export function bindDims(ports: readonly ModelPort[], given: DimBindings): Map<string, Dims> | undefined {
  const symbols = new Map<string, number>();
  const bound = new Map<string, Dims>();
  const names = new Set(ports.flatMap(({ dims }) => dims?.filter((dim) => typeof dim === 'string') ?? []));
  for (const [name, value] of Object.entries(given)) {
    const port = ports.find((candidate) => candidate.name === name);
    if (typeof value === 'number' && names.has(name)) symbols.set(name, checkDim(name, value));
    else if (typeof value !== 'number' && port) bound.set(name, value);
    else throw unknownName(name, ports, [...names]);
  }
  for (const port of ports) {
    const dims = bound.get(port.name);
    if (dims) unify(port, dims, symbols);
  }
  for (const port of ports) {
    if (bound.has(port.name)) continue;
    const dims = port.dims?.map((dim) => (typeof dim === 'string' ? symbols.get(dim) : dim));
    if (!dims || !dims.every((dim) => typeof dim === 'number')) return undefined;
    bound.set(port.name, dims);
  }
  return bound;
}

function checkDim(name: string, dim: number): number {
  if (!Number.isSafeInteger(dim) || dim < 0) {
    throw new InputError(`dimension ${name} is ${dim}`, { remedy: 'Pass a non-negative integer.' });
  }
  return dim;
}

/**
 * Checks a run's tensors against the model's inputs and returns their dims.
 * @throws InputError naming the input and what was expected
 */
export function checkInputs(
  ports: readonly ModelPort[],
  tensors: Readonly<Record<string, Tensor | GpuTensor>>,
): Map<string, Dims> {
  if (typeof tensors !== 'object' || tensors === null) {
    throw new InputError('no inputs were given', {
      remedy: `Pass an object with a Tensor for ${ports.map(formatPort).join('; ')}.`,
    });
  }
  for (const name of Object.keys(tensors)) {
    if (!ports.some((port) => port.name === name)) throw unknownName(name, ports, []);
  }
  const symbols = new Map<string, number>();
  const dims = new Map<string, Dims>();
  for (const port of ports) {
    const tensor = Object.hasOwn(tensors, port.name) ? tensors[port.name] : undefined;
    if (!(tensor instanceof Tensor) && !(tensor instanceof GpuTensor)) {
      throw new InputError(`input "${port.name}" is ${tensor === undefined ? 'missing' : 'not a Tensor'}`, {
        remedy: `Pass a Tensor for ${formatPort(port)}.`,
      });
    }
    const onGpu = tensor instanceof GpuTensor;
    const expected = onGpu ? gpuTypeOf(port.dtype, 'f32') : port.dtype;
    if (tensor.dtype !== expected) {
      throw new InputError(
        `input "${port.name}" got ${onGpu ? 'a GPU tensor of type ' : ''}${formatType(tensor)}`,
        {
          remedy: `It expects ${formatPort(port)}${expected === port.dtype ? '' : `, which is ${expected} on a GPU`}.`,
        },
      );
    }
    if (onGpu) checkUsable(tensor, 'COPY_SRC', `input "${port.name}"`);
    if (tensor.size !== sizeOf(tensor.dims)) {
      throw new InputError(`the data of input "${port.name}" is gone`, {
        remedy: 'Its ArrayBuffer was transferred elsewhere: pass a tensor that has its data.',
      });
    }
    unify(port, tensor.dims, symbols);
    dims.set(port.name, tensor.dims);
  }
  return dims;
}

/** Fits dims to a port's declaration and collects what they say about symbolic dimensions. */
function unify(port: ModelPort, dims: Dims, symbols: Map<string, number>): void {
  if (!port.dims) return;
  const mismatch = (why: string): InputError =>
    new InputError(`input "${port.name}" got dims ${formatDims(dims)}${why}`, {
      remedy: `It expects ${formatPort(port)}.`,
    });
  if (dims.length !== port.dims.length) throw mismatch('');
  for (const [axis, declared] of port.dims.entries()) {
    const dim = dims[axis];
    if (!Number.isSafeInteger(dim) || dim < 0) throw mismatch('');
    if (typeof declared === 'number' && declared !== dim) throw mismatch('');
    if (typeof declared !== 'string') continue;
    const known = symbols.get(declared);
    if (known !== undefined && known !== dim) throw mismatch(` where ${declared} is ${known}`);
    symbols.set(declared, dim);
  }
}

function unknownName(name: string, ports: readonly ModelPort[], dimNames: readonly string[]): InputError {
  const inputs = ports.map(formatPort).join('; ');
  const dims = dimNames.length > 0 ? `, and the dimensions ${dimNames.join(', ')}` : '';
  return new InputError(`the model has no input "${name}"`, { remedy: `It has ${inputs || 'none'}${dims}.` });
}
