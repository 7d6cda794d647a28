/** `lanewise info`: what a model is and needs, without running it. */
import { loadModel } from '../node.js';
import { formatJson, infoLines, modelInfo } from '../report/index.js';
import { defineCommand } from './command.js';
import { EXIT_OK } from './errors.js';
import { DIMS_ARG, bindingsFor, parseDims } from './options.js';
export const info = defineCommand({
    name: 'info',
    description: 'Describe a model: inputs, outputs, operators, parameters, FLOP, memory, what is not supported.',
    args: {
        model: { type: 'positional', required: true, valueHint: 'MODEL.onnx', description: 'The model file' },
        dims: DIMS_ARG,
    },
    repeatable: ['dims'],
    notes: [
        'A first dimension that the model leaves open (the batch) is taken as 1; other open dimensions have to be given ' +
            'before FLOP and memory can be told. FLOP counts a multiply-add as two. Weights are described without being ' +
            'made, so that a large model takes no longer than a small one.',
    ],
    examples: ['lanewise info model.onnx', 'lanewise info model.onnx --dims N=8 --dims H=224,W=224 --json'],
    run: async ({ args, all, terminal }) => {
        const dims = parseDims(all('dims'));
        terminal.status(`reading ${args.model}`);
        const model = await loadModel(args.model);
        const described = modelInfo(model, bindingsFor(model.inputs, dims));
        terminal.done();
        if (args.json)
            terminal.out(formatJson({ command: 'info', path: args.model, ...described }));
        else
            for (const line of infoLines(described))
                terminal.out(line);
        return EXIT_OK;
    },
});
//# sourceMappingURL=info.js.map