/** Finds ONNX test directories on disk: `model.onnx` beside `test_data_set_*` folders of `.pb` files. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FormatError } from '../errors.js';
import { readBytes } from './files.js';
/**
 * The test cases in a directory: the one that it is, or all that lie directly in it.
 * @throws FormatError when there is none
 */
export async function findTestCases(directory) {
    if (await isFile(join(directory, 'model.onnx')))
        return [await readTestCase(directory)];
    const names = await list(directory);
    const cases = [];
    for (const name of names) {
        const path = join(directory, name);
        if (await isFile(join(path, 'model.onnx')))
            cases.push(await readTestCase(path));
    }
    if (cases.length === 0) {
        throw new FormatError(`${directory} holds no ONNX test directories`, {
            remedy: 'Name a folder with model.onnx and test_data_set_*, or one that holds such folders.',
        });
    }
    return cases;
}
async function readTestCase(directory) {
    const sets = (await list(directory)).filter((name) => name.startsWith('test_data_set_'));
    const dataSets = [];
    for (const name of sets.sort(byNumber)) {
        const path = join(directory, name);
        const read = async () => ({
            inputs: await readAll(path, 'input_'),
            outputs: await readAll(path, 'output_'),
        });
        dataSets.push({ name, read });
    }
    return { name: basename(directory), model: join(directory, 'model.onnx'), dataSets };
}
async function readAll(directory, prefix) {
    const names = (await list(directory)).filter((name) => name.startsWith(prefix) && name.endsWith('.pb'));
    const files = [];
    for (const name of names.sort(byNumber))
        files.push(await readBytes(join(directory, name)));
    return files;
}
/** input_2 before input_10. */
function byNumber(a, b) {
    return a.localeCompare(b, 'en', { numeric: true });
}
async function list(directory) {
    try {
        return (await readdir(directory)).sort();
    }
    catch (cause) {
        throw new FormatError(`${directory} cannot be listed`, { remedy: 'Check the path.', cause });
    }
}
async function isFile(path) {
    return stat(path).then((info) => info.isFile(), () => false);
}
//# sourceMappingURL=test-directories.js.map