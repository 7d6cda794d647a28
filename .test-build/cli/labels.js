/** Files of class names. */
import { readBytes } from '../host/files.js';
/** One label per line, class 0 first. @throws FormatError naming the path */
export async function readLabels(path) {
    const text = new TextDecoder().decode(await readBytes(path));
    return text
        .replace(/^\uFEFF/, '')
        .trimEnd()
        .split(/\r?\n/);
}
//# sourceMappingURL=labels.js.map