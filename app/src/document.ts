/** Documents that the page opens: plans with their reasons (`lanewise explain --json`), and states that it saved itself. */
import type { ViewData } from 'lanewise/views';

/**
 * Reads a document.
 * @throws Error that says what it is instead, and the remedy
 */
export function parseDocument(text: string, name: string): ViewData {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${name} is no JSON. Drop an ONNX model, or what \`lanewise explain --json\` prints.`);
  }
  const fields = isRecord(value) ? value : {};
  if (fields['format'] === 'lanewise-plan') {
    throw new Error(
      `${name} is a plan without its reasons. Open it with its model: \`lanewise inspect MODEL --plan ${name}\`.`,
    );
  }
  const problem = problemOf(fields);
  if (problem) {
    throw new Error(
      `${name} is no document of this version (${problem}). Write it with \`lanewise explain MODEL --json\`.`,
    );
  }
  // Checked as far as views rely on it.
  return { model: name, ...fields } as unknown as ViewData;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is wrong with it. */
function problemOf(fields: Readonly<Record<string, unknown>>): string | undefined {
  const { plan, why, totals, profile, policies, findings, notes, measured } = fields;
  if (!isRecord(plan)) return 'it has no plan';
  const lists: Readonly<Record<string, unknown>> = { why, policies, findings, notes };
  const missing = Object.entries(lists).find(([, list]) => !Array.isArray(list));
  if (missing) return `it has no ${missing[0]}`;
  if (!isRecord(totals) || typeof totals['time'] !== 'number') return 'it has no totals';
  if (!isRecord(profile) || !isRecord(profile['roofs'])) return 'it does not know the roofs of its device';
  const { steps, tensors, banks, inputs, outputs } = plan;
  if (![steps, tensors, banks, inputs, outputs].every(Array.isArray)) return 'its plan is not whole';
  const count = Array.isArray(tensors) ? tensors.length : 0;
  const isTensor = (index: unknown): boolean => typeof index === 'number' && index >= 0 && index < count;
  const list = Array.isArray(steps) ? steps : [];
  const bad = list.findIndex((step: unknown) => {
    if (!isRecord(step)) return true;
    const { reads, writes, launches, name, op, kernel } = step;
    const places = [reads, writes].every((all) => Array.isArray(all) && all.every(isTensor));
    return (
      !places || !Array.isArray(launches) || ![name, op, kernel].every((text) => typeof text === 'string')
    );
  });
  if (bad >= 0) return `step ${bad + 1} is not whole`;
  if (measured !== null && !(Array.isArray(measured) && measured.length === list.length))
    return 'its times do not fit';
  return undefined;
}
