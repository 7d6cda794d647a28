/**
 * Prints docs/operators.md: the ONNX operators that can be imported. Build first.
 *
 *     npm run build && node scripts/list-operators.js > docs/operators.md
 */
import { importers } from '../dist/onnx/ops/index.js';

const names = [...importers.keys()].sort((a, b) => (a < b ? -1 : 1));
console.log(`# Operators

The ${names.length} operators of ONNX's own domain that Lanewise reads, each linked to its specification. All of them
run on the CPU. This list is made by \`scripts/list-operators.js\` from what the importers register.

An operator, an element type or an attribute that is not supported is refused by name when a graph is built, never
ignored: \`lanewise info MODEL.onnx\` lists what a model needs and does not get.
`);
for (const name of names) console.log(`- [${name}](https://onnx.ai/onnx/operators/onnx__${name}.html)`);
