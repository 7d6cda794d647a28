/** Carries out the planned runs of `lanewise run` and prints each as it ends. */
import { basename } from 'node:path';
import { answerLines, bestAnswers, cleanText, formatMilliseconds, jsonValues, looksLikeScores, outputLine, } from '../report/index.js';
export class Runner {
    #session;
    #plan;
    #terminal;
    #options;
    /** Width of the longest file name, so that answers align. */
    #nameWidth;
    constructor(session, plan, terminal, options) {
        this.#session = session;
        this.#plan = plan;
        this.#terminal = terminal;
        this.#options = options;
        const names = plan.flatMap(({ files }) => Object.values(files).flat().map(shownName));
        this.#nameWidth = Math.max(0, ...names.map((name) => name.length));
    }
    async runAll() {
        const entries = [];
        const steps = [];
        for (const [i, planned] of this.#plan.entries()) {
            const counter = this.#plan.length > 1 ? `${i + 1} of ${this.#plan.length}, ` : '';
            const inputs = await planned.load();
            const start = performance.now();
            const { outputs, steps: measured } = await this.#run(inputs, `${counter}${shownName(planned.label)}`);
            const milliseconds = performance.now() - start;
            if (measured)
                steps.push(measured);
            const answers = this.#answers(outputs);
            const reports = await this.#report(planned, outputs);
            entries.push({ inputs: planned.files, milliseconds, outputs: reports, answers });
            if (!this.#options.quiet)
                this.#print(planned, milliseconds, outputs, answers);
        }
        this.#terminal.done();
        return { entries, steps };
    }
    #run(inputs, label) {
        const options = {
            onProgress: ({ what, done, total }) => {
                this.#terminal.status(`${label}: ${done} of ${total}, ${cleanText(what)}`);
            },
        };
        this.#terminal.status(label);
        if (this.#options.profile)
            return this.#session.profile(inputs, options);
        return this.#session.run(inputs, options).then((outputs) => ({ outputs }));
    }
    #answers(outputs) {
        const { top, labels } = this.#options;
        const last = outputs[this.#session.outputs.at(-1)?.name ?? ''];
        return top > 0 && last && looksLikeScores(last) ? bestAnswers(last, top, labels) : null;
    }
    async #report({ label }, outputs) {
        const { folder } = this.#options;
        const prefix = this.#plan.length > 1 ? label : undefined;
        const reports = [];
        for (const [name, tensor] of Object.entries(outputs)) {
            const file = folder ? await folder.write(prefix, name, tensor) : null;
            reports.push([name, { dtype: tensor.dtype, dims: tensor.dims, file, values: jsonValues(tensor) }]);
        }
        return Object.fromEntries(reports);
    }
    #print(planned, milliseconds, outputs, answers) {
        const time = `${formatMilliseconds(milliseconds).padStart(7)} ms`;
        if (!answers) {
            this.#terminal.out(`${shownName(planned.label)}  ${time.trim()}`);
            for (const [name, tensor] of Object.entries(outputs))
                this.#terminal.out(`  ${outputLine(name, tensor)}`);
            return;
        }
        const files = Object.values(planned.files).flat();
        for (const [image, list] of answers.entries()) {
            const name = files.length === answers.length ? shownName(files[image]) : `${shownName(planned.label)} [${image}]`;
            // A batch takes its time once.
            const details = image === 0 ? time : ' '.repeat(time.length);
            for (const line of answerLines(name.padEnd(this.#nameWidth), details, list))
                this.#terminal.out(line);
        }
    }
}
function shownName(path) {
    return cleanText(basename(path));
}
//# sourceMappingURL=runner.js.map