/** WGSL of the element-wise functions: one `fn` per function, its parameters as literals. */
import { UnsupportedError } from '../../errors.js';
import type { UnaryFunction } from '../../ops/unary.js';
import { floatLiteral } from '../wgsl.js';

type Body = (parameters: Readonly<Record<string, number | string>>) => string;

/** Bodies over `x: f32`. */
const UNARY: Readonly<Record<string, Body>> = {
  Relu: () => 'return max(x, 0.0);',
  LeakyRelu: (p) => `return select(${floatLiteral(Number(p['alpha']))} * x, x, x >= 0.0);`,
};

/** `fn NAME(x: f32) -> f32`. @throws UnsupportedError for a function without WGSL */
export function unaryWgsl(name: string, fn: UnaryFunction | undefined): string {
  if (!fn) return `fn ${name}(x: f32) -> f32 { return x; }\n`;
  const body = UNARY[fn.name];
  if (!body)
    throw new UnsupportedError(`operator ${fn.name} on a GPU`, { remedy: 'Run the model on the CPU.' });
  return `fn ${name}(x: f32) -> f32 { ${body(fn.parameters ?? {})} }\n`;
}
