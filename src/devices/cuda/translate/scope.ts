/** What names mean: at module scope and, in nested blocks, within a function. */
import { uniqueName } from './names.js';
import type { StructType, Type } from './types.js';
import type { Value } from './value.js';

/** A variable at module scope; functions that need it get it as a parameter. */
export interface ModuleVariable {
  /** Name in CUDA. */
  readonly name: string;
  /** `length` stands for the bytes of a binding: a parameter of its own, as pointers have none. */
  readonly space: 'storage' | 'workgroup' | 'private' | 'length';
  readonly type: Type;
  readonly readOnly: boolean;
}

export interface FunctionSymbol {
  readonly kind: 'function';
  /** Name in CUDA. */
  readonly name: string;
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** The variables at module scope that it, or what it calls, uses. */
  readonly uses: readonly ModuleVariable[];
}

export type Symbol =
  | { readonly kind: 'value'; readonly value: Value; readonly variable?: ModuleVariable }
  | { readonly kind: 'struct'; readonly type: StructType }
  | FunctionSymbol;

/** The module as its functions see it. */
export interface ModuleScope {
  /** Translates the declaration when it is first asked for. */
  lookup(name: string): Symbol | undefined;
  /** Whether the module has given out this name in CUDA. */
  taken(name: string): boolean;
  /** Invocations of the workgroup. */
  readonly invocations: number;
  /** The bytes of a binding. */
  lengthOf(binding: ModuleVariable): ModuleVariable;
}

/** The names of one function. */
export class FunctionScope {
  readonly module: ModuleScope;
  readonly #blocks: Map<string, { readonly name: string; readonly value: Value }>[] = [new Map()];
  readonly #uses = new Set<ModuleVariable>();

  constructor(module: ModuleScope) {
    this.module = module;
  }

  /** Variables at module scope used so far, in order of their first use. */
  get uses(): readonly ModuleVariable[] {
    return [...this.#uses];
  }

  /** Runs something in a block of its own. */
  block<T>(inner: () => T): T {
    this.#blocks.push(new Map());
    try {
      return inner();
    } finally {
      this.#blocks.pop();
    }
  }

  /** A name in CUDA for a new local: no name that is visible is hidden, so `let x = x[i];` stays right. */
  name(name: string): string {
    const visible = (candidate: string): boolean =>
      this.module.taken(candidate) ||
      this.#blocks.some((block) => [...block.values()].some((local) => local.name === candidate));
    return uniqueName(name, visible);
  }

  /** @param safe what `name` gave */
  declare(name: string, safe: string, value: Value): void {
    this.#blocks[this.#blocks.length - 1].set(name, { name: safe, value });
  }

  /** The name of a binding's bytes. */
  lengthOf(binding: ModuleVariable): string {
    const length = this.module.lengthOf(binding);
    this.#uses.add(length);
    return length.name;
  }

  lookup(name: string): Symbol | undefined {
    for (const block of [...this.#blocks].reverse()) {
      const local = block.get(name);
      if (local) return { kind: 'value', value: local.value };
    }
    const symbol = this.module.lookup(name);
    if (symbol?.kind === 'value' && symbol.variable) this.#uses.add(symbol.variable);
    if (symbol?.kind === 'function') symbol.uses.forEach((variable) => this.#uses.add(variable));
    return symbol;
  }
}
