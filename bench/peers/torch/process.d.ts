export class PeerProcessError extends Error {}

export function pythonCommand(): string;

export class PeerProcess {
  constructor(command: string, args?: readonly string[], server?: string);
  readonly alive: boolean;
  request(what: string, parameters?: object, limitMs?: number): Promise<Record<string, unknown>>;
  end(reason?: string): void;
}
