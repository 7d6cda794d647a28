/** Writes a run's outputs as `.npy` files. */
import { mkdir, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { LanewiseError } from '../errors.js';
import { tensorToNpy } from '../tensor/npy.js';
export class OutputFolder {
    #path;
    #taken = new Set();
    constructor(path) {
        this.#path = path;
    }
    /**
     * Writes a tensor and returns the file's path: DIR/output.npy, or DIR/label.output.npy with a label.
     * @param label the run's, where there are several
     * @throws LanewiseError when the file cannot be written
     */
    async write(label, output, tensor) {
        const stem = label === undefined ? output : `${label.slice(0, label.length - extname(label).length)}.${output}`;
        const path = join(this.#path, this.#unique(fileName(stem)));
        try {
            await mkdir(this.#path, { recursive: true });
            await writeFile(path, tensorToNpy(tensor));
        }
        catch (cause) {
            throw new LanewiseError(`${path} cannot be written (${cause.message})`, {
                remedy: 'Choose another folder for --output.',
                cause,
            });
        }
        return path;
    }
    /** Two outputs may come to the same name: `a/b` and `a:b`, or images of the same name from two folders. */
    #unique(stem) {
        let name = `${stem}.npy`;
        // Some file systems do not tell capitals from small letters.
        for (let i = 2; this.#taken.has(name.toLowerCase()); i++)
            name = `${stem}_${i}.npy`;
        this.#taken.add(name.toLowerCase());
        return name;
    }
}
/** A name from a model as a plain file name, which can lead nowhere else. */
function fileName(name) {
    return (name
        .replaceAll(/[^A-Za-z0-9._-]/g, '_')
        .replace(/^\.+/, '_')
        .slice(0, 120) || '_');
}
//# sourceMappingURL=run-outputs.js.map