/** Whether all inputs that are there are f32. */
export function allF32(node) {
    return node.inputs.every((value) => !value || value.type.dtype === 'f32');
}
//# sourceMappingURL=kernel.js.map