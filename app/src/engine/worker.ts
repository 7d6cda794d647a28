/** Plans and runs one model, beside the page. */
import {
  inspectModel,
  DeviceError,
  type DeviceName,
  type DimBindings,
  type ExplainOptions,
  type Inspection,
  type Model,
  type ModelPort,
  type Progress,
} from 'lanewise';
import type { ViewData } from 'lanewise/views';
import { PlanBench } from './bench.js';
import type { ImageInput, OpenRequest, OpenedModel, ReadModel, Source } from './protocol.js';
import { readModel } from './read-model.js';
import { serve } from './serve.js';

interface Opened {
  readonly name: string;
  readonly inspection: Inspection;
  readonly image: ImageInput | undefined;
  /** Absent where there is no GPU to run on. */
  readonly bench: PlanBench | undefined;
}

/** The model that was read last. */
let lastRead: { readonly name: string; readonly model: Model } | undefined;
let opened: Opened | undefined;

function current(): Opened {
  if (!opened) throw new Error('no model is open');
  return opened;
}

function canRun(): PlanBench {
  const { bench } = current();
  if (!bench)
    throw new Error(
      'there is no GPU here to run on: the plan is for a device of which only the profile is known',
    );
  return bench;
}

async function read(source: Source, told: (progress: Progress) => void): Promise<ReadModel> {
  const model = await readModel(source, told);
  lastRead = { name: source.name, model };
  return {
    isBatchFree: model.inputs.some(({ dims = [] }) => dims.length > 0 && typeof dims[0] !== 'number'),
  };
}

async function open(
  request: OpenRequest,
  told: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<OpenedModel> {
  if (!lastRead) throw new Error('no model has been read');
  const { name, model } = lastRead;
  const dims = request.dims ?? bind(model.inputs, request.batch);
  const { inspection, device } = await inspect(model, { ...request, dims }, { onProgress: told, signal });
  const isSoftware = device === 'webgpu:software';
  opened = {
    name,
    inspection,
    image: imageInput(inspection),
    bench: device && new PlanBench({ model, dims, device, isSoftware }),
  };
  return {
    data: viewOf(inspection.explanation),
    gpu: device ? (isSoftware ? 'software' : 'hardware') : 'none',
    image: opened.image,
  };
}

function viewOf(explanation: Inspection['explanation']): ViewData {
  return { model: current().name, ...explanation };
}

/**
 * For the device that a plan is of, where one is given; else on a hardware GPU, on a software one, or for a device of which only
 * the profile is there.
 */
async function inspect(
  model: Model,
  { dims = {}, dtype, elsewhere }: OpenRequest,
  told: Pick<ExplainOptions, 'onProgress' | 'signal'>,
): Promise<{ readonly inspection: Inspection; readonly device: DeviceName | undefined }> {
  const options: ExplainOptions = { dims, ...told, ...(dtype && { dtype }) };
  if (elsewhere) {
    return { inspection: await inspectModel(model, { ...options, ...elsewhere }), device: undefined };
  }
  for (const device of ['webgpu', 'webgpu:software'] as const) {
    try {
      return { inspection: await inspectModel(model, { ...options, device }), device };
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
    }
  }
  return { inspection: await inspectModel(model, options), device: undefined };
}

/** The batch as the first dimension wherever the model leaves it open; other open dimensions as 1. */
function bind(ports: readonly ModelPort[], batch: number): DimBindings {
  const bindings: Record<string, number | number[]> = {};
  for (const { name, dims = [] } of ports) {
    if (dims.includes(null)) {
      bindings[name] = dims.map((dim, axis) => (typeof dim === 'number' ? dim : axis === 0 ? batch : 1));
      continue;
    }
    for (const [axis, dim] of dims.entries())
      if (typeof dim === 'string') bindings[dim] ??= axis === 0 ? batch : 1;
  }
  return bindings;
}

function imageInput({ explanation: { plan } }: Inspection): ImageInput | undefined {
  const [port, ...others] = plan.inputs;
  if (!port || others.length > 0) return undefined;
  const { dtype, dims } = plan.tensors[port.tensor];
  const [n, c, h, w] = dims;
  const fits = dtype === 'f32' && dims.length === 4 && (c === 1 || c === 3) && h > 1 && w > 1;
  return fits ? { name: port.name, dims: [n, c, h, w] } : undefined;
}

function image(): ImageInput {
  const { image: found } = current();
  if (!found) throw new Error('this model does not take a picture');
  return found;
}

serve({
  read,
  open,
  whatIf: (request) => viewOf(current().inspection.whatIf(request)),
  alternatives: (node) => current().inspection.alternatives(node),
  measure: (plan, onProgress, signal) => canRun().measure(plan, { onProgress, signal }),
  run: ({ plan, pixels }, onProgress, signal) =>
    canRun().run(plan, { image: image(), pixels }, { onProgress, signal }),
  features: ({ plan, step, pixels }, onProgress, signal) =>
    canRun().features(plan, step, { image: image(), pixels }, { onProgress, signal }),
});
