/** Statements: from the tree to lines of CUDA. */
import type {
  AssignNode,
  Body,
  DeclarationNode,
  ExpressionNode,
  ForNode,
  StatementNode,
  SwitchNode,
} from './ast.js';
import { placed, unsupported } from './errors.js';
import { expression, resolveType } from './expressions.js';
import { binaryOperator } from './operators.js';
import type { FunctionScope } from './scope.js';
import { componentOf, cudaType, scalarType, type Type } from './types.js';
import { coerce, concrete, literal, primary, zero, type Value } from './value.js';

/** Loops of more rounds than this are left to the compiler: unrolling them makes long code and no faster one. */
const UNROLLED_ROUNDS = 64;

/** Where a statement stands. */
interface Place {
  readonly scope: FunctionScope;
  readonly result: Type;
  /** What the innermost `loop` runs before its next round; `continue` would have to run it, too. */
  readonly continuing?: Body;
}

type CompoundNode = Extract<StatementNode, { readonly kind: 'if' | 'for' | 'while' | 'loop' | 'switch' }>;

/** The lines of a function's body, indented by two spaces. */
export function bodyLines(body: Body, scope: FunctionScope, result: Type): string[] {
  return indented(linesOf(body, { scope, result }));
}

function linesOf(body: Body, place: Place): string[] {
  return body.flatMap(({ node, line }) => placed(line, () => statement(node, place)));
}

function indented(list: readonly string[]): string[] {
  return list.map((line) => (line.startsWith('#') ? line : `  ${line}`));
}

function block(body: Body, place: Place, last: readonly string[] = []): string[] {
  return place.scope.block(() => indented([...linesOf(body, place), ...last]));
}

function condition(node: ExpressionNode, { scope }: Place): string {
  return coerce(expression(node, scope), scalarType('bool')).code;
}

function statement(node: StatementNode, place: Place): string[] {
  const { scope } = place;
  switch (node.kind) {
    case 'const':
    case 'let':
    case 'var':
    case 'override':
      return [declaration(node, scope)];
    case 'assign':
      return assignment(node, scope);
    case 'step': {
      const value: ExpressionNode = { kind: 'literal', type: 'x32', value: 1 };
      const operator = node.operator === '++' ? '+=' : '-=';
      return assignment({ kind: 'assign', operator, target: node.target, value }, scope);
    }
    case 'call':
      return [`${expression(node, scope).code};`];
    case 'return': {
      if (!node.value) return ['return;'];
      return [`return ${coerce(expression(node.value, scope), place.result).code};`];
    }
    case 'break':
      return [node.condition ? `if (${condition(node.condition, place)}) break;` : 'break;'];
    case 'continue':
      if (place.continuing?.length) throw unsupported('continue in a loop with a continuing block');
      return ['continue;'];
    case 'block':
      return ['{', ...block(node.body, place), '}'];
    case 'if':
    case 'for':
    case 'while':
    case 'loop':
    case 'switch':
      return compound(node, place);
  }
}

function compound(node: CompoundNode, place: Place): string[] {
  const { scope, result } = place;
  const inner: Place = { scope, result };
  switch (node.kind) {
    case 'if': {
      const lines = node.branches.flatMap((branch, i) => [
        `${i === 0 ? '' : '} else '}if (${condition(branch.condition, place)}) {`,
        ...block(branch.body, place),
      ]);
      const otherwise = node.otherwise ? ['} else {', ...block(node.otherwise, place)] : [];
      return [...lines, ...otherwise, '}'];
    }
    case 'while':
      return [`while (${condition(node.condition, place)}) {`, ...block(node.body, inner), '}'];
    case 'loop': {
      // The continuing block sees the names of the body.
      const { continuing } = node;
      const body = scope.block(() => [
        ...linesOf(node.body, { ...inner, continuing }),
        ...linesOf(continuing, inner),
      ]);
      return ['for (;;) {', ...indented(body), '}'];
    }
    case 'for':
      return scope.block(() => forLoop(node, inner));
    case 'switch':
      return switchLines(node, place);
  }
}

function declaration(node: DeclarationNode, scope: FunctionScope): string {
  if (node.kind === 'override') throw unsupported(`override ${node.name} in a function`);
  const declared = node.type && resolveDeclared(node, scope);
  const given = node.value && expression(node.value, scope);
  if (node.kind === 'const' && given?.known !== undefined && given.type.kind === 'scalar' && !declared) {
    // Abstract constants stay abstract: nothing is declared for them but a comment's worth of text.
    const { scalar } = given.type;
    if (scalar === 'int' || scalar === 'float') {
      scope.declare(node.name, node.name, given);
      return `// ${node.name} = ${given.code}`;
    }
  }
  const value = given && (declared ? coerce(given, declared) : concrete(given));
  const type = declared ?? value?.type;
  if (!type) throw unsupported(`${node.kind} ${node.name} without type and value`);
  const safe = scope.name(node.name);
  const known = node.kind === 'const' ? value?.known : undefined;
  const symbol: Value = {
    ...primary(safe, type, node.kind === 'const' && value?.constant === true),
    ...(known !== undefined && { known }),
  };
  scope.declare(node.name, safe, symbol);
  const text = value?.code ?? zero(type).code;
  if (node.kind === 'var') return `${cudaType(type)} ${safe} = ${text};`;
  // A pointer's `const` stands behind the type.
  const constant = type.kind === 'pointer' ? `${cudaType(type)} const` : `const ${cudaType(type)}`;
  return `${symbol.constant ? `constexpr ${cudaType(type)}` : constant} ${safe} = ${text};`;
}

function resolveDeclared(node: DeclarationNode, scope: FunctionScope): Type {
  if (!node.type) throw unsupported(`${node.name} without a type`);
  const type = resolveType(node.type, scope);
  if (type.kind === 'atomic') throw unsupported(`atomic ${node.name} in a function`);
  return type;
}

const COMPOUND_PLAIN: readonly string[] = ['+', '-', '*', '/'];

function assignment(node: AssignNode, scope: FunctionScope): string[] {
  if (node.target.kind === 'name' && node.target.name === '_') {
    return [`(void)(${expression(node.value, scope).code});`];
  }
  if (node.target.kind === 'member' && node.target.name.length > 1) {
    const { type } = expression(node.target.object, scope);
    if (type.kind === 'vector') throw unsupported('assignment to several components of a vector');
  }
  const target = expression(node.target, scope);
  const given = expression(node.value, scope);
  if (node.operator === '=') return [`${target.code} = ${coerce(given, target.type).code};`];
  const operator = node.operator.slice(0, -1);
  const value = operator === '<<' || operator === '>>' ? given : scalarOperand(given, target.type);
  const plain =
    COMPOUND_PLAIN.includes(operator) &&
    target.type.kind === 'scalar' &&
    (target.type.scalar === 'f32' ||
      target.type.scalar === 'f16' ||
      unsignedPlain(operator, target.type, value));
  if (plain) return [`${target.code} ${operator}= ${value.code};`];
  if (simple(node.target)) {
    return [`${target.code} = ${coerce(binaryOperator(operator, target, value), target.type).code};`];
  }
  // The place is found once, whatever its index calls.
  const place = scope.name('place');
  const sum = binaryOperator(operator, primary(place, target.type), value);
  return [
    '{',
    `  ${cudaType(target.type)}& ${place} = ${target.code};`,
    `  ${place} = ${coerce(sum, target.type).code};`,
    '}',
  ];
}

function unsignedPlain(operator: string, type: Type, value: Value): boolean {
  return componentOf(type) === 'u32' && (operator !== '/' || (value.known ?? 0) !== 0);
}

function scalarOperand(value: Value, target: Type): Value {
  const scalar = componentOf(target);
  return value.type.kind === 'scalar' && scalar ? coerce(value, scalarType(scalar)) : value;
}

/** Whether it is a variable or a member of one, which can be written twice. */
function simple(node: ExpressionNode): boolean {
  return node.kind === 'name' || (node.kind === 'member' && simple(node.object));
}

function forLoop(node: ForNode, place: Place): string[] {
  const init = node.init ? oneLine(node.init, place) : '';
  const until = node.condition ? ` ${condition(node.condition, place)}` : '';
  const step = node.step ? ` ${oneLine(node.step, place).slice(0, -1)}` : '';
  const rounds = roundsOf(node, place.scope);
  const unroll = rounds !== undefined && rounds <= UNROLLED_ROUNDS ? ['#pragma unroll'] : [];
  return [...unroll, `for (${init || ';'}${until};${step}) {`, ...block(node.body, place), '}'];
}

function oneLine(node: StatementNode, place: Place): string {
  const lines = statement(node, place);
  if (lines.length !== 1) throw unsupported('an assignment to a computed place in the head of a for loop');
  return lines[0];
}

/** Rounds of a loop from a constant to a constant in constant steps; undefined for all others. */
function roundsOf({ init, condition: until, step }: ForNode, scope: FunctionScope): number | undefined {
  if (init?.kind !== 'var' || until?.kind !== 'binary' || !init.value) return undefined;
  if (until.left.kind !== 'name' || until.left.name !== init.name) return undefined;
  const by = stepOf(init.name, step, scope);
  const from = expression(init.value, scope).known;
  const to = expression(until.right, scope).known;
  if (by === undefined || from === undefined || to === undefined) return undefined;
  const last = until.operator === '<=' ? to + 1 : until.operator === '<' ? to : undefined;
  return last === undefined || by <= 0 ? undefined : Math.max(0, Math.ceil((last - from) / by));
}

function stepOf(name: string, step: StatementNode | undefined, scope: FunctionScope): number | undefined {
  if (step?.kind === 'step') return isName(step.target, name) && step.operator === '++' ? 1 : undefined;
  if (step?.kind !== 'assign' || step.operator !== '+=' || !isName(step.target, name)) return undefined;
  return expression(step.value, scope).known;
}

function isName(node: ExpressionNode, name: string): boolean {
  return node.kind === 'name' && node.name === name;
}

function switchLines(node: SwitchNode, place: Place): string[] {
  const value = concrete(expression(node.value, place.scope));
  const lines = node.cases.flatMap(({ selectors, body }) => {
    const labels = selectors.map((selector) => {
      if (!selector) return 'default:';
      return `case ${selectorCode(expression(selector, place.scope), value.type)}:`;
    });
    // A case ends where it ends: nothing falls through.
    return [`${labels.join(' ')} {`, ...block(body, place, ['break;']), '}'];
  });
  return [`switch (${value.code}) {`, ...indented(lines), '}'];
}

function selectorCode(selector: Value, type: Type): string {
  if (selector.known === undefined) throw unsupported('a case selector that is not a constant');
  const scalar = componentOf(type);
  if (!scalar) throw unsupported('a switch over what is no integer');
  return literal(coerce(selector, type).known ?? selector.known, scalar).code;
}
