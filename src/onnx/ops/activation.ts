/** Element-wise functions of one tensor. */
import { Unary, relu } from '../../ops/unary.js';
import type { NodeImport } from '../node-importer.js';

export const Relu: NodeImport = (node) => node.emit1(new Unary(relu), [node.input(0, 'X')]);
