/** All about one step. */
import { formatType } from '../../tensor/index.js';
import { cleanText, formatBytes, formatFlops, formatMicroseconds, formatShare, plural } from '../format.js';
import { figuresOf, layoutsText, type ViewData } from './data.js';
import { el, type Markup } from './markup.js';

/** A step's kernel, shapes, bytes and share of the roof, and why it is as it is; undefined for one that is not there. */
export function detailsView(data: ViewData, index: number): Markup | undefined {
  const step = data.plan.steps[index];
  if (!step) return undefined;
  const rows = [...stepFacts(data, index), ...reasonFacts(data, index)];
  return el(
    'dl',
    { class: 'lw-details' },
    ...rows.flatMap(([term, text]) => [el('dt', {}, term), el('dd', {}, text)]),
  );
}

type Fact = readonly [term: string, text: string];

function stepFacts(data: ViewData, index: number): Fact[] {
  const { plan } = data;
  const {
    op,
    name,
    kernel,
    reads,
    inputLayouts,
    outputLayout,
    output,
    launches,
    bytes,
    movedBytes,
    flops,
    cost,
  } = plan.steps[index];
  const { time, measured, share, ofRoof, ofCopy, bandwidth, rate, bound } = figuresOf(data)[index];
  const inputs = (reads ?? []).map((tensor) => formatType(plan.tensors[tensor])).join(', ');
  const range = cost ? ` (${formatMicroseconds(cost.low)} to ${formatMicroseconds(cost.high)})` : '';
  return [
    ['operator', op],
    ['name', cleanText(name)],
    ['kernel', launches.length === 0 ? `${kernel} (nothing to launch)` : kernel],
    ['layout', layoutsText(inputLayouts, outputLayout)],
    ['reads', inputs || 'constants only'],
    ['writes', formatType(output)],
    ...launches.map(({ kernel: id, grid, workgroup }): Fact => [
      'launch',
      `${id}: ${grid.join('×')} groups of ${workgroup.join('×')}`,
    ]),
    [
      'expected',
      cost
        ? `${formatMicroseconds(cost.median)} µs${range}, ${cost.origin === 'measured' ? 'the kernel was measured' : 'predicted by the model'}`
        : 'not known',
    ],
    ...(measured === undefined ? [] : [['measured', `${formatMicroseconds(measured)} µs, alone`] as const]),
    ['of the network', formatShare(share)],
    [
      'ideal bytes',
      `${formatBytes(bytes)}, at ${formatFlops(Math.round(bandwidth))}B/s${data.profile ? `: ${formatShare(ofCopy)} of the copy bandwidth` : ''}`,
    ],
    ['moved bytes', `${formatBytes(movedBytes)} with padding and scratch memory`],
    ['operations', `${formatFlops(flops)} FLOP, at ${formatFlops(Math.round(rate))}FLOP/s`],
    [
      'of the roof',
      `${formatShare(ofRoof)}, bound by ${bound}; the floor is ${formatMicroseconds(cost?.floor ?? 0)} µs of ${formatMicroseconds(time)}`,
    ],
  ];
}

const PLAN_ALONE = 'not in a saved plan: open it with its model, `lanewise inspect MODEL --plan FILE`';

function reasonFacts({ plan, why, findings, isPlanAlone }: ViewData, index: number): Fact[] {
  const step = plan.steps[index];
  const reason = why[index];
  const found = findings
    .filter(({ steps }) => steps.includes(index))
    .map(({ kind, message }): Fact => [kind, cleanText(message)]);
  if (!reason) {
    const text = `${cleanText(step.name)} was written as ${step.inputLayouts[0]} and is read as ${step.outputLayout}: together with this conversion that costs the network least`;
    return [['why', step.node === null ? text : isPlanAlone ? PLAN_ALONE : 'not known'], ...found];
  }
  const { rule, runnerUp, allowed, possible } = reason;
  const ways = `${plural(possible, 'way')} to run it, ${allowed} allowed by the policy`;
  const facts: Fact[] = [['why', `${rule ?? 'cheapest for the whole network'}; ${ways}`]];
  if (runnerUp) {
    const sign = runnerUp.extra < 0 ? '-' : '+';
    facts.push([
      'second best',
      `${runnerUp.kernel}, ${layoutsText(runnerUp.inputLayouts, runnerUp.outputLayout)}: ` +
        `${formatMicroseconds(runnerUp.cost.median)} µs itself, ${sign}${formatMicroseconds(Math.abs(runnerUp.extra))} µs for the network`,
    ]);
  }
  return [...facts, ...found];
}
