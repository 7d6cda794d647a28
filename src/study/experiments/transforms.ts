/** The paper's transform between its two layouts (SC 2016, section IV.C): naive, through tiles, and with vectors. */
import { naiveTransformKernel } from '../../kernels/transform/naive.js';
import { transformKernel } from '../../kernels/transform/index.js';
import type { KernelSource } from '../../devices/gpu.js';
import { idealBytes, type TensorView } from '../../kernels/view.js';
import { Identity } from '../../ops/identity.js';
import { formatDims, layoutOf, type Dims } from '../../tensor/index.js';
import { tiledTransform } from '../baselines/tiled-transform.js';
import type { Tell } from '../bench.js';
import type { LayerResult } from '../results.js';
import { boxAt, checkSteps, timeChecked, type Checked, type Study } from '../study.js';

export async function studyTransforms(study: Study, tell: Tell): Promise<LayerResult[]> {
  const { transforms } = study.scale;
  const results: LayerResult[] = [];
  for (const [i, dims] of transforms.entries()) {
    results.push(
      await studyTransform(study, dims, (what, share) => {
        tell(`${formatDims(dims)}, ${what}`, (i + share) / transforms.length);
      }),
    );
  }
  return results;
}

async function studyTransform(study: Study, dims: Dims, tell: Tell): Promise<LayerResult> {
  const { storage: type, limits } = study.context;
  const x: TensorView = { dims, layout: layoutOf('chwn', dims.length), type };
  const y: TensorView = { dims, layout: layoutOf('nchw', dims.length), type };
  const ways: [method: string, source: KernelSource][] = [
    ['naive', naiveTransformKernel({ x, y, maxGrid: limits.maxGrid })],
    ['tiled', tiledTransform(x, limits.maxGrid)],
    ['tiled, vectors', transformKernel(x, y, limits)],
  ];
  const checked: Checked[] = [];
  for (const [method, source] of ways) {
    tell(`checking ${source.id}`, 0);
    const operands = [
      { kind: 'input', index: 0 },
      { kind: 'output', index: 0 },
    ] as const;
    const bytes = idealBytes(x);
    const launches = [{ source, buffers: [0, 1] }];
    checked.push({
      kernel: source.id,
      method,
      layout: 'CHWN → NCHW',
      subject: { name: source.id, buffers: [bytes, bytes], launches },
      ...(await checkSteps(study, {
        op: new Identity(),
        inputs: [x],
        output: y,
        workspace: [],
        steps: [{ source, operands }],
        dependence: (index) => ({
          boxes: [
            boxAt(
              index,
              dims.map(() => 1),
            ),
          ],
          at: dims.map(() => 0),
        }),
      })),
    });
  }
  const entries = await timeChecked(study, checked, tell);
  const name = formatDims(dims);
  return { name, shape: name, flops: 0, bytes: idealBytes(x) + idealBytes(y), entries, refused: [] };
}
