/**
 * WGSL text to the translator's syntax tree. The only file that knows wgsl_reflect, which parses.
 *
 * wgsl_reflect evaluates the initialisers of constants while it parses, in single precision and without knowing
 * which integers are signed. So a text is parsed twice, the second time with `let` in place of `const`: from the
 * first pass come the sizes of arrays, from the second the initialisers as they were written.
 */
import * as wgsl from 'wgsl_reflect/wgsl_reflect.module.js';
import { FormatError } from '../../../errors.js';
import type {
  DeclarationNode,
  ExpressionNode,
  FunctionNode,
  ModuleNode,
  PlacedStatement,
  StatementNode,
  TypeNode,
} from './ast.js';
import { placed, unsupported } from './errors.js';

/** The statements of a function's body; nested blocks are arrays there, which wgsl_reflect's types leave out. */
type ParsedBody = readonly (wgsl.Statement | readonly wgsl.Statement[])[];

/** Initialisers of constants by the place where their declaration starts. */
type Initialisers = ReadonlyMap<number, wgsl.Expression>;

/**
 * @param text a WGSL module
 * @throws FormatError where it is not WGSL, with the parser's message
 * @throws UnsupportedError for declarations that kernels have no use for
 */
export function parseModule(text: string): ModuleNode[] {
  let module: wgsl.Statement[];
  let initialisers: Initialisers;
  try {
    const tokens = tokensOf(text);
    module = new wgsl.WgslParser().parse(tokens);
    initialisers = initialisersOf(tokens);
  } catch (cause) {
    throw new FormatError(`the WGSL text cannot be parsed: ${cause instanceof Error ? cause.message : ''}`, {
      remedy: 'Correct the kernel; a WebGPU device names the place.',
      cause,
    });
  }
  const reader = new Reader(initialisers);
  return module.flatMap((node) => reader.moduleNode(node));
}

function tokensOf(text: string): wgsl.Token[] {
  const { ident } = wgsl.TokenTypes.tokens;
  const tokens = new wgsl.WgslScanner(text).scanTokens().map((token) => {
    const { type, lexeme, line, start, end } = token;
    // A keyword of early drafts, today a name like any other.
    return type === wgsl.TokenTypes.keywords.block ? new wgsl.Token(ident, lexeme, line, start, end) : token;
  });
  return withoutTemplates(tokens);
}

const MATRIX_TYPE = /^subgroup_matrix_(?:left|right|result)$/;
const MATRIX_FUNCTION = /^subgroupMatrix(?:Load|Store)$/;

/**
 * What the parser has no grammar for: `subgroup_matrix_left<f16, 16, 16>` becomes one name,
 * `subgroup_matrix_left_f16_16_16`, and `subgroupMatrixLoad<T, row_major>(...)` the call
 * `subgroupMatrixLoad(row_major, T(), ...)`.
 */
function withoutTemplates(tokens: readonly wgsl.Token[]): wgsl.Token[] {
  const { ident, comma, paren_left: open, paren_right: close } = wgsl.TokenTypes.tokens;
  const result: wgsl.Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const { lexeme, line, start, end } = tokens[i];
    const isType = MATRIX_TYPE.test(lexeme);
    if ((!isType && !MATRIX_FUNCTION.test(lexeme)) || tokens[i + 1]?.lexeme !== '<') {
      result.push(tokens[i]);
      continue;
    }
    const last = tokens.findIndex((token, at) => at > i && token.lexeme === '>');
    const inner = tokens.slice(i + 2, last).filter((token) => token.lexeme !== ',');
    i = last;
    const token = (type: wgsl.TokenType, text: string): wgsl.Token =>
      new wgsl.Token(type, text, line, start, end);
    if (isType) {
      result.push(token(ident, [lexeme, ...inner.map((one) => one.lexeme)].join('_')));
      continue;
    }
    // The order is the last template argument, behind it stands the parenthesis.
    result.push(
      token(ident, lexeme),
      token(open, '('),
      token(ident, inner[inner.length - 1].lexeme),
      token(comma, ','),
    );
    if (inner.length > 1) {
      result.push(inner[0], token(open, '('), token(close, ')'), token(comma, ','));
    }
    i++;
  }
  return result;
}

function initialisersOf(tokens: readonly wgsl.Token[]): Initialisers {
  const { const: constant, let: immutable } = wgsl.TokenTypes.keywords;
  const found = new Map<number, wgsl.Expression>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (node instanceof wgsl.Let && node.value) found.set(node.start, node.value);
    else if (node instanceof wgsl.Node) Object.values(node).forEach(visit);
  };
  const variables = tokens.map((token) => {
    const { type, line, start, end } = token;
    return type === constant ? new wgsl.Token(immutable, 'let', line, start, end) : token;
  });
  for (const node of new wgsl.WgslParser().parse(variables)) {
    // A function lists the functions that it calls, which are visited anyway.
    if (node instanceof wgsl.Function) visit(node.body);
    else visit(node);
  }
  return found;
}

function attributesOf(attributes: readonly wgsl.Attribute[] | null): Record<string, string> {
  return Object.fromEntries((attributes ?? []).map(({ name, value }) => [name, String(value ?? '')]));
}

function typeNode(type: wgsl.Type): TypeNode {
  if (type instanceof wgsl.ArrayType) {
    const { count } = type;
    return { name: 'array', count, ...(type.format && { of: typeNode(type.format) }) };
  }
  if (type instanceof wgsl.PointerType) {
    if (!type.type) throw unsupported('a pointer without a type');
    const access = type.access ?? '';
    return { name: 'ptr', of: typeNode(type.type), space: type.storage, access };
  }
  if (type instanceof wgsl.TemplateType) {
    return { name: type.name, ...(type.format && { of: typeNode(type.format) }) };
  }
  return { name: type.name };
}

class Reader {
  readonly #initialisers: Initialisers;

  constructor(initialisers: Initialisers) {
    this.#initialisers = initialisers;
  }

  moduleNode(node: wgsl.Statement): ModuleNode[] {
    if (node instanceof wgsl.Function) return [this.#function(node)];
    if (node instanceof wgsl.Struct) {
      const members = node.members.map(({ name, type }) => {
        if (!type) throw unsupported(`member ${name} without a type`);
        return { name, type: typeNode(type) };
      });
      return [{ kind: 'struct', name: node.name, members }];
    }
    const declaration = this.#declaration(node);
    if (declaration) return [declaration];
    // Aliases are resolved by the parser; features are the device's business.
    const silent = [wgsl.Alias, wgsl.Enable, wgsl.Requires, wgsl.Diagnostic];
    if (silent.some((kind) => node instanceof kind)) return [];
    throw unsupported(`module-scope ${node.astNodeType}`);
  }

  #function(node: wgsl.Function): FunctionNode {
    return {
      kind: 'function',
      name: node.name,
      parameters: node.args.map(({ name, type, attributes }) => ({
        name,
        type: typeNode(type),
        attributes: attributesOf(attributes),
      })),
      result: node.returnType ? typeNode(node.returnType) : undefined,
      body: this.#body(node.body),
      attributes: attributesOf(node.attributes),
    };
  }

  #declaration(node: wgsl.Statement): DeclarationNode | undefined {
    if (node instanceof wgsl.Override) {
      const { name, type, value } = node;
      return {
        kind: 'override',
        name,
        type: type ? typeNode(type) : undefined,
        value: value ? this.#expression(value) : undefined,
        space: '',
        access: '',
        attributes: {},
      };
    }
    const kind =
      node instanceof wgsl.Const
        ? 'const'
        : node instanceof wgsl.Let
          ? 'let'
          : node instanceof wgsl.Var
            ? 'var'
            : undefined;
    if (!kind) return undefined;
    const declared = node as wgsl.Const | wgsl.Let | wgsl.Var;
    const value = kind === 'const' ? this.#initialisers.get(node.start) : declared.value;
    if (kind === 'const' && !value) throw unsupported(`constant ${declared.name} without a value`);
    // A constant's type is inferred from what was written: the parser writes down what it evaluated.
    const type = kind === 'const' ? undefined : declared.type;
    return {
      kind,
      name: declared.name,
      type: type ? typeNode(type) : undefined,
      value: value ? this.#expression(value) : undefined,
      space: declared.storage ?? '',
      access: declared.access ?? '',
      attributes: attributesOf(declared.attributes),
    };
  }

  #body(body: ParsedBody): PlacedStatement[] {
    return body.map((node) => {
      if (Array.isArray(node)) {
        const inner = this.#body(node as ParsedBody);
        return { node: { kind: 'block', body: inner }, line: inner[0]?.line ?? 0 };
      }
      const { line } = node as wgsl.Statement;
      return { node: placed(line, () => this.#statement(node as wgsl.Statement)), line };
    });
  }

  #statement(node: wgsl.Statement): StatementNode {
    const declaration = this.#declaration(node);
    if (declaration) return declaration;
    if (node instanceof wgsl.Assign) {
      const { operator, variable, value } = node;
      return {
        kind: 'assign',
        operator,
        target: this.#expression(variable),
        value: this.#expression(value),
      };
    }
    if (node instanceof wgsl.Increment) {
      const operator = (node.operator as string) === '++' ? '++' : '--';
      return { kind: 'step', operator, target: this.#expression(node.variable) };
    }
    if (node instanceof wgsl.Call) {
      return { kind: 'call', name: node.name, args: this.#expressions(node.args) };
    }
    if (node instanceof wgsl.Return) {
      // `return;` comes as a construction without a type.
      const { value } = node;
      const empty = !value || (value instanceof wgsl.CreateExpr && !value.type);
      return { kind: 'return', value: empty ? undefined : this.#expression(value) };
    }
    if (node instanceof wgsl.Continue) return { kind: 'continue' };
    if (node instanceof wgsl.Break) {
      return { kind: 'break', condition: node.condition ? this.#expression(node.condition) : undefined };
    }
    return this.#compound(node);
  }

  #compound(node: wgsl.Statement): StatementNode {
    if (node instanceof wgsl.If) {
      const branches = [node, ...(node.elseif ?? [])].map(({ condition, body }) => ({
        condition: this.#expression(condition),
        body: this.#body(body),
      }));
      return { kind: 'if', branches, otherwise: node.else ? this.#body(node.else) : undefined };
    }
    if (node instanceof wgsl.For) {
      const { init, condition, increment, body } = node;
      return {
        kind: 'for',
        init: init ? this.#statement(init) : undefined,
        condition: condition ? this.#expression(condition) : undefined,
        step: increment ? this.#statement(increment) : undefined,
        body: this.#body(body),
      };
    }
    if (node instanceof wgsl.While) {
      return { kind: 'while', condition: this.#expression(node.condition), body: this.#body(node.body) };
    }
    if (node instanceof wgsl.Loop) {
      const body = node.body.filter((one) => !(one instanceof wgsl.Continuing));
      const continuing = node.continuing?.body ?? [];
      return { kind: 'loop', body: this.#body(body), continuing: this.#body(continuing) };
    }
    if (node instanceof wgsl.Switch) {
      const cases = node.cases.map((one) => ({
        selectors:
          one instanceof wgsl.Case
            ? one.selectors.map((s) => (s instanceof wgsl.DefaultSelector ? undefined : this.#expression(s)))
            : [undefined],
        body: this.#body(one.body),
      }));
      return { kind: 'switch', value: this.#expression(node.condition), cases };
    }
    throw unsupported(`statement ${node.astNodeType}`);
  }

  #expressions(nodes: readonly wgsl.Expression[] | null): ExpressionNode[] {
    return (nodes ?? []).map((node) => this.#expression(node));
  }

  #expression(node: wgsl.Expression): ExpressionNode {
    // A prefix operator's operand carries the postfix, unless the operator stands in parentheses.
    let result = this.#bare(node);
    for (let postfix = node.postfix; postfix; postfix = postfix.postfix) {
      result =
        postfix instanceof wgsl.ArrayIndex
          ? { kind: 'index', object: result, index: this.#expression(postfix.index) }
          : { kind: 'member', object: result, name: memberName(postfix) };
    }
    return result;
  }

  #bare(node: wgsl.Expression): ExpressionNode {
    if (node instanceof wgsl.LiteralExpr) {
      return { kind: 'literal', type: node.type.name, value: node.scalarValue };
    }
    if (node instanceof wgsl.VariableExpr || node instanceof wgsl.ConstExpr) {
      return { kind: 'name', name: node.name };
    }
    if (node instanceof wgsl.CallExpr) {
      return { kind: 'call', name: node.name, args: this.#expressions(node.args) };
    }
    if (node instanceof wgsl.CreateExpr || node instanceof wgsl.TypecastExpr) {
      if (!node.type) throw unsupported('a construction without a type');
      return { kind: 'construct', type: typeNode(node.type), args: this.#expressions(node.args) };
    }
    if (node instanceof wgsl.BitcastExpr) {
      if (!node.type) throw unsupported('bitcast without a type');
      return { kind: 'bitcast', type: typeNode(node.type), value: this.#expression(node.value) };
    }
    if (node instanceof wgsl.UnaryOperator) {
      return { kind: 'unary', operator: node.operator, operand: this.#expression(node.right) };
    }
    if (node instanceof wgsl.BinaryOperator) {
      const { operator, left, right } = node;
      return { kind: 'binary', operator, left: this.#expression(left), right: this.#expression(right) };
    }
    throw unsupported(`expression ${node.astNodeType}`);
  }
}

function memberName(node: wgsl.Expression): string {
  if (node instanceof wgsl.StringExpr) return node.value;
  throw unsupported(`expression ${node.astNodeType} behind a value`);
}
