/** One line about an output tensor. */
import { formatType } from '../tensor/index.js';
import { cleanText, formatNumber, plural } from './format.js';
/** Tensors up to this size are shown whole. */
const MAX_SHOWN = 12;
/** `probabilities: f32 1x3 [0.1, 0.7, 0.2]`, or the range and the mean of a larger tensor. */
export function outputLine(name, tensor) {
    const head = `${cleanText(name)}: ${formatType(tensor)}`;
    const values = tensor.toNumbers();
    if (values.length <= MAX_SHOWN)
        return `${head} [${values.map(formatNumber).join(', ')}]`;
    const numbers = values.filter((value) => !Number.isNaN(value));
    const missing = values.length - numbers.length;
    const notes = missing > 0 ? [plural(missing, 'NaN')] : [];
    if (numbers.length > 0) {
        const min = numbers.reduce((a, b) => Math.min(a, b));
        const max = numbers.reduce((a, b) => Math.max(a, b));
        const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
        notes.unshift(`${formatNumber(min)} to ${formatNumber(max)}, mean ${formatNumber(mean)}`);
    }
    return `${head}, ${notes.join(', ')}`;
}
//# sourceMappingURL=outputs.js.map