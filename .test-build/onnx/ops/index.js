import * as activation from './activation.js';
import * as arithmetic from './arithmetic.js';
import * as cast from './cast.js';
import * as convolution from './convolution.js';
import * as logic from './logic.js';
import * as matmul from './matmul.js';
import * as movement from './movement.js';
import * as normalization from './normalization.js';
import * as pooling from './pooling.js';
import * as quantization from './quantization.js';
import * as reduction from './reduction.js';
import * as resize from './resize.js';
import * as shape from './shape.js';
import * as softmax from './softmax.js';
const families = [
    activation,
    arithmetic,
    cast,
    convolution,
    logic,
    matmul,
    movement,
    normalization,
    pooling,
    quantization,
    reduction,
    resize,
    shape,
    softmax,
];
/** The importer of each operator of ONNX's own domain. */
export const importers = new Map(families.flatMap((family) => Object.entries(family)));
//# sourceMappingURL=index.js.map