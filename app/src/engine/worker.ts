/** Plans and runs one model, beside the page. */
import {
  inspectModel,
  loadModel,
  network,
  DeviceError,
  ExternalDataError,
  type DeviceName,
  type DimBindings,
  type Inspection,
  type Model,
  type ModelPort,
  type Progress,
} from 'lanewise';
import type { ViewData } from 'lanewise/views';
import { PlanBench } from './bench.js';
import type { ImageInput, OpenRequest, OpenedModel, ReadModel, Source } from './protocol.js';
import { serve } from './serve.js';

interface Opened {
  readonly name: string;
  readonly inspection: Inspection;
  readonly image: ImageInput | undefined;
  /** Absent where there is no GPU to run on. */
  readonly bench: PlanBench | undefined;
}

/** The model that was read last. */
let readModel: { readonly name: string; readonly model: Model } | undefined;
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
  told({ what: `reading ${source.name}`, done: 0, total: 3 });
  const model = await modelOf(source);
  readModel = { name: source.name, model };
  return {
    isBatchFree: model.inputs.some(({ dims = [] }) => dims.length > 0 && typeof dims[0] !== 'number'),
  };
}

async function open(request: OpenRequest, told: (progress: Progress) => void): Promise<OpenedModel> {
  if (!readModel) throw new Error('no model has been read');
  const { name, model } = readModel;
  const dims = request.dims ?? bind(model.inputs, request.batch);
  told({ what: 'planning', done: 1, total: 3 });
  const { inspection, device } = await inspect(model, dims, request, told);
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

async function modelOf(source: Source): Promise<Model> {
  if (source.kind === 'network') return network(source.name);
  return loadModel(source.bytes, {
    readExternalData: ({ location }) =>
      Promise.reject(
        new ExternalDataError(`the model keeps weights in another file ("${location}")`, {
          remedy:
            'A page sees only the file that is dropped: use `lanewise inspect MODEL`, or save the model as one file.',
        }),
      ),
  });
}

/** On a hardware GPU, else on a software one, else for a device of which only the profile is there. */
async function inspect(
  model: Model,
  dims: DimBindings,
  { target, dtype }: OpenRequest,
  onProgress: (progress: Progress) => void,
): Promise<{ readonly inspection: Inspection; readonly device: DeviceName | undefined }> {
  const options = { dims, onProgress, ...(dtype && { dtype }) };
  if (target === 'gpu') {
    for (const device of ['webgpu', 'webgpu:software'] as const) {
      try {
        return { inspection: await inspectModel(model, { ...options, device }), device };
      } catch (error) {
        if (!(error instanceof DeviceError)) throw error;
      }
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
  measure: (plan, told, signal) => canRun().measure(plan, told, signal),
  run: ({ plan, pixels }) => canRun().run(plan, image(), pixels),
  features: ({ plan, step, pixels }) => canRun().features(plan, step, image(), pixels),
});
