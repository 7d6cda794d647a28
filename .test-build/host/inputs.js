/** Files to input tensors: images, `.npy` and TensorProto `.pb`. */
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { FormatError, InputError } from '../errors.js';
import { formatPort } from '../graph/index.js';
import { tensorFromPb } from '../onnx/index.js';
import { isNpy, tensorFromNpy } from '../tensor/npy.js';
import { Tensor } from '../tensor/index.js';
import { readBytes } from './files.js';
import { channelsFor, imageToTensor, isImagePath } from './images.js';
const TENSOR_EXTENSIONS = new Set(['.npy', '.pb']);
function isInputPath(path) {
    return isImagePath(path) || TENSOR_EXTENSIONS.has(extname(path).toLowerCase());
}
/**
 * A path's input files: itself, or the images, `.npy` and `.pb` files directly in the directory, in the order of
 * their names (2 before 10).
 * @throws FormatError when it is not there, or a directory without such files
 */
export async function inputFiles(path) {
    if (!(await isDirectory(path)))
        return [path];
    const names = (await readdir(path)).filter(isInputPath);
    if (names.length === 0) {
        throw new FormatError(`${path} holds no input files`, {
            remedy: 'It must hold PNG, JPEG, WebP, .npy or .pb files.',
        });
    }
    const collator = new Intl.Collator('en', { numeric: true });
    return names.sort((a, b) => collator.compare(a, b)).map((name) => join(path, name));
}
async function isDirectory(path) {
    try {
        return (await stat(path)).isDirectory();
    }
    catch (cause) {
        throw new FormatError(`${path} cannot be read`, { remedy: 'Check the path.', cause });
    }
}
/** The name that a `.pb` file gives its tensor; undefined for other files and unnamed tensors. */
export async function nameInFile(path) {
    if (extname(path).toLowerCase() !== '.pb')
        return undefined;
    return tensorFromPb(await readBytes(path)).name || undefined;
}
/**
 * A file as a tensor for an input.
 * @param port the input, with all dims that are known in their place
 * @throws FormatError when the file is not what its name says; InputError when an image does not fit the input
 */
export async function readInput(path, port, options) {
    const bytes = await readBytes(path);
    if (isNpy(bytes))
        return tensorFromNpy(bytes);
    if (extname(path).toLowerCase() === '.pb')
        return tensorFromPb(bytes).tensor;
    if (!isImagePath(path)) {
        throw new FormatError(`${path} is of no known kind`, {
            remedy: 'Inputs are PNG, JPEG or WebP images, .npy arrays or .pb tensors.',
        });
    }
    const dims = port.dims ?? [null, null, null, null];
    if (dims.length !== 4) {
        throw new InputError(`the image ${path} does not fit the input ${formatPort(port)}`, {
            remedy: 'Images are for inputs NxCxHxW: pass this one as .npy or .pb.',
        });
    }
    const [count, height, width] = dims.slice(1).map((dim) => (typeof dim === 'number' ? dim : undefined));
    return imageToTensor(bytes, path, {
        ...options,
        dtype: port.dtype,
        channels: channelsFor(count, options.channels),
        height,
        width,
    });
}
/**
 * Tensors of one image each, joined along the first dimension.
 * @throws InputError when they differ in type or in the other dims
 */
export function joinBatch(tensors) {
    const [first] = tensors;
    if (tensors.length === 1)
        return first;
    const fits = (tensor) => tensor.dtype === first.dtype && String(tensor.dims.slice(1)) === String(first.dims.slice(1));
    if (!tensors.every(fits)) {
        throw new InputError('the files of a batch differ in element type or size', {
            remedy: 'Give files alike, or run them one at a time.',
        });
    }
    const images = tensors.reduce((sum, { dims }) => sum + dims[0], 0);
    const joined = new Tensor(first.dtype, [images, ...first.dims.slice(1)]);
    let at = 0;
    for (const { data } of tensors) {
        joined.data.set(data, at);
        at += data.length;
    }
    return joined;
}
//# sourceMappingURL=inputs.js.map