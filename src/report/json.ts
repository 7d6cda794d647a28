/**
 * The JSON documents of the command line: what `--json` prints. Bytes, operations and milliseconds are raw numbers.
 * Within a major version of the package, fields may be added; none changes its meaning or goes away.
 */
import type { DType, Tensor } from '../tensor/index.js';
import { DTYPES } from '../tensor/index.js';
import type { Answers } from './answers.js';
import type { DevicesDocument } from './devices.js';
import type { ExplainDocument } from './explain.js';
import type { LayerReport } from './layers.js';
import type { ModelInfo } from './model-info.js';
import type { PlanInfo } from './plan-info.js';
import type { StudyDocument } from './study.js';
import type { TuneDocument } from './tune.js';
import type { CaseReport, VerifyTotals } from './verify.js';

/** `lanewise run --json` */
export interface RunDocument {
  readonly command: 'run';
  readonly model: { readonly path: string; readonly name: string };
  /** `reason`: why `auto` took it, or that it was asked for. */
  readonly device: { readonly kind: string; readonly description: string; readonly reason: string };
  readonly runs: readonly RunEntry[];
  /** With `--profile`: one entry per step of the last run's graph, median times over the runs; else null. */
  readonly layers: readonly LayerReport[] | null;
}

/** One run of the model. */
export interface RunEntry {
  /** The file behind each input: several where images form a batch, none where its numbers are random. */
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  readonly milliseconds: number;
  readonly outputs: Readonly<Record<string, OutputReport>>;
  /** Per image, when the last output looks like class scores and `--top` is not 0; else null. */
  readonly answers: readonly Answers[] | null;
}

export interface OutputReport {
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** The `.npy` file written by `--output`; else null. */
  readonly file: string | null;
  /** The elements in row-major order where there are at most 1,000; else null. */
  readonly values: readonly JsonNumber[] | null;
}

/** JSON has no NaN and no infinities, and its readers keep 53 bits of an integer: the rest is text. */
export type JsonNumber = number | string;

/** `lanewise verify --json` */
export interface VerifyDocument extends VerifyTotals {
  readonly command: 'verify';
  readonly device: { readonly kind: string; readonly description: string };
  readonly cases: readonly CaseReport[];
}

/** `lanewise info --json` */
export interface InfoDocument extends ModelInfo {
  readonly command: 'info';
  /** The model's path, or the network's name. */
  readonly path: string;
  /** Null where shapes are open, or the graph cannot be built. */
  readonly plan: PlanInfo | null;
}

/** `lanewise inspect --json`, printed when the page can be opened. */
export interface InspectDocument {
  readonly command: 'inspect';
  readonly url: string;
}

/** Any command that failed (exit code 1). */
export interface ErrorDocument {
  readonly error: { readonly name: string; readonly message: string };
}

export type JsonDocument =
  | RunDocument
  | VerifyDocument
  | InfoDocument
  | ExplainDocument
  | TuneDocument
  | DevicesDocument
  | StudyDocument
  | InspectDocument
  | ErrorDocument;

/** The document's text. Terminal control characters inside strings are escaped, as JSON allows. */
export function formatJson(document: JsonDocument): string {
  const text = JSON.stringify(document, undefined, 2);
  return text.replaceAll(/[\u007F-\u009F\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => escapeUnits(character));
}

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, i) => {
    const unit = character.charCodeAt(i).toString(16).padStart(4, '0');
    return `\\u${unit}`;
  }).join('');
}

const MAX_VALUES = 1000;

/** A tensor's elements for a document; null where there are too many. */
export function jsonValues(tensor: Tensor): JsonNumber[] | null {
  if (tensor.size > MAX_VALUES) return null;
  if (DTYPES[tensor.dtype].kind === 'float') {
    return tensor.toNumbers().map((value) => (Number.isFinite(value) ? value : String(value)));
  }
  return Array.from(tensor.data as ArrayLike<number | bigint>, (value) =>
    Number.isSafeInteger(Number(value)) ? Number(value) : String(value),
  );
}
