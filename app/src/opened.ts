/** What the page has open, and what can be done with it, as types. */
import type { ForcedStep, PolicyName } from 'lanewise';
import type { KnownDevice, PlacedGraph, ViewData } from 'lanewise/views';
import type { Engine } from './engine/client.js';
import type { DataFile, ImageInput, OpenedModel, Source } from './engine/protocol.js';
import type { LinkedSource, PageState } from './fragment.js';
import type { Busy } from './jobs.js';

/** A model, or a document alone. */
export interface Opened {
  /** The plan as it was opened. */
  readonly base: ViewData;
  /** The document that was planned again in the page, which is opened from it. */
  readonly document: ViewData | undefined;
  /** What answers "what if"; absent for a document whose model, or what its plan rests on, is not to be had. */
  readonly engine: Engine | undefined;
  /** What the plan can run on here; `none` for a document too. */
  readonly gpu: OpenedModel['gpu'];
  readonly image: ImageInput | undefined;
  /** The model of a document, where it is to be had. */
  readonly model: Source | undefined;
}

/** A document without an engine. */
export const BARE = { document: undefined, engine: undefined, gpu: 'none', image: undefined } as const;

export interface Problem {
  readonly message: string;
  readonly name: string;
}

/** A model that was read and waits for its batch size. */
export interface Question {
  readonly name: string;
  readonly answer: (batch: number) => void;
  readonly cancel: () => void;
}

export interface ShownDevices {
  /** The file's name. */
  readonly name: string;
  readonly devices: readonly KnownDevice[];
}

export interface Inspector {
  readonly state: PageState;
  readonly opened: Opened | undefined;
  /** The plan as opened, and as shown, with what was measured of them. */
  readonly base: ViewData | undefined;
  readonly current: ViewData | undefined;
  readonly placed: PlacedGraph | undefined;
  readonly busy: Busy | undefined;
  readonly problem: Problem | undefined;
  readonly question: Question | undefined;
  /** What a device's profile says, in place of a model. */
  readonly devices: ShownDevices | undefined;
  readonly update: (change: Partial<PageState>) => void;
  readonly openFiles: (files: readonly DataFile[] | Promise<readonly DataFile[]>) => void;
  readonly openLinked: (source: LinkedSource, batch: number) => void;
  readonly plan: (policy: PolicyName | undefined, forced: readonly ForcedStep[]) => void;
  readonly measure: (plans: readonly ViewData[]) => void;
  /** Plans what a document is of in the page; undefined where the model is not to be had. */
  readonly planHere: (() => void) | undefined;
  /** Gives a document an engine for the device that it was planned for; undefined where that cannot be, or it has one. */
  readonly planThere: (() => void) | undefined;
  readonly close: () => void;
  readonly fail: (error: unknown) => void;
  readonly dismiss: () => void;
}
