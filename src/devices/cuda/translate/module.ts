/** The module: declarations are translated when the entry point, or what it calls, first needs them. */
import type { DeclarationNode, FunctionNode, ModuleNode, StructNode, TypeNode } from './ast.js';
import { unsupported } from './errors.js';
import { expression } from './expressions.js';
import { safeName, uniqueName } from './names.js';
import { FunctionScope, type ModuleScope, type ModuleVariable, type Symbol } from './scope.js';
import { bodyLines } from './statements.js';
import { checkStorable, cudaType, scalarType, typeOf, VOID, type Type } from './types.js';
import { coerce, hasHalf, primary, wrapped, PRECEDENCE, type Value } from './value.js';

export class Module implements ModuleScope {
  readonly invocations: number;
  /** CUDA text of declarations, each behind what it needs. */
  readonly definitions: string[] = [];
  readonly #nodes = new Map<string, ModuleNode>();
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #symbols = new Map<string, Symbol>();
  readonly #underWay = new Set<string>();
  readonly #lengths = new Map<ModuleVariable, ModuleVariable>();

  constructor(nodes: readonly ModuleNode[], invocations: number) {
    this.invocations = invocations;
    for (const node of nodes) {
      this.#nodes.set(node.name, node);
      const name = uniqueName(node.name, (candidate) => this.#taken.has(candidate));
      this.#names.set(node.name, name);
      this.#taken.add(name);
    }
  }

  lengthOf(binding: ModuleVariable): ModuleVariable {
    let length = this.#lengths.get(binding);
    if (!length) {
      const name = uniqueName(`${binding.name}_bytes`, (candidate) => this.#taken.has(candidate));
      this.#taken.add(name);
      length = { name, space: 'length', type: scalarType('u32'), readOnly: true };
      this.#lengths.set(binding, length);
    }
    return length;
  }

  taken(name: string): boolean {
    return this.#taken.has(name);
  }

  /** The compute shader's entry point. */
  get entry(): FunctionNode {
    for (const node of this.#nodes.values()) {
      if (node.kind === 'function' && 'compute' in node.attributes) return node;
    }
    throw unsupported('a module without a compute entry point');
  }

  /** Storage variables in the order of their bindings. */
  get storage(): ModuleVariable[] {
    const bound = [...this.#nodes.values()]
      .filter((node): node is DeclarationNode => node.kind === 'var' && 'binding' in node.attributes)
      .sort((a, b) => Number(a.attributes.binding) - Number(b.attributes.binding));
    return bound.map((node) => {
      const symbol = this.lookup(node.name);
      if (symbol?.kind !== 'value' || !symbol.variable) throw unsupported(`binding ${node.name}`);
      return symbol.variable;
    });
  }

  lookup(name: string): Symbol | undefined {
    const known = this.#symbols.get(name);
    if (known) return known;
    const node = this.#nodes.get(name);
    if (!node) return undefined;
    if (this.#underWay.has(name)) throw unsupported(`recursion in ${name}`);
    this.#underWay.add(name);
    const symbol = this.#symbol(node);
    this.#symbols.set(name, symbol);
    return symbol;
  }

  resolve(node: TypeNode): Type {
    return typeOf(node, (name) => {
      const symbol = this.lookup(name);
      return symbol?.kind === 'struct' ? symbol.type : undefined;
    });
  }

  #symbol(node: ModuleNode): Symbol {
    if (node.kind === 'struct') return this.#struct(node);
    if (node.kind === 'function') return this.#function(node);
    return node.kind === 'var' ? this.#variable(node) : this.#constant(node);
  }

  #name(name: string): string {
    return this.#names.get(name) ?? safeName(name);
  }

  #struct(node: StructNode): Symbol {
    const name = this.#name(node.name);
    const members = node.members.map((one) => ({
      name: one.name,
      safe: safeName(one.name),
      type: this.resolve(one.type),
    }));
    const lines = members.map(({ safe, type }) => `  ${cudaType(type)} ${safe};`);
    this.definitions.push([`struct ${name} {`, ...lines, '};'].join('\n'));
    return { kind: 'struct', type: { kind: 'struct', name, members } };
  }

  #constant(node: DeclarationNode): Symbol {
    if (!node.value) throw unsupported(`override ${node.name} without a value`);
    const given = expression(node.value, new FunctionScope(this));
    const value = node.type ? coerce(given, this.resolve(node.type)) : given;
    const name = this.#name(node.name);
    const { type } = value;
    if (type.kind === 'scalar' && (type.scalar === 'int' || type.scalar === 'float')) {
      return { kind: 'value', value };
    }
    // What C++ has no constant for stands where it is used.
    if (!value.constant || hasHalf(type)) {
      return { kind: 'value', value: primary(wrapped(value, PRECEDENCE.primary), type) };
    }
    // Vectors and arrays need a place in the device's memory; the compiler folds what it can.
    const place = type.kind === 'scalar' ? '' : '__device__ ';
    this.definitions.push(`${place}constexpr ${cudaType(type)} ${name} = ${value.code};`);
    const symbol: Value = primary(name, type, type.kind === 'scalar');
    return {
      kind: 'value',
      value: value.known === undefined ? symbol : { ...symbol, known: value.known },
    };
  }

  #variable(node: DeclarationNode): Symbol {
    const { space } = node;
    if (!node.type) throw unsupported(`${node.name} without a type`);
    if (space !== 'storage' && space !== 'workgroup' && space !== 'private') {
      throw unsupported(`var<${space}> ${node.name}`);
    }
    if (node.value) throw unsupported(`var<${space}> ${node.name} with a value`);
    const type = this.resolve(node.type);
    const readOnly = space === 'storage' && node.access !== 'read_write';
    const variable: ModuleVariable = { name: this.#name(node.name), space, type, readOnly };
    if (space === 'storage') checkStorable(type, node.name);
    // A storage array is a pointer to its elements; whatever else is stored is reached through one.
    const code = space === 'storage' && type.kind !== 'array' ? `(*${variable.name})` : variable.name;
    return { kind: 'value', value: primary(code, type), variable };
  }

  #function(node: FunctionNode): Symbol {
    const name = this.#name(node.name);
    const scope = new FunctionScope(this);
    const parameters = node.parameters.map((parameter) => {
      const type = this.resolve(parameter.type);
      const safe = scope.name(parameter.name);
      scope.declare(parameter.name, safe, primary(safe, type));
      return { safe, type };
    });
    const result = node.result ? this.resolve(node.result) : VOID;
    const lines = bodyLines(node.body, scope, result);
    const { uses } = scope;
    const list = [
      ...parameters.map(({ safe, type }) => `${cudaType(type)} ${safe}`),
      ...uses.map((variable) => parameterOf(variable)),
    ];
    const head = `__device__ __forceinline__ ${cudaType(result)} ${name}(${list.join(', ')}) {`;
    this.definitions.push([head, ...lines, '}'].join('\n'));
    const types = parameters.map(({ type }) => type);
    return { kind: 'function', name, parameters: types, result, uses };
  }
}

/** How a variable at module scope comes to a function: `const vec4<f32>* __restrict__ x`. */
export function parameterOf({ name, space, type, readOnly }: ModuleVariable): string {
  if (space === 'length') return `unsigned long long ${name}`;
  if (space !== 'storage') return `${cudaType(type)}& ${name}`;
  const element = type.kind === 'array' ? type.of : type;
  return `${readOnly ? 'const ' : ''}${cudaType(element)}* __restrict__ ${name}`;
}
