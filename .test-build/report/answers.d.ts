/** The best classes of an output that looks like class scores. */
import { type Tensor, type TensorType } from '../tensor/index.js';
/** One class with its score. */
export interface Answer {
    readonly class: number;
    /** The class's label; its number where there are no labels. */
    readonly label: string;
    readonly score: number;
}
/** The best answers for one image. */
export interface Answers {
    /** Whether the scores of all classes are probabilities: none negative, and their sum is 1. */
    readonly probabilities: boolean;
    readonly best: readonly Answer[];
}
/** Whether a tensor can hold one score per class for each image: N x classes, or N x classes x 1 x 1. */
export declare function looksLikeScores({ dtype, dims }: TensorType): boolean;
/**
 * The `count` highest scores of each image, best first; equal scores in the order of their classes, NaN last.
 * @param scores see `looksLikeScores`
 * @param labels one per class; classes beyond its end are named by number
 */
export declare function bestAnswers(scores: Tensor, count: number, labels?: readonly string[]): Answers[];
/** An answer's score as people read it: in percent where it is a probability. */
export declare function formatScore(score: number, probabilities: boolean): string;
/**
 * The answers for one image under its name: on one line where they fit, else one line each.
 * @param name padded to the longest name by the caller, so that lines align
 * @param details what stands behind the name, such as the time
 */
export declare function answerLines(name: string, details: string, { best, probabilities }: Answers): string[];
