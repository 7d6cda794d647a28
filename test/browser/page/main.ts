/** What the browser tests call in a page: kernels through the harness, and sessions through the public API. */
import type { GpuDevice } from '../../../src/devices/gpu.js';
import { browserPlatform } from '../../../src/session/index.js';
import {
  GpuTensor,
  Tensor,
  createSession,
  loadModel,
  type DeviceName,
  type Model,
  type Session,
} from '../../../src/index.js';
import { families, sampleOf, sourcesOf } from '../../kernels/families.js';
import { contextOf, runCase, wholeRuns } from '../../kernels/harness.js';

/** What came of a family's cases. */
export interface FamilyReport {
  readonly candidates: number;
  readonly failures: readonly string[];
}

/** What came of a session in the page, and what the CPU answers. */
export interface Answers {
  readonly outputs: readonly number[];
  readonly expected: readonly number[];
}

export interface SessionReport extends Answers {
  readonly device: string;
  readonly reason: string;
  /** Longest time in milliseconds for which the page could do nothing else while the session was made. */
  readonly blocked: number;
}

/** Which candidates of a family are run. */
export interface Selection {
  /** All, or one of every fixed body and of every layout of rank 4. */
  readonly all: boolean;
  /** Of those only whose largest kernel has so much workgroup memory, at least and at most. */
  readonly workgroupBytes: readonly [from: number, to: number];
}

/** What the tests call. */
export interface PageApi {
  /** Compares a family's candidates with their references. */
  runFamily(name: string, selection: Selection): Promise<FamilyReport>;
  /** Runs a model on a device. */
  runModel(url: string, device: DeviceName): Promise<SessionReport>;
  /** Runs a model from GPU buffers to a GPU buffer. */
  runOnGpuBuffers(url: string): Promise<Answers>;
  /** Nanoseconds that a kernel takes, by timestamps and many repetitions. */
  timeKernel(): Promise<number>;
  /** Makes a session whose GPU is then crashed. */
  prepareLoss(url: string): Promise<void>;
  /** The error of a run on it, and the answers of a new session. */
  runAfterLoss(): Promise<Answers & { readonly error: string }>;
}

declare global {
  interface Window {
    lanewise: PageApi;
  }
}

let shared: Promise<GpuDevice> | undefined;
/** A session whose GPU process is about to crash. */
let doomed: Session | undefined;

/** One device for all families. */
function device(): Promise<GpuDevice> {
  shared ??= browserPlatform.openWebGpu('software').then(({ gpu }) => gpu);
  return shared;
}

async function runFamily(
  name: string,
  { all, workgroupBytes: [from, to] }: Selection,
): Promise<FamilyReport> {
  const gpu = await device();
  const cases = families.get(name) ?? [];
  const allowed = cases.map((testCase) =>
    wholeRuns(testCase, contextOf(gpu, 'f32')).filter((run) => {
      const most = Math.max(0, ...sourcesOf(run).map((source) => source.workgroupBytes));
      return most >= from && most <= to;
    }),
  );
  const chosen = all ? allowed : sampleOf(allowed);
  const failures: string[] = [];
  let candidates = 0;
  for (const [i, testCase] of cases.entries()) {
    for (const result of await runCase(gpu, testCase, 'f32', chosen[i])) {
      candidates++;
      if (result.failure) failures.push(`${testCase.name}: ${result.candidate} ${result.failure}`);
    }
  }
  return { candidates, failures };
}

/** Numbers for every input of a model, eight for open dimensions. */
function inputsOf({ inputs }: Model): Record<string, Tensor<'f32'>> {
  return Object.fromEntries(
    inputs.map(({ name, dims = [] }) => {
      const sizes = dims.map((dim) => (typeof dim === 'number' ? dim : 8));
      const length = sizes.reduce((product, size) => product * size, 1);
      const values = Float32Array.from({ length }, (_, i) => ((i * 37) % 101) / 101);
      return [name, new Tensor('f32', sizes, values)];
    }),
  );
}

/** The first output of a run. */
async function answers(session: Session): Promise<number[]> {
  const [output] = Object.values(await session.run(inputsOf(session.model)));
  return output.toNumbers();
}

async function onCpu(model: Model): Promise<number[]> {
  const session = await createSession(model, { device: 'cpu' });
  const outputs = await answers(session);
  await session.dispose();
  return outputs;
}

/** The longest pause between two turns of the event loop while `work` is under way. */
async function longestPause<T>(work: Promise<T>): Promise<{ value: T; blocked: number }> {
  let blocked = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    blocked = Math.max(blocked, now - last);
    last = now;
  });
  try {
    const value = await work;
    return { value, blocked };
  } finally {
    clearInterval(timer);
  }
}

window.lanewise = {
  runFamily,
  runModel: async (url, name) => {
    const model = await loadModel(url);
    const creation = createSession(model, { device: name, dims: { N: 8 } });
    const { value: session, blocked } = await longestPause(creation);
    const outputs = await answers(session);
    const { device, deviceReason: reason } = session;
    await session.dispose();
    return { device: device.kind, reason, outputs, expected: await onCpu(model), blocked };
  },
  runOnGpuBuffers: async (url) => {
    const model = await loadModel(url);
    const lease = await browserPlatform.openWebGpu('software');
    const gpuDevice = lease.gpu.interop?.device;
    if (!gpuDevice) throw new Error('a page has WebGPU devices only');
    const session = await createSession(model, { gpuDevice });
    const inputs: Record<string, GpuTensor> = {};
    for (const [name, tensor] of Object.entries(inputsOf(model))) {
      inputs[name] = await GpuTensor.upload(gpuDevice, tensor);
    }
    const [output] = Object.values(await session.run(inputs, { outputs: 'gpu' }));
    const outputs = (await output.download(gpuDevice)).toNumbers();
    await session.dispose();
    lease.release();
    return { outputs, expected: await onCpu(model) };
  },
  timeKernel: async () => {
    const gpu = await device();
    const bytes = 1 << 22;
    const buffer = await gpu.allocate(bytes, 'timed');
    const [kernel] = await gpu.compile([
      {
        id: 'scale_f32',
        wgsl: `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) { x[id.x] = x[id.x] * 0.5; }`,
        bindings: [{ name: 'x', access: 'read_write' }],
        workgroup: [64, 1, 1],
        grid: [bytes / 256, 1, 1],
        features: [],
        workgroupBytes: 0,
        flops: 0,
        bytes: 2 * bytes,
      },
    ]);
    const recording = await gpu.record([{ kernel, slices: [{ buffer, offset: 0, bytes }] }]);
    const [nanoseconds] = await gpu.time(recording, { repeats: 20 });
    buffer.destroy();
    return nanoseconds;
  },
  prepareLoss: async (url) => {
    doomed = await createSession(await loadModel(url), { device: 'webgpu:software' });
    await answers(doomed);
  },
  runAfterLoss: async () => {
    if (!doomed) throw new Error('prepareLoss comes first');
    const { model } = doomed;
    await doomed.gpuDevice?.lost;
    const error = await answers(doomed).then(() => 'none', String);
    await doomed.dispose();
    const session = await createSession(model, { device: 'webgpu:software' });
    const outputs = await answers(session);
    await session.dispose();
    return { error, outputs, expected: await onCpu(model) };
  },
};
