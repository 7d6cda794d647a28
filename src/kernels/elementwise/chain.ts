/** WGSL of a chain of element-wise functions: each distinct function once, and a function that composes them. */
import { isUnary, type ChainStep, type ElementwiseChain } from '../../ops/elementwise-chain.js';
import { binaryWgsl } from './binary-functions.js';
import { unaryWgsl } from './functions.js';

/** `fn NAME(x0: f32, x1: f32, ...) -> f32`. @throws UnsupportedError for a function without WGSL */
export function chainWgsl(name: string, { arity, steps }: ElementwiseChain): string {
  const names = new Map<string, string>();
  const texts: string[] = [];
  const values = Array.from({ length: arity }, (_, i) => `x${i}`);
  const lines: string[] = [];
  for (const [i, step] of steps.entries()) {
    const key = JSON.stringify([step.args.length, step.fn.name, step.fn.parameters]);
    let called = names.get(key);
    if (called === undefined) {
      called = `${name}${names.size}`;
      names.set(key, called);
      texts.push(stepWgsl(called, step));
    }
    const args = step.args.map((arg) => values[arg]).join(', ');
    values.push(`s${i}`);
    lines.push(`  let s${i} = ${called}(${args});\n`);
  }
  const parameters = values.slice(0, arity).map((value) => `${value}: f32`);
  const body = `${lines.join('')}  return ${values.at(-1)};\n`;
  return `${texts.join('')}fn ${name}(${parameters.join(', ')}) -> f32 {\n${body}}\n`;
}

function stepWgsl(name: string, step: ChainStep): string {
  return isUnary(step) ? unaryWgsl(name, step.fn) : binaryWgsl(name, step.fn, 'f32');
}
