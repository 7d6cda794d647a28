/** What makes two graphs the same for a planner: operators, attributes, shapes and wiring, not the weights' values. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { topologicalOrder, type Graph, type Node, type Value } from '../graph/index.js';
import { formatType } from '../tensor/index.js';

/** Hexadecimal digits of a fingerprint: 128 bits. */
const DIGITS = 32;

/** A text's hash. */
export function digestOf(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, DIGITS);
}

/** The same for graphs that plan alike. Names do not count. */
export function fingerprintOf(graph: Graph): string {
  const numbers = new Map<Value, string>();
  const refer = (value: Value | undefined): string => {
    if (!value) return '-';
    if (value.constant) return `constant ${formatType(value.type)}`;
    return numbers.get(value) ?? '?';
  };
  const lines: string[] = [];
  for (const value of graph.inputs) {
    numbers.set(value, `v${numbers.size}`);
    lines.push(`input ${refer(value)} ${formatType(value.type)}`);
  }
  for (const node of topologicalOrder(graph)) {
    const inputs = node.inputs.map(refer);
    for (const value of node.outputs) numbers.set(value, `v${numbers.size}`);
    const outputs = node.outputs.map((value) => `${refer(value)} ${formatType(value.type)}`);
    lines.push(`${operatorText(node)} (${inputs.join(', ')}) -> ${outputs.join(', ')}`);
  }
  for (const { value } of graph.outputs) lines.push(`output ${refer(value)}`);
  return digestOf(lines.join('\n'));
}

/** The same for nodes that can run in the same ways: operator, attributes, types, and which inputs are constants. */
export function signatureOf(node: Node): string {
  const types = [...node.inputs, ...node.outputs].map((value) => {
    if (!value) return '-';
    return `${value.constant ? 'constant ' : ''}${formatType(value.type)}`;
  });
  return `${operatorText(node)} ${types.join(', ')}`;
}

/** The op with all that it holds; functions are named by their objects' names and parameters. */
function operatorText({ op }: Node): string {
  return `${op.title} ${JSON.stringify(op, exactly)} ${JSON.stringify(op.attributes, exactly)}`;
}

/** Numbers that JSON has no words for. */
function exactly(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
