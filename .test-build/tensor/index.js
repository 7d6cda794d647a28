/** Tensors in host memory: element types, shapes, layouts, and their file formats. */
export * from './compare.js';
export * from './dtype.js';
export * from './layout.js';
export * from './shape.js';
export * from './tensor.js';
//# sourceMappingURL=index.js.map