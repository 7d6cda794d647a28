/** Comparison, logic, bit operations and selection. */
import { FormatError } from '../../errors.js';
import * as binaryFunctions from '../../ops/binary-functions.js';
import { bitwiseNot, isInf, isNaN, not } from '../../ops/unary-functions.js';
import { Where as WhereOp } from '../../ops/where.js';
import { binary, emitBinary, emitUnary, unary } from '../element-wise.js';
import type { NodeImport } from '../node-importer.js';

export const Equal: NodeImport = binary(binaryFunctions.equal);
export const Greater: NodeImport = binary(binaryFunctions.greater);
export const Less: NodeImport = binary(binaryFunctions.less);
export const GreaterOrEqual: NodeImport = binary(binaryFunctions.greaterOrEqual);
export const LessOrEqual: NodeImport = binary(binaryFunctions.lessOrEqual);

export const And: NodeImport = binary(binaryFunctions.and);
export const Or: NodeImport = binary(binaryFunctions.or);
export const Xor: NodeImport = binary(binaryFunctions.xor);
export const Not: NodeImport = unary(not);

export const BitwiseAnd: NodeImport = binary(binaryFunctions.bitwiseAnd);
export const BitwiseOr: NodeImport = binary(binaryFunctions.bitwiseOr);
export const BitwiseXor: NodeImport = binary(binaryFunctions.bitwiseXor);
export const BitwiseNot: NodeImport = unary(bitwiseNot);

export const BitShift: NodeImport = (node) => {
  if (!node.attributes.has('direction')) {
    throw new FormatError('attribute direction is missing', { remedy: 'Export the model again.' });
  }
  return emitBinary(
    node,
    binaryFunctions.bitShift(
      node.attributes.choice<'LEFT' | 'RIGHT'>('direction', ['LEFT', 'RIGHT'], 'LEFT'),
    ),
  );
};

export const IsNaN: NodeImport = unary(isNaN);

export const IsInf: NodeImport = (node) =>
  emitUnary(
    node,
    isInf(node.attributes.flag('detect_negative', true), node.attributes.flag('detect_positive', true)),
  );

export const Where: NodeImport = (node) =>
  node.emit1(new WhereOp(), [node.input(0, 'condition'), node.input(1, 'X'), node.input(2, 'Y')]);
