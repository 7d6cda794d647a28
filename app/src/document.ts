/**
 * Documents that the page opens: plans with their reasons (`lanewise explain --json`) and states that it saved itself, plans
 * alone (`lanewise explain --save`), devices (profiles, and what `lanewise tune --export` writes).
 */
import type { PlanDocument } from 'lanewise';
import { planAlone, readDevices, type KnownDevice, type ViewData } from 'lanewise/views';

export type PageDocument =
  | { readonly kind: 'plan'; readonly data: ViewData }
  | { readonly kind: 'devices'; readonly name: string; readonly devices: readonly KnownDevice[] };

/**
 * Reads a document.
 * @throws Error that says what it is instead, and the remedy
 */
export function parseDocument(text: string, name: string): PageDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${name} is no JSON. Drop an ONNX model, or what \`lanewise explain --json\` prints.`);
  }
  const fields = isRecord(value) ? value : {};
  if (
    fields['format'] === 'lanewise-costs' ||
    (fields['roofs'] !== undefined && fields['plan'] === undefined)
  ) {
    const devices = readDevices(text, name);
    if (devices.length > 0) return { kind: 'devices', name, devices };
    throw new Error(`${name} holds costs, but no device profile. Run \`lanewise tune\`, and export again.`);
  }
  if (fields['command'] === 'run') {
    throw new Error(
      `${name} is of a run, without its plan. Write plan and times with \`lanewise explain MODEL --measure --json\`.`,
    );
  }
  if (fields['format'] === 'lanewise-plan') return { kind: 'plan', data: planOf(fields, name) };
  if (fields['isPlanAlone'] === true && isRecord(fields['plan'])) {
    return { kind: 'plan', data: planOf(fields['plan'], textOr(fields['model'], name)) };
  }
  const problem = documentProblem(fields);
  if (problem) {
    throw new Error(
      `${name} is no document of this version (${problem}). Write it with \`lanewise explain MODEL --json\`.`,
    );
  }
  // Checked as far as views rely on it.
  return { kind: 'plan', data: { model: name, ...fields } as unknown as ViewData };
}

/** A plan alone. @throws Error where it is not whole */
function planOf(fields: Fields, name: string): ViewData {
  const problem =
    fields['version'] === 1
      ? (planProblem(fields) ?? (isRecord(fields['device']) ? undefined : 'it does not name its device'))
      : `its version is ${JSON.stringify(fields['version']) ?? 'missing'}`;
  if (problem) {
    throw new Error(
      `${name} is no plan of this version (${problem}). Save it again: \`lanewise explain MODEL --save ${name}\`.`,
    );
  }
  // Checked as far as views rely on it.
  return planAlone(fields as unknown as PlanDocument, name);
}

type Fields = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

/** What is wrong with an explained plan. */
function documentProblem(fields: Fields): string | undefined {
  const { plan, why, totals, profile, policies, findings, notes, measured } = fields;
  if (!isRecord(plan)) return 'it has no plan';
  const lists: Fields = { why, policies, findings, notes };
  const missing = Object.entries(lists).find(([, list]) => !Array.isArray(list));
  if (missing) return `it has no ${missing[0]}`;
  if (!isRecord(totals) || typeof totals['time'] !== 'number') return 'it has no totals';
  if (!isRecord(profile) || !isRecord(profile['roofs'])) return 'it does not know the roofs of its device';
  const problem = planProblem(plan) ?? basisProblem(fields['basis']);
  if (problem) return problem;
  const count = Array.isArray(plan['steps']) ? plan['steps'].length : 0;
  if (measured !== null && !(Array.isArray(measured) && measured.length === count))
    return 'its times do not fit';
  return undefined;
}

/** What is wrong with what a plan rests on, as far as it is not checked where it is used. */
function basisProblem(basis: unknown): string | undefined {
  if (basis === undefined) return undefined;
  const isWhole = isRecord(basis) && isRecord(basis['profile']) && Array.isArray(basis['costs']);
  return isWhole ? undefined : 'what its plan rests on is not whole';
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isListOf = (value: unknown, fits: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(fits);

/** What is wrong with a plan. */
function planProblem(plan: Fields): string | undefined {
  const { steps, tensors, banks, inputs, outputs, graph, lowerBound, constantBytes } = plan;
  if (![steps, tensors, inputs, outputs].every(Array.isArray) || !isListOf(banks, isNumber))
    return 'its plan is not whole';
  if (!isRecord(graph) || ![lowerBound, constantBytes].every(isNumber)) return 'its plan is not whole';
  if (!isListOf(tensors, isTensor)) return 'a tensor of its plan is not whole';
  const count = Array.isArray(tensors) ? tensors.length : 0;
  const isPlace = (index: unknown): boolean => typeof index === 'number' && index >= 0 && index < count;
  const isPort = (port: unknown): boolean =>
    isRecord(port) && isText(port['name']) && isPlace(port['tensor']);
  if (!isListOf(inputs, isPort) || !isListOf(outputs, isPort)) return 'an input or output is not whole';
  const list: unknown[] = Array.isArray(steps) ? steps : [];
  const bad = list.findIndex((step) => !isStep(step, isPlace));
  return bad >= 0 ? `step ${bad + 1} is not whole` : undefined;
}

function isTensor(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value['name']) &&
    isText(value['dtype']) &&
    isListOf(value['dims'], isNumber) &&
    isNumber(value['bytes']) &&
    isRecord(value['place'])
  );
}

function isStep(value: unknown, isPlace: (index: unknown) => boolean): boolean {
  if (!isRecord(value)) return false;
  const { reads, writes, launches, name, op, kernel, inputLayouts, outputLayout, output, cost } = value;
  return (
    isListOf(reads, isPlace) &&
    isListOf(writes, isPlace) &&
    isListOf(launches, (launch) => isLaunch(launch, isPlace)) &&
    [name, op, kernel, outputLayout].every(isText) &&
    isListOf(inputLayouts, isText) &&
    isRecord(output) &&
    isListOf(output['dims'], isNumber) &&
    [value['bytes'], value['movedBytes'], value['flops']].every(isNumber) &&
    (cost === null || (isRecord(cost) && isNumber(cost['median']) && isNumber(cost['floor'])))
  );
}

function isLaunch(value: unknown, isPlace: (index: unknown) => boolean): boolean {
  return (
    isRecord(value) &&
    isText(value['kernel']) &&
    isListOf(value['tensors'], isPlace) &&
    isListOf(value['grid'], isNumber) &&
    isListOf(value['workgroup'], isNumber)
  );
}
