/** The text and the document of `lanewise explain`. */
import type { PolicySummary, Totals } from '../plan/explain.js';
import type { ModelExplanation } from '../session/explain.js';
import { formatDims } from '../tensor/index.js';
import { NARROW, stepLines } from './explain-steps.js';
import { cleanText, formatBytes, formatMicroseconds, formatShare, plural } from './format.js';
import { LINE_WIDTH, keyValues, table, wrap, type Column } from './table.js';

/** `lanewise explain --json`; times are nanoseconds. */
export interface ExplainDocument extends ModelExplanation {
  readonly command: 'explain';
  /** The model's path, or the network's name. */
  readonly model: string;
  /** What was assumed about open dimensions: `N = 1`. */
  readonly assumed: readonly string[];
}

/** Findings that are shown; the document has all. */
const MAX_FINDINGS = 12;

/**
 * Lines about a plan: what it is for, its steps with their reasons, the policies side by side, memory, findings.
 * @param width characters per line for tables
 */
export function explainLines(document: ExplainDocument, width = LINE_WIDTH): string[] {
  const { notes } = document;
  const textWidth = Math.min(width, LINE_WIDTH);
  return [
    ...notes.flatMap((note) => wrap(cleanText(note), textWidth)),
    ...(notes.length > 0 ? [''] : []),
    ...keyValues(headOf(document), textWidth),
    '',
    ...stepLines(document, width),
    '',
    ...policyLines(document, width),
    '',
    ...keyValues(memoryOf(document.totals), textWidth),
    ...findingLines(document, textWidth),
  ];
}

function headOf(document: ExplainDocument): [string, string][] {
  const { model, plan, assumed, device } = document;
  const shapes = plan.inputs.map(({ name, tensor }) => `${name} ${formatDims(plan.tensors[tensor].dims)}`);
  const note = assumed.length === 0 ? '' : ` (assumed ${assumed.join(', ')})`;
  return [
    ['network', `${model}: ${shapes.join(', ') || 'no inputs'}${note}, stored as ${plan.dtype}`],
    ['device', device],
    ['costs', costsOf(document)],
    ['choice', choiceOf(document)],
  ];
}

/** Where the expected times come from. */
function costsOf({ profile, totals }: ExplainDocument): string {
  const when = profile.measured === null ? '' : ` ${profile.measured}`;
  const sources = {
    measured: `measured${when}`,
    shipped: `ships with Lanewise, measured${when}`,
    estimated: 'a guess at a GPU that nobody has measured',
  };
  const rests =
    totals.measuredShare > 0
      ? `${formatShare(totals.measuredShare)} of the expected time is of measured kernels, the rest by the model`
      : 'all expected times are by the model';
  return `profile ${profile.name} (${sources[profile.source]}); ${rests}`;
}

function isSaved({ why }: ExplainDocument): boolean {
  return why.some((reason) => reason?.rule === 'saved plan');
}

function choiceOf(document: ExplainDocument): string {
  const { plan, trial } = document;
  const { policy, optimal, predicted, bound } = plan;
  if (isSaved(document)) return `a saved plan, made with policy ${policy}`;
  const times = trial.flatMap(({ policy: name, nanoseconds }) =>
    nanoseconds === undefined ? [] : [`${name} ${formatMicroseconds(nanoseconds)}`],
  );
  if (times.length > 1) {
    return `policy ${policy}; the fastest of whole runs, as costs are too close to tell: ${times.join(', ')}`;
  }
  if (optimal) return `policy ${policy}; proved to be the cheapest that it allows, on these costs`;
  const gap = predicted > 0 ? (predicted - bound) / predicted : 0;
  return `policy ${policy}; not proved: the cheapest that it allows takes at most ${formatShare(gap)} less`;
}

const POLICY_COLUMNS: readonly Column[] = [
  { title: 'policy' },
  { title: 'expected', align: 'right' },
  { title: 'measured', align: 'right' },
  { title: 'quartiles', align: 'right' },
  { title: 'transforms', align: 'right' },
  { title: 'launches', align: 'right' },
  { title: 'activations', align: 'right' },
  { title: 'proved' },
];

/**
 * Every policy on the same costs; the one of the plan is marked. Columns without any entry are left out; `proved` is
 * whether no choice that the policy allows is cheaper.
 */
function policyLines(document: ExplainDocument, width: number): string[] {
  const { plan, policies } = document;
  const saved = isSaved(document);
  const rows = policies.map((summary) => policyRow(summary, !saved && summary.policy === plan.policy));
  if (saved) rows.unshift(savedRow(document));
  const kept = POLICY_COLUMNS.map(
    ({ title }, i) => rows.some((row) => row[i] !== '') && (title !== 'quartiles' || width >= NARROW),
  );
  const shown = <T>(cells: readonly T[]): T[] => cells.filter((_, i) => kept[i]);
  return table(
    shown(POLICY_COLUMNS),
    rows.map((row) => shown(row)),
    { width },
  );
}

function policyRow({ policy, totals, optimal, measured }: PolicySummary, isChosen: boolean): string[] {
  return [
    isChosen ? `${policy} (this plan)` : policy,
    formatMicroseconds(totals.time),
    measured ? formatMicroseconds(measured.median) : '',
    measured ? `${formatMicroseconds(measured.low)} to ${formatMicroseconds(measured.high)}` : '',
    transformsOf(totals),
    String(totals.launches),
    formatBytes(totals.arenaBytes),
    optimal ? 'yes' : 'no',
  ];
}

function savedRow({ totals, run, plan }: ExplainDocument): string[] {
  const [, ...cells] = policyRow({ policy: plan.policy, totals, optimal: plan.optimal, measured: run }, true);
  return ['this saved plan', ...cells];
}

/** `12.3 in 4 (5.1 %)`. */
function transformsOf({ time, transforms, transformCount }: Totals): string {
  if (transformCount === 0) return 'none';
  const share = time > 0 ? ` (${formatShare(transforms / time)})` : '';
  return `${formatMicroseconds(transforms)} in ${transformCount}${share}`;
}

function memoryOf({ arenaBytes, liveBytes, constantBytes }: Totals): [string, string][] {
  return [['memory', `${arenaText(arenaBytes, liveBytes)}; weights ${formatBytes(constantBytes)}`]];
}

/** `12.3 MiB of activations, 1.2 % above the largest live set (12.1 MiB)`. */
export function arenaText(arenaBytes: number, liveBytes: number): string {
  const above = liveBytes > 0 ? arenaBytes / liveBytes - 1 : 0;
  return above === 0
    ? `${formatBytes(arenaBytes)} of activations, as much as are alive at once`
    : `${formatBytes(arenaBytes)} of activations, ${formatShare(above)} above the lower bound, ` +
        `the ${formatBytes(liveBytes)} that are alive at once`;
}

function findingLines({ findings }: ExplainDocument, width: number): string[] {
  if (findings.length === 0)
    return ['', 'Nothing stands out: no islands, padding, lone element-wise steps or slow kernels.'];
  const shown = findings.slice(0, MAX_FINDINGS);
  const lines = shown.flatMap(({ kind, steps, message }) => {
    const head = `${kind}, ${stepsText(steps)}: ${cleanText(message)}`;
    return wrap(head, width - 2).map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`));
  });
  const more = findings.length - shown.length;
  return [
    '',
    `${plural(findings.length, 'finding')}:`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more: see --json`] : []),
  ];
}

/** `step 3`, `steps 3, 4, 7`; many as a range. */
function stepsText(steps: readonly number[]): string {
  const numbers = steps.map((step) => step + 1);
  if (numbers.length === 1) return `step ${numbers[0]}`;
  if (numbers.length > 6) return `steps ${Math.min(...numbers)} to ${Math.max(...numbers)}`;
  return `steps ${numbers.join(', ')}`;
}
