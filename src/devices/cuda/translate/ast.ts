/** The syntax tree that the translator works on: WGSL as it was written, no more than compute kernels need. */

/** A type as written: `vec4<f32>` is `{ name: 'vec4', of: { name: 'f32' } }`; aliases are resolved. */
export interface TypeNode {
  readonly name: string;
  /** Element type of vectors, arrays, pointers and atomics; left out where it is to be inferred. */
  readonly of?: TypeNode;
  /** Elements of an array: 0 for a runtime-sized one, negative where it is to be inferred. */
  readonly count?: number;
  /** Address space and access of a pointer. */
  readonly space?: string;
  readonly access?: string;
}

export type ExpressionNode =
  | { readonly kind: 'literal'; readonly type: string; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly ExpressionNode[] }
  | { readonly kind: 'construct'; readonly type: TypeNode; readonly args: readonly ExpressionNode[] }
  | { readonly kind: 'bitcast'; readonly type: TypeNode; readonly value: ExpressionNode }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: ExpressionNode }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
    }
  | { readonly kind: 'member'; readonly object: ExpressionNode; readonly name: string }
  | { readonly kind: 'index'; readonly object: ExpressionNode; readonly index: ExpressionNode };

/** `const`, `let`, `var` and `override`, at module scope or in a function. */
export interface DeclarationNode {
  readonly kind: 'const' | 'let' | 'var' | 'override';
  readonly name: string;
  readonly type: TypeNode | undefined;
  readonly value: ExpressionNode | undefined;
  /** Address space of a `var`: '' in a function. */
  readonly space: string;
  readonly access: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface AssignNode {
  readonly kind: 'assign';
  /** `=`, `+=`, ... */
  readonly operator: string;
  readonly target: ExpressionNode;
  readonly value: ExpressionNode;
}

export interface ForNode {
  readonly kind: 'for';
  readonly init: StatementNode | undefined;
  readonly condition: ExpressionNode | undefined;
  readonly step: StatementNode | undefined;
  readonly body: Body;
}

export interface SwitchNode {
  readonly kind: 'switch';
  readonly value: ExpressionNode;
  /** Selectors of a case; `undefined` among them is `default`. */
  readonly cases: readonly {
    readonly selectors: readonly (ExpressionNode | undefined)[];
    readonly body: Body;
  }[];
}

/** A statement in a body. */
export interface PlacedStatement {
  readonly node: StatementNode;
  /** Its line in the text, from 1. */
  readonly line: number;
}

export type Body = readonly PlacedStatement[];

export type StatementNode =
  | DeclarationNode
  | AssignNode
  | ForNode
  | SwitchNode
  | { readonly kind: 'step'; readonly operator: '++' | '--'; readonly target: ExpressionNode }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly ExpressionNode[] }
  | {
      readonly kind: 'if';
      readonly branches: readonly {
        readonly condition: ExpressionNode;
        readonly body: Body;
      }[];
      readonly otherwise: Body | undefined;
    }
  | { readonly kind: 'while'; readonly condition: ExpressionNode; readonly body: Body }
  | {
      readonly kind: 'loop';
      readonly body: Body;
      readonly continuing: Body;
    }
  | { readonly kind: 'block'; readonly body: Body }
  | { readonly kind: 'break'; readonly condition: ExpressionNode | undefined }
  | { readonly kind: 'continue' }
  | { readonly kind: 'return'; readonly value: ExpressionNode | undefined };

export interface ParameterNode {
  readonly name: string;
  readonly type: TypeNode;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface FunctionNode {
  readonly kind: 'function';
  readonly name: string;
  readonly parameters: readonly ParameterNode[];
  readonly result: TypeNode | undefined;
  readonly body: Body;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface StructNode {
  readonly kind: 'struct';
  readonly name: string;
  readonly members: readonly { readonly name: string; readonly type: TypeNode }[];
}

export type ModuleNode = FunctionNode | StructNode | DeclarationNode;
