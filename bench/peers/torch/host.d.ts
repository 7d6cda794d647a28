export const MODES: readonly string[];
export const FORMATS: readonly string[];

export interface TorchSetting {
  readonly mode: string;
  readonly layout: string;
  readonly dtype: string;
}

export interface TorchSubject {
  readonly answer: Record<string, unknown>;
  elapsed(runs: number): Promise<number>;
  ask(what: string, given?: object): Promise<Record<string, unknown>>;
  dispose(): Promise<void>;
}

/** What the process runs: null of CUDA where it runs on the CPU. */
export interface TorchVersions {
  readonly torch: string;
  readonly cuda: string | null;
  readonly cudnn: string | null;
  readonly device: string;
  readonly python: string;
}

export interface TorchHostOptions {
  readonly command?: string;
  readonly device?: 'cuda' | 'cpu';
  readonly limitMs: number;
  readonly prepare?: readonly (readonly [command: string, parameters: object])[];
  readonly server?: string;
}

export function torchVersion(command?: string): string | undefined;
export function settingName(setting: Pick<TorchSetting, 'mode' | 'layout'>): string;

export class TorchHost {
  constructor(options: TorchHostOptions);
  start(): Promise<TorchVersions>;
  open(command: string, setting: TorchSetting, parameters?: object): Promise<TorchSubject>;
  end(): void;
}
