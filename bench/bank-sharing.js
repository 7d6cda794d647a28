/**
 * What read-only bindings are worth on a GPU: every distinct launch of some networks with its inputs declared `read`, and
 * declared `read_write` as launches that share a memory bank have to, on the same separate buffers.
 *
 *     npm run build && node bench/bank-sharing.js [--only mobilenet_v2:64,vgg16:1] [--layouts nchw,nhwc] [--device webgpu|webgpu:software]
 */
import { isCandidate } from '../dist/candidates/candidate.js';
import { candidatesFor } from '../dist/candidates/index.js';
import { rewriteForGpu, rewriteGraph } from '../dist/graph/rewrites/index.js';
import { NETWORK_NAMES, network } from '../dist/networks/index.js';
import { buildPlan } from '../dist/plan/build.js';
import { withWritable } from '../dist/plan/memory/sharing.js';
import { uniformPolicy } from '../dist/plan/policies/index.js';
import { spreadOf } from '../dist/tune/timing/measure.js';
import { choices, commandLine, counted, deviceName, openDevice } from './command-line.js';

const args = commandLine({
  only: counted(NETWORK_NAMES, 'mobilenet_v2:64,mobilenet_v2:1,vgg16:1,vgg16:32,resnet50:1,resnet50:64'),
  layouts: choices(['nchw', 'nhwc', 'chwn'], 'nchw,nhwc'),
  device: deviceName(),
});
/** Launches of each way in one recording, rounds that count, and rounds before them. */
const [LAUNCHES, ROUNDS, WARM] = [4, 7, 2];
const device = await openDevice(args.device);
const context = { limits: device.limits, features: device.features, storage: 'f32' };

/** A launch with its inputs read-only again, where the plan let it share a bank. */
function asGenerated(source) {
  let { wgsl } = source;
  const last = source.bindings.length - 1;
  const bindings = source.bindings.map((binding, i) => {
    if (binding.access === 'read' || i === last) return binding;
    const declared = `@binding(${i}) var<storage, read_write> ${binding.name}:`;
    wgsl = wgsl.replace(declared, declared.replace('read_write', 'read'));
    return { ...binding, access: 'read' };
  });
  return { ...source, wgsl, bindings };
}

function planOf(name, batch, layout) {
  const model = network(name);
  const dims = new Map([['image', [batch, ...model.inputs[0].dims.slice(1)]]]);
  const graph = model.build({ dims });
  rewriteGraph(graph);
  rewriteForGpu(graph);
  const chosen = new Map(
    [...graph.nodes].map((node) => {
      const usable = candidatesFor(
        node.op,
        { inputs: node.inputTypes, outputs: node.outputTypes },
        context,
      ).filter((found) => isCandidate(found) && !found.baseline);
      return [node, uniformPolicy(layout).allow(node, usable)[0]];
    }),
  );
  return buildPlan(graph, context, chosen).plan;
}

/** Medians of a launch both ways, nanoseconds. */
async function compare(source, writable, sizes) {
  const buffers = [];
  const recordings = [];
  try {
    for (const bytes of sizes) buffers.push(await device.allocate(bytes, source.id));
    const slices = buffers.map((buffer, i) => ({ buffer, offset: 0, bytes: sizes[i] }));
    for (const kernel of await device.compile([source, withWritable(source, writable)])) {
      recordings.push(await device.record(Array.from({ length: LAUNCHES }, () => ({ kernel, slices }))));
    }
    const samples = recordings.map(() => []);
    for (let round = 0; round < WARM + ROUNDS; round++) {
      for (const way of round % 2 ? [1, 0] : [0, 1]) {
        const [time] = await device.time(recordings[way], { passes: [LAUNCHES], repeats: 5 });
        if (round >= WARM) samples[way].push(time / LAUNCHES);
      }
    }
    return samples.map((list) => spreadOf(list).median);
  } finally {
    for (const recording of recordings) device.release(recording);
    for (const buffer of buffers) buffer.destroy();
  }
}

for (const [name, batch] of args.only) {
  for (const layout of args.layouts) {
    const plan = planOf(name, batch, layout);
    const seen = new Set();
    const rows = [];
    for (const { source, tensors } of plan.steps.flatMap(({ launches }) => launches)) {
      const given = asGenerated(source);
      const inputs = given.bindings.flatMap(({ access }, i) =>
        access === 'read' && plan.tensors[tensors[i]].place.kind === 'arena' ? [i] : [],
      );
      if (seen.has(given.wgsl) || inputs.length === 0) continue;
      seen.add(given.wgsl);
      const sizes = tensors.map((tensor) => Math.max(plan.tensors[tensor].bytes, 4));
      const [read, written] = await compare(given, new Set(inputs), sizes);
      rows.push({ id: given.id, read, written });
    }
    const [read, written] = ['read', 'written'].map((way) => rows.reduce((sum, row) => sum + row[way], 0));
    console.log(
      `${name} x${batch} ${layout}: ${rows.length} kernels, read ${(read / 1e3).toFixed(1)} us, ` +
        `read_write ${(written / 1e3).toFixed(1)} us, ${(written / read).toFixed(4)} times as long`,
    );
    rows.sort((a, b) => b.written / b.read - a.written / a.read);
    for (const row of [...rows.slice(0, 3), ...rows.slice(-2)]) {
      console.log(
        `   ${(row.written / row.read).toFixed(3)} ${(row.read / 1e3).toFixed(1).padStart(9)} us  ${row.id}`,
      );
    }
  }
}
device.destroy();
