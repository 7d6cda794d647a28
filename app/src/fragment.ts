/** The page's state as the fragment of its address: a link opens the same again. Nothing of it reaches a server. */
import { COLOURINGS, type Colouring } from 'lanewise/views';
import { NETWORK_NAMES, type ForcedStep, type PolicyName } from 'lanewise';

export const TABS = ['graph', 'table', 'roofline', 'timeline', 'memory', 'whatif', 'try'] as const;
export type Tab = (typeof TABS)[number];

export const POLICIES = [
  'optimal',
  'heuristic',
  'nchw',
  'nhwc',
  'chwn',
] as const satisfies readonly PolicyName[];

/** What a link can open: what dropped files hold never leaves the page. */
export type LinkedSource =
  | { readonly kind: 'demo' }
  | { readonly kind: 'network'; readonly name: string }
  | { readonly kind: 'model'; readonly path: string; readonly name: string }
  | {
      readonly kind: 'document';
      readonly path: string;
      readonly name: string;
      /** The model that it is of, where that lies beside the page too. */
      readonly model?: string;
    };

export interface PageState {
  readonly source: LinkedSource | undefined;
  readonly batch: number;
  readonly tab: Tab;
  readonly colouring: Colouring;
  readonly step: number | undefined;
  readonly policy: PolicyName | undefined;
  readonly forced: readonly ForcedStep[];
}

export const START: PageState = {
  source: undefined,
  batch: 1,
  tab: 'graph',
  colouring: 'layout',
  step: undefined,
  policy: undefined,
  forced: [],
};

function oneOf<T extends string>(choices: readonly T[], text: string | null): T | undefined {
  return choices.find((choice) => choice === text);
}

function wholeNumber(text: string | null, least: number): number | undefined {
  const value = Number(text);
  return text !== null && /^\d{1,9}$/.test(text) && value >= least ? value : undefined;
}

/** What a fragment says; what it says wrong counts as not said. */
export function parseFragment(fragment: string): PageState {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  return {
    source: sourceOf(given),
    batch: wholeNumber(given.get('batch'), 1) ?? START.batch,
    tab: oneOf(TABS, given.get('view')) ?? START.tab,
    colouring: oneOf(COLOURINGS, given.get('color')) ?? START.colouring,
    step: wholeNumber(given.get('step'), 0),
    policy: oneOf(POLICIES, given.get('policy')),
    forced: given.getAll('force').flatMap(parseForced),
  };
}

function sourceOf(given: URLSearchParams): LinkedSource | undefined {
  if (given.has('demo')) return { kind: 'demo' };
  const network = oneOf(NETWORK_NAMES, given.get('network'));
  if (network) return { kind: 'network', name: network };
  const [model, document] = [pathOf(given.get('model')), pathOf(given.get('document'))];
  const path = document ?? model;
  if (path === undefined) return undefined;
  const name = given.get('name') ?? path.replace('input/', '');
  if (document === undefined) return { kind: 'model', path, name };
  return { kind: 'document', path, name, ...(model !== undefined && { model }) };
}

/** Only what lies beside the page: one segment of plain characters in one folder. */
function pathOf(path: string | null): string | undefined {
  return path !== null && /^input\/[\w.-]+$/.test(path) && !path.includes('..') ? path : undefined;
}

/** `node,kernel,inputLayout,outputLayout`, of which all but the first may be empty. */
function parseForced(text: string): ForcedStep[] {
  const [place, kernel = '', inputLayout = '', outputLayout = ''] = text.split(',');
  const node = wholeNumber(place, 0);
  if (node === undefined) return [];
  return [
    {
      node,
      ...(kernel && { kernel }),
      ...(inputLayout && { inputLayout }),
      ...(outputLayout && { outputLayout }),
    },
  ];
}

export function formatFragment({ source, batch, tab, colouring, step, policy, forced }: PageState): string {
  const given = new URLSearchParams();
  if (source?.kind === 'demo') given.set('demo', '');
  if (source?.kind === 'network') given.set('network', source.name);
  if (source?.kind === 'model' || source?.kind === 'document') {
    given.set(source.kind, source.path);
    given.set('name', source.name);
    if (source.kind === 'document' && source.model !== undefined) given.set('model', source.model);
  }
  if (batch !== START.batch) given.set('batch', String(batch));
  if (tab !== START.tab) given.set('view', tab);
  if (colouring !== START.colouring) given.set('color', colouring);
  if (step !== undefined) given.set('step', String(step));
  if (policy) given.set('policy', policy);
  for (const { node, kernel, inputLayout, outputLayout } of forced) {
    given.append('force', [node, kernel, inputLayout, outputLayout].join(','));
  }
  return given.toString();
}
