/** The best classes of an output that looks like class scores. */
import { isFloat } from '../tensor/index.js';
import { cleanText, formatNumber, formatPercent, shorten } from './format.js';
import { LINE_WIDTH } from './table.js';
/** Whether a tensor can hold one score per class for each image: N x classes, or N x classes x 1 x 1. */
export function looksLikeScores({ dtype, dims }) {
    return isFloat(dtype) && dims.length >= 2 && dims[1] > 1 && dims.slice(2).every((dim) => dim === 1);
}
/**
 * The `count` highest scores of each image, best first; equal scores in the order of their classes, NaN last.
 * @param scores see `looksLikeScores`
 * @param labels one per class; classes beyond its end are named by number
 */
export function bestAnswers(scores, count, labels = []) {
    const [images, classes] = scores.dims;
    const values = scores.toFloat64();
    return Array.from({ length: images }, (_, image) => {
        const row = values.subarray(image * classes, (image + 1) * classes);
        const rank = (k) => (Number.isNaN(row[k]) ? -Infinity : row[k]);
        const order = Array.from(row.keys()).sort((a, b) => rank(b) - rank(a) || a - b);
        const best = order
            .slice(0, count)
            .map((k) => ({ class: k, label: labels[k] ?? String(k), score: row[k] }));
        return { probabilities: areProbabilities(row), best };
    });
}
function areProbabilities(row) {
    const sum = row.reduce((total, value) => total + value, 0);
    // Half precision keeps a sum of a thousand probabilities within about a percent.
    return Math.abs(sum - 1) < 0.02 && row.every((value) => value >= 0);
}
/** An answer's score as people read it: in percent where it is a probability. */
export function formatScore(score, probabilities) {
    return probabilities ? formatPercent(score) : formatNumber(score);
}
/**
 * The answers for one image under its name: on one line where they fit, else one line each.
 * @param name padded to the longest name by the caller, so that lines align
 * @param details what stands behind the name, such as the time
 */
export function answerLines(name, details, { best, probabilities }) {
    const head = [cleanText(name), details].filter(Boolean).join('  ');
    const scores = best.map(({ score }) => formatScore(score, probabilities));
    const labels = best.map(({ label }) => cleanText(label));
    const line = [head, ...labels.map((label, i) => `${label} ${scores[i].padStart(8)}`)].join('   ');
    if (line.length <= LINE_WIDTH && labels.every((label) => label.length <= 12))
        return [line];
    const width = Math.max(...scores.map((score) => score.length));
    return [
        head,
        ...labels.map((label, i) => `  ${scores[i].padStart(width)}  ${shorten(label, LINE_WIDTH - width - 4)}`),
    ];
}
//# sourceMappingURL=answers.js.map