/**
 * Offsets for tensors that live for a part of the run, in as few bytes as greedy placement finds.
 *
 * WebGPU refuses a launch that binds one buffer both read-only and writable, even at different offsets. So the arena
 * is several buffers (banks), and tensors that one launch reads and writes lie in different ones.
 */
/** A piece of memory to be placed. */
export interface Block {
    readonly bytes: number;
    /** First and last step that need it, both included. */
    readonly start: number;
    readonly end: number;
    /** Blocks that must lie in another bank: what a launch writes while it reads this, or the reverse. */
    readonly apart: ReadonlySet<number>;
}
export interface Placement {
    readonly bank: number;
    readonly offset: number;
}
export interface Arena {
    readonly placements: readonly Placement[];
    /** Bytes of each bank. */
    readonly banks: readonly number[];
}
/**
 * Places blocks, largest first, each at the lowest offset where nothing alive at the same time is in the way, in the
 * bank that grows least by it ("greedy by size", Pisarchyk and Lee 2020, arXiv 2001.03288, here over several banks).
 * @param alignment offsets are multiples of it
 * @param maxBankBytes a bank never grows beyond it, as long as each block is smaller
 */
export declare function placeBlocks(blocks: readonly Block[], alignment: number, maxBankBytes: number): Arena;
/** The largest sum of bytes alive at one step: no placement can do with less. */
export declare function lowerBound(blocks: readonly Block[]): number;
