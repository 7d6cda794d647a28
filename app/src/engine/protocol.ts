/** What the page asks of its worker, and what it answers: plain data. */
import type { Alternative, DimBindings, PlanBasis, PlanDocument, Progress, WhatIf } from 'lanewise';
import type { PlacedGraph, ViewData } from 'lanewise/views';

/** A file that was dropped, with its path in the folder that was dropped, or its name. */
export interface DataFile {
  readonly path: string;
  readonly file: File;
}

/** Where a model comes from: read in the worker, so that its end is the end of reading. */
export type Source =
  | {
      readonly kind: 'files';
      readonly name: string;
      readonly model: Blob;
      /** Among which its weights are, where they are not in the model. */
      readonly data: readonly DataFile[];
    }
  /** Beside the page; files of weights are in `data/` there. */
  | { readonly kind: 'link'; readonly name: string; readonly url: string }
  | { readonly kind: 'network'; readonly name: string };

export interface ReadModel {
  /** Whether an input leaves its first dimension open. */
  readonly isBatchFree: boolean;
}

/** How the model that was read last is to be planned. */
export interface OpenRequest {
  /** The first dimension of inputs that leave it open. */
  readonly batch: number;
  /** Dims of every input by name, in place of the batch: those of a plan that was made elsewhere. */
  readonly dims?: DimBindings;
  readonly dtype?: PlanDocument['dtype'];
  /** A plan that was made on another device, with what it rests on: what is asked is answered for that device. */
  readonly elsewhere?: { readonly plan: PlanDocument; readonly basis: PlanBasis };
}

/** An input that a picture fits into: N, C, H, W. */
export interface ImageInput {
  readonly name: string;
  readonly dims: readonly [number, number, number, number];
}

export interface OpenedModel {
  readonly data: ViewData;
  /** Whether there is a GPU here to run on, and whether the CPU only plays one. */
  readonly gpu: 'hardware' | 'software' | 'none';
  /** Undefined where the model takes something else than one picture. */
  readonly image: ImageInput | undefined;
}

/** Times of a plan, in nanoseconds. */
export interface MeasuredPlan {
  readonly steps: readonly number[];
  readonly runs: readonly number[];
  /** How they were taken: a sentence. */
  readonly timing: string;
}

export interface RunRequest {
  readonly plan: PlanDocument;
  /** Row-major, of the image input's dims. */
  readonly pixels: Float32Array;
}

export interface RunAnswer {
  /** Scores of the first picture's classes; empty where the output is none. */
  readonly scores: readonly number[];
  /** Nanoseconds by step of the plan, and of the whole. */
  readonly steps: readonly number[];
  readonly run: number;
  readonly timing: string;
}

export interface FeatureRequest extends RunRequest {
  /** A step of the plan. */
  readonly step: number;
}

/** The channels of what a step writes for the first picture. */
export interface FeatureMaps {
  readonly width: number;
  readonly height: number;
  readonly channels: readonly Float32Array[];
  /** How many there are in all. */
  readonly total: number;
}

/** What can be asked for, by name: what it takes, what it gives. */
export interface Calls {
  readonly read: { readonly takes: Source; readonly gives: ReadModel };
  readonly open: { readonly takes: OpenRequest; readonly gives: OpenedModel };
  readonly whatIf: { readonly takes: WhatIf; readonly gives: ViewData };
  readonly alternatives: { readonly takes: number; readonly gives: readonly Alternative[] };
  readonly measure: { readonly takes: PlanDocument; readonly gives: MeasuredPlan };
  readonly run: { readonly takes: RunRequest; readonly gives: RunAnswer };
  readonly features: { readonly takes: FeatureRequest; readonly gives: FeatureMaps };
  readonly place: { readonly takes: PlanDocument; readonly gives: PlacedGraph };
}
export type CallName = keyof Calls;

export interface Request<K extends CallName = CallName> {
  readonly id: number;
  readonly call: K;
  readonly takes: Calls[K]['takes'];
}

/** Ends a call, as soon as what it does can be left: it is answered no more. */
export interface Cancel {
  readonly id: number;
  readonly cancel: true;
}

export type Reply =
  | { readonly id: number; readonly progress: Progress }
  | { readonly id: number; readonly gives: unknown }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };
