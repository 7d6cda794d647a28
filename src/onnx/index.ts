/** ONNX files to graphs. `ops/` holds one exported function per ONNX operator. */
export * from './external-files.js';
export * from './model.js';
export { tensorFromPb, tensorToPb, type ExternalLocation } from './tensor-proto.js';
