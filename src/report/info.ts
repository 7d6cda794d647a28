/** The text of `lanewise info`. */
import { formatDims } from '../tensor/index.js';
import { arenaText } from './explain.js';
import { formatBytes, formatCount, formatFlops } from './format.js';
import type { ModelInfo, PortInfo } from './model-info.js';
import type { PlanInfo } from './plan-info.js';
import { keyValues } from './table.js';

/** Lines about a model. @param plan how it would be planned for a GPU, where that is known */
export function infoLines(info: ModelInfo, plan: PlanInfo | null = null): string[] {
  return keyValues([
    ['name', info.name],
    ['producer', info.producer || 'not named'],
    ...(info.opset === null ? [] : ([['opset', String(info.opset)]] as const)),
    ...ports('input', info.inputs),
    ...ports('output', info.outputs),
    ['operators', operatorsText(info)],
    ...graphEntries(info),
    ...(plan ? [planEntry(plan)] : []),
    ['unsupported', info.unsupported.length === 0 ? 'nothing found' : info.unsupported.join(', ')],
    ...(info.problem === null ? [] : ([['problem', info.problem]] as const)),
  ]);
}

function planEntry({ memory, profile, source, policy, problem }: PlanInfo): [string, string] {
  if (!memory) return ['on a GPU', problem ?? 'not planned'];
  const device = source === 'estimated' ? 'a typical GPU' : `the profile ${profile}`;
  const arena = arenaText(memory.arenaBytes, memory.liveBytes);
  return ['on a GPU', `${arena} (planned for ${device}, policy ${policy}: see lanewise explain)`];
}

function ports(kind: string, list: readonly PortInfo[]): [string, string][] {
  const texts = list.map(
    ({ name, dtype, dims }) => `${name}: ${dtype} ${dims ? formatDims(dims) : 'of any shape'}`,
  );
  const title = list.length === 1 ? kind : `${kind}s`;
  return texts.length === 0 ? [[title, 'none']] : texts.map((text, i) => [i === 0 ? title : '', text]);
}

function operatorsText({ operators, fileNodes }: ModelInfo): string {
  const kinds = Object.entries(operators).map(([name, count]) => `${name}\u00A0${count}`);
  return kinds.length === 0 ? 'none' : `${kinds.join(', ')} (${formatCount(fileNodes)}\u00A0in\u00A0all)`;
}

function graphEntries({ graph, opset, fileNodes, assumed, missingDims }: ModelInfo): [string, string][] {
  if (missingDims.length > 0) {
    return [['shapes', `open: to see FLOP and memory, give --dims ${missingDims.join(' --dims ')}`]];
  }
  if (!graph) return [];
  const shapes = Object.entries(graph.shapes).map(([name, dims]) => `${name} ${formatDims(dims)}`);
  const note = assumed.length === 0 ? '' : ` (assumed ${assumed.join(', ')}: see --dims)`;
  return [
    ['shapes', `${shapes.join(', ') || 'no inputs'}${note}`],
    ['parameters', formatCount(graph.parameters)],
    ['weights', formatBytes(graph.weightBytes)],
    ['FLOP', formatFlops(graph.flops)],
    ['activations', `${formatBytes(graph.peakActivationBytes)} at the peak`],
    [
      'nodes',
      `${formatCount(fileNodes)} ${opset === null ? 'as built' : 'in the file'}, ${formatCount(graph.nodes)} after rewriting`,
    ],
  ];
}
