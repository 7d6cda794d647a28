/** What the experiments share: a hardware GPU through WebGPU without Lanewise in between, and times on its own clock. */
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
// Dawn lives as long as this is referenced.
globalThis.dawn = create([
  'enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia,disable_workgroup_init',
  'disable-dawn-features=timestamp_quantization',
]);
const adapter = await globalThis.dawn.requestAdapter({ powerPreference: 'high-performance' });
if (!adapter) throw new Error('These experiments need a hardware GPU that WebGPU can use.');
const { limits } = adapter;
const WANTED = ['shader-f16', 'subgroups', 'timestamp-query', 'chromium-experimental-subgroup-matrix'];

export const device = await adapter.requestDevice({
  requiredFeatures: WANTED.filter((feature) => adapter.features.has(feature)),
  requiredLimits: {
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxBufferSize: limits.maxBufferSize,
  },
});
console.log(`${adapter.info.description} (WebGPU)`);

export function bufferOf(bytes, data) {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
  const buffer = device.createBuffer({ size: bytes, usage });
  if (data) device.queue.writeBuffer(buffer, 0, data);
  return buffer;
}

/** @throws Error with the compiler's message */
export async function compile(code) {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const error = await device.popErrorScope();
  if (error) throw new Error(error.message);
  return pipeline;
}

export function bind(pipeline, buffers) {
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  return device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
}

const querySet = device.createQuerySet({ type: 'timestamp', count: 2 });
const resolved = device.createBuffer({
  size: 16,
  usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
});

/** Microseconds of one launch, of so many in a row. */
export async function time(pipeline, group, grid, launches) {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass({
    timestampWrites: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
  });
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  for (let i = 0; i < launches; i++) pass.dispatchWorkgroups(...grid);
  pass.end();
  encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
  device.queue.submit([encoder.finish()]);
  const [start, end] = new BigInt64Array(await read(resolved, 16));
  return Number(end - start) / launches / 1e3;
}

/** Keeps the device at work for a second: an idle one has lowered its clock, and reads three times too slow. */
export async function warmUp(pipeline, group, grid) {
  const end = performance.now() + 1000;
  while (performance.now() < end) await time(pipeline, group, grid, 10);
}

export async function read(buffer, bytes) {
  const copy = device.createBuffer({
    size: bytes,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(GPUMapMode.READ);
  const data = copy.getMappedRange().slice(0);
  copy.destroy();
  return data;
}

/** Median and quartiles, microseconds. */
export function spread(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** A config's time: checked, warmed up, then five samples of ten launches. */
export async function report(name, flops, { text, grid }, buffers, check) {
  const pipeline = await compile(text);
  const group = bind(pipeline, buffers);
  await time(pipeline, group, grid, 1);
  const error = await check();
  await warmUp(pipeline, group, grid);
  const samples = [];
  for (let i = 0; i < 5; i++) samples.push(await time(pipeline, group, grid, 10));
  const { median, low, high } = spread(samples);
  console.log(
    `${name.padEnd(58)} ${median.toFixed(1).padStart(8)} us [${low.toFixed(1)}, ${high.toFixed(1)}] ` +
      `${(flops / median / 1e6).toFixed(1).padStart(6)} TFLOP/s, error ${error.toExponential(1)}`,
  );
}
