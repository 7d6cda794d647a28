/** ONNX files to graphs. `ops/` holds one exported function per ONNX operator. */
export * from './model.js';
export { tensorFromPb, tensorToPb } from './tensor-proto.js';
//# sourceMappingURL=index.js.map