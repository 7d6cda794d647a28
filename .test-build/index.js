/**
 * Lanewise: convolutional networks from TypeScript, fast because memory-efficient.
 *
 *     const model = await loadModel('model.onnx');
 *     const session = await createSession(model);
 *     const { probabilities } = await session.run({ image: new Tensor('f32', [1, 1, 28, 28], pixels) });
 *
 * This entry imports nothing of Node; in Node the same names come from `node.ts`, which can also read paths.
 */
export * from './errors.js';
export { Tensor, formatDims, formatType, } from './tensor/index.js';
export { DEFAULT_LIMITS, } from './graph/index.js';
export { OnnxModel, tensorFromPb, tensorToPb, } from './onnx/index.js';
export { DEVICE_NAMES, createSession, loadModel, } from './session/index.js';
//# sourceMappingURL=index.js.map