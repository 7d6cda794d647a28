import type { Tensor } from '../tensor/index.js';
export declare class OutputFolder {
    #private;
    constructor(path: string);
    /**
     * Writes a tensor and returns the file's path: DIR/output.npy, or DIR/label.output.npy with a label.
     * @param label the run's, where there are several
     * @throws LanewiseError when the file cannot be written
     */
    write(label: string | undefined, output: string, tensor: Tensor): Promise<string>;
}
