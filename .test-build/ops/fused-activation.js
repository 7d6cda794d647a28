/** Applies an activation, if there is one, in place. */
export function activate(values, activation) {
    if (activation)
        for (let i = 0; i < values.length; i++)
            values[i] = activation.apply(values[i]);
    return values;
}
/** Operations per element. */
export function activationFlops(activation) {
    return activation ? (activation.flops ?? 1) : 0;
}
/** As reports print it: `Clip(min=0, max=6)`. */
export function formatActivation(activation) {
    const parameters = Object.entries(activation?.parameters ?? {}).map(([name, value]) => `${name}=${value}`);
    return parameters.length > 0 ? `${activation?.name}(${parameters.join(', ')})` : activation?.name;
}
//# sourceMappingURL=fused-activation.js.map