/** `lanewise devices`: what there is to run on, with limits, drivers and libraries. */
import { CpuDevice } from '../devices/cpu/index.js';
import { architectureOf, featuresOf, type DeviceFacts } from '../devices/cuda/limits.js';
import type { GpuDevice } from '../devices/gpu.js';
import { LanewiseError } from '../errors.js';
import { reportCuda, type CudaReport } from '../host/cuda.js';
import { nodePlatform } from '../host/platform.js';
import {
  cleanText,
  deviceLines,
  formatBytes,
  formatJson,
  type DeviceReport,
  type LibraryReport,
} from '../report/index.js';
import type { AdapterKind } from '../session/index.js';
import { defineCommand } from './command.js';
import { EXIT_OK } from './errors.js';

/** What a device that is not there has. */
const NOTHING = {
  ordinal: null,
  description: null,
  identity: null,
  limits: null,
  features: [],
  details: [],
} as const;

export const devices = defineCommand({
  name: 'devices',
  description: 'List the devices that --device takes, with their limits, drivers and libraries.',
  args: {},
  notes: [
    'A device that is not here is listed with the reason. NVIDIA’s libraries are looked for in the folders that ' +
      'LANEWISE_CUDA_LIBS names, where the system’s loader looks, in CUDA’s toolkit and in Python’s packages.',
  ],
  examples: [
    'lanewise devices',
    'lanewise devices --json',
    'LANEWISE_CUDA_LIBS=/opt/cuda/lib64 lanewise devices',
  ],
  run: async ({ args, terminal }) => {
    terminal.status('looking for devices');
    const cuda = await reportCuda();
    const document = {
      command: 'devices',
      devices: [
        cpuReport(),
        await webGpuReport('webgpu', 'hardware'),
        await webGpuReport('webgpu:software', 'software'),
        ...cudaReports(cuda),
      ],
      libraries: libraryReports(cuda),
    } as const;
    terminal.done();
    if (args.json) terminal.out(formatJson(document));
    else for (const line of deviceLines(document)) terminal.out(cleanText(line));
    return EXIT_OK;
  },
});

function cpuReport(): DeviceReport {
  return { ...NOTHING, device: 'cpu', description: new CpuDevice().description, problem: null };
}

async function webGpuReport(device: string, kind: AdapterKind): Promise<DeviceReport> {
  const lack = kind === 'hardware' ? nodePlatform.lacksGpu?.() : undefined;
  if (lack !== undefined) return { ...NOTHING, device, problem: lack };
  try {
    const lease = await nodePlatform.openWebGpu(kind);
    const report = gpuReport(device, lease.gpu);
    lease.release();
    return report;
  } catch (error) {
    if (!(error instanceof LanewiseError)) throw error;
    return { ...NOTHING, device, problem: error.message };
  }
}

function gpuReport(device: string, { description, identity, limits, features }: GpuDevice): DeviceReport {
  return { ...NOTHING, device, description, identity, limits, features: [...features], problem: null };
}

function cudaReports(report: CudaReport): DeviceReport[] {
  const { devices: found, search, problems } = report;
  const missing = (['driver', 'nvrtc'] as const).flatMap((name) => {
    const place = search.places.get(name);
    return place && place.path === undefined ? [`${place.title} was not found. ${place.remedy}`] : [];
  });
  const lacks = [...missing, ...problems];
  const problem = lacks.length > 0 ? lacks.join(' ') : null;
  if (found.length > 0) return found.map((facts) => cudaDevice(facts, report, problem));
  return [
    {
      ...NOTHING,
      device: 'cuda',
      problem: problem ?? 'the driver sees no GPU (CUDA_VISIBLE_DEVICES may hide them)',
    },
  ];
}

function cudaDevice(facts: DeviceFacts, report: CudaReport, problem: string | null): DeviceReport {
  const { name, capability, limits, totalBytes, multiprocessors, l2Bytes, sharedBytesOptIn, ordinal, uuid } =
    facts;
  const { driver, driverVersion, nvrtc } = report;
  return {
    device: 'cuda',
    ordinal,
    description: `${name} (CUDA)`,
    identity: {
      vendor: 'nvidia',
      architecture: architectureOf(capability),
      name,
      driver: driverVersion,
      runtime: [driver && `CUDA ${driver}`, nvrtc && `nvrtc ${nvrtc}`].filter(Boolean).join(', '),
    },
    limits,
    features: [...featuresOf(capability, [])],
    details: [
      `compute capability ${capability.join('.')}, ${multiprocessors} multiprocessors, ${uuid}`,
      `${formatBytes(totalBytes)} of memory, ${formatBytes(l2Bytes)} of cache, ${formatBytes(sharedBytesOptIn)} of shared memory at most`,
    ],
    problem,
  };
}

function libraryReports({ search, driver, driverVersion, nvrtc }: CudaReport): LibraryReport[] {
  const versions: Readonly<Record<string, string | undefined>> = {
    driver: driver && [driverVersion, `CUDA ${driver}`].filter(Boolean).join(', '),
    nvrtc,
  };
  return Array.from(search.places.values(), ({ name, title, path, remedy }) => ({
    name,
    title,
    path: path ?? null,
    version: versions[name] ?? null,
    remedy,
  }));
}
