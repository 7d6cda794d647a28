/** Shapes to describe a model with: what the caller gave, and 1 for an open batch dimension. */
import { formatDims } from '../tensor/index.js';
import type { ModelPort } from '../graph/index.js';
import type { DimBindings } from '../session/index.js';

export interface AssumedDims {
  /** The caller's bindings with the assumed ones. */
  readonly dims: DimBindings;
  /** What was assumed: `N = 1`. */
  readonly assumed: readonly string[];
  /** What has to be given, as `--dims` takes it: `H=...`, `image=1x3x...`. */
  readonly missing: readonly string[];
}

/**
 * Completes dims for a model's inputs: a symbolic or unknown first dimension (the batch) is taken as 1; every
 * other open one is listed as missing.
 */
export function assumeDims(ports: readonly ModelPort[], given: DimBindings): AssumedDims {
  const symbols = new Map<string, number>();
  for (const [name, value] of Object.entries(given)) if (typeof value === 'number') symbols.set(name, value);
  const assumed: string[] = [];
  const open = ports.filter(({ name }) => !Array.isArray(given[name]));
  for (const { dims } of open) {
    const first = dims?.[0];
    if (typeof first !== 'string' || symbols.has(first)) continue;
    symbols.set(first, 1);
    assumed.push(`${first} = 1`);
  }
  const dims = new Map<string, number | readonly number[]>([...symbols, ...Object.entries(given)]);
  const missing = new Set<string>();
  for (const port of open) {
    if (!port.dims) {
      missing.add(`${port.name}=1x3x224x224 (its whole shape)`);
      continue;
    }
    const known = port.dims.map((dim, axis) => knownDim(dim, axis, symbols));
    const unnamed = port.dims.some((dim, axis) => dim === null && axis > 0);
    if (unnamed) {
      missing.add(`${port.name}=${formatDims(known.map((dim) => dim ?? null))} (its whole shape)`);
      continue;
    }
    for (const [axis, dim] of port.dims.entries()) {
      if (typeof dim === 'string' && known[axis] === undefined) missing.add(`${dim}=...`);
    }
    if (port.dims[0] === null && known.every((dim) => dim !== undefined)) {
      assumed.push(`first dimension of ${port.name} = 1`);
      dims.set(port.name, known);
    }
  }
  return { dims: Object.fromEntries(dims), assumed, missing: [...missing] };
}

function knownDim(
  dim: number | string | null,
  axis: number,
  symbols: ReadonlyMap<string, number>,
): number | undefined {
  if (dim === null) return axis === 0 ? 1 : undefined;
  return typeof dim === 'string' ? symbols.get(dim) : dim;
}
