/** The activation as the blocked kernels take it; undefined when there is none or they do not know it. */
export function kernelActivation(fn) {
    if (fn?.name === 'Relu')
        return { activation: { kind: 'relu' } };
    if (fn?.name !== 'Clip')
        return {};
    const { min = -Infinity, max = Infinity } = fn.parameters ?? {};
    return { activation: { kind: 'clip', min: Number(min), max: Number(max) } };
}
/** Applies in place what `kernelActivation` could not hand over. */
export function activateRest(values, fn) {
    if (!fn || kernelActivation(fn).activation)
        return;
    for (let i = 0; i < values.length; i++)
        values[i] = fn.apply(values[i]);
}
//# sourceMappingURL=activation.js.map