import { DTYPES } from '../tensor/index.js';
/** The document's text. Terminal control characters inside strings are escaped, as JSON allows. */
export function formatJson(document) {
    const text = JSON.stringify(document, undefined, 2);
    return text.replaceAll(/[\u007F-\u009F\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => escapeUnits(character));
}
function escapeUnits(character) {
    return Array.from({ length: character.length }, (_, i) => {
        const unit = character.charCodeAt(i).toString(16).padStart(4, '0');
        return `\\u${unit}`;
    }).join('');
}
const MAX_VALUES = 1000;
/** A tensor's elements for a document; null where there are too many. */
export function jsonValues(tensor) {
    if (tensor.size > MAX_VALUES)
        return null;
    if (DTYPES[tensor.dtype].kind === 'float') {
        return tensor.toNumbers().map((value) => (Number.isFinite(value) ? value : String(value)));
    }
    return Array.from(tensor.data, (value) => Number.isSafeInteger(Number(value)) ? Number(value) : String(value));
}
//# sourceMappingURL=json.js.map