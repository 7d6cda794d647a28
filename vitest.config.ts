import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests of plain functions share a process: loading modules anew takes half a second of CPU time for each file. */
const TOGETHER = ['bench', 'candidates', 'graph', 'networks', 'onnx', 'ops', 'report', 'tensor'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

/** What takes longest begins first, so that all cores are busy to the end. */
const LONGEST = [
  'kernels/parts',
  'devices/cuda/translate-kernels',
  'browser/browser',
  'kernels/conv.',
  'kernels/mma.',
  'app/documents',
  'app/inspector',
  'kernels/conv-pool',
  'kernels/gemm',
  'devices/webgpu/leaks',
  'study/command',
  'plan/memory',
  'plan/network',
  'kernels/winograd',
];

/** When a file's turn is: the longest, then whatever has a process of its own. */
function rank({ moduleId, project }: TestSpecification): number {
  const at = LONGEST.findIndex((part) => moduleId.includes(`/test/${part}`));
  return at >= 0 ? at : LONGEST.length + (project.config.isolate ? 0 : 1);
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    return usual.sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One process fewer is the default: on two cores that is one.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    setupFiles: ['test/support/quiet-polls.ts'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
    },
    projects: [
      {
        extends: true,
        test: { name: 'together', isolate: false, include: TOGETHER },
      },
      {
        extends: true,
        test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: TOGETHER },
      },
    ],
  },
});
