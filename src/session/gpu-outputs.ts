/** Outputs that stay in GPU memory. */
import type { GpuTensorMap } from '../devices/device.js';
import type { GpuDevice } from '../devices/gpu.js';
import { GpuTensor } from '../devices/webgpu/index.js';
import { InputError } from '../errors.js';
import type { PlanTensor } from '../plan/plan.js';
import { formatType, sameDims } from '../tensor/index.js';
import { checkUsable } from './gpu-transfer.js';

/** An output and how the plan stores it. */
export interface OutputPort {
  readonly name: string;
  readonly tensor: PlanTensor;
}

/** Where a run's outputs go. */
export interface GpuOutputs {
  readonly tensors: ReadonlyMap<string, GpuTensor>;
  /** After a run that failed: frees what was made for it. */
  discard(): void;
}

/**
 * A fresh buffer per output, for the caller to keep.
 * @throws DeviceError naming the output for which there was no memory
 */
export async function createOutputs(
  { interop }: GpuDevice,
  ports: readonly OutputPort[],
): Promise<GpuOutputs> {
  const tensors = new Map<string, GpuTensor>();
  const discard = (): void => {
    for (const tensor of tensors.values()) tensor.dispose();
  };
  if (!interop) throw new TypeError('GPU outputs were asked of a device that has none');
  try {
    for (const { name, tensor } of ports) {
      const buffer = await interop.create(tensor.bytes, `output "${name}"`);
      tensors.set(name, new GpuTensor(tensor.type, tensor.dims, buffer));
    }
  } catch (error) {
    discard();
    throw error;
  }
  return { tensors, discard };
}

/**
 * The caller's own tensors as outputs.
 * @throws InputError for names that the model does not have, tensors that do not fit, and two that share memory
 */
export function checkOutputs(wanted: GpuTensorMap, ports: readonly OutputPort[]): GpuOutputs {
  const tensors = new Map<string, GpuTensor>();
  for (const [name, target] of Object.entries(wanted)) {
    const port = ports.find((candidate) => candidate.name === name);
    if (!port) {
      throw new InputError(`the model has no output "${name}"`, {
        remedy: `It has ${ports.map((candidate) => candidate.name).join(', ') || 'none'}.`,
      });
    }
    const expected = { dtype: port.tensor.type, dims: port.tensor.dims };
    if (!(target instanceof GpuTensor)) {
      throw new InputError(`output "${name}" was not given a GpuTensor`, {
        remedy: `Pass a GpuTensor of type ${formatType(expected)}.`,
      });
    }
    if (target.dtype !== expected.dtype || !sameDims(target.dims, expected.dims)) {
      throw new InputError(`output "${name}" was given a GPU tensor of type ${formatType(target)}`, {
        remedy: `Pass one of type ${formatType(expected)}.`,
      });
    }
    checkUsable(target, 'COPY_DST', `output "${name}"`);
    for (const [other, taken] of tensors) {
      if (!overlap(target, taken)) continue;
      throw new InputError(`outputs "${other}" and "${name}" were given the same GPU memory`, {
        remedy: 'Pass each output a GpuTensor of its own: they would overwrite each other.',
      });
    }
    tensors.set(name, target);
  }
  return { tensors, discard: () => {} };
}

function overlap(a: GpuTensor, b: GpuTensor): boolean {
  return a.buffer === b.buffer && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}
