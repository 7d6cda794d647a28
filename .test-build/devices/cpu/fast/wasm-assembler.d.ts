/**
 * A very small WebAssembly assembler: enough to write SIMD loops as TypeScript that reads like assembly.
 *
 * Why not a `.wasm` file or WAT: the package has no build step beyond `tsc`, and emitting the bytes at start lets one
 * emitter produce a kernel for every tile size. Encoding: WebAssembly Core Specification 2.0, chapter 5.
 */
/** Value types, by their byte in the binary format. */
export declare const valueType: {
    readonly i32: 127;
    readonly f32: 125;
    readonly v128: 123;
};
export type ValueType = (typeof valueType)[keyof typeof valueType];
/** Index of a parameter or local variable of the function being built. */
export type Local = number;
/** Instructions without immediates, as their encoded bytes. */
declare const opcode: {
    readonly i32Add: readonly [106];
    readonly i32Sub: readonly [107];
    readonly i32Mul: readonly [108];
    readonly i32And: readonly [113];
    readonly i32Shl: readonly [116];
    readonly i32ShrU: readonly [118];
    readonly f32Add: readonly [146];
    readonly f32x4Splat: readonly [253, 19];
    readonly f32x4Add: readonly [253, 228, 1];
    readonly f32x4Mul: readonly [253, 230, 1];
    readonly f32x4Pmin: readonly [253, 234, 1];
    readonly f32x4Pmax: readonly [253, 235, 1];
};
export type PlainInstruction = keyof typeof opcode;
/** Memory instructions: encoded bytes, then the alignment hint (log2 of 4 bytes: nothing here promises more). */
declare const memoryOpcode: {
    readonly i32Load: readonly [40, 2];
    readonly f32Load: readonly [42, 2];
    readonly f32Store: readonly [56, 2];
    readonly v128Load: readonly [253, 0, 2];
    readonly v128Load32Splat: readonly [253, 9, 2];
    readonly v128Store: readonly [253, 11, 2];
};
export type MemoryInstruction = keyof typeof memoryOpcode;
/** Builds the body of one exported function without results. Instructions are appended in order; all return `this`. */
export declare class FunctionBuilder {
    #private;
    readonly exportName: string;
    readonly params: readonly ValueType[];
    constructor(exportName: string, params: readonly ValueType[]);
    /** Declares a local variable; it starts as zero. */
    local(type: ValueType): Local;
    /** Declares `count` locals of one type. */
    locals(type: ValueType, count: number): Local[];
    get(...locals: Local[]): this;
    set(local: Local): this;
    tee(local: Local): this;
    i32(value: number): this;
    /** Takes one lane (0 to 3) out of an f32x4. */
    extractLane(lane: number): this;
    /** Picks four of the eight lanes (0 to 7) of the two vectors on the stack. */
    shuffleLanes(...lanes: [number, number, number, number]): this;
    op(instruction: PlainInstruction): this;
    /** A load or store at the address on the stack plus a constant `offset` in bytes. */
    memory(instruction: MemoryInstruction, offset?: number): this;
    /** `local += amount` in i32, where the amount is another local or a constant. */
    advance(local: Local, amount: Local | {
        readonly bytes: number;
    }): this;
    /** Runs the body `counter` times, counting the local down to zero; not at all if it is zero. */
    repeat(counter: Local, body: () => void): this;
    /** The encoded body: locals, instructions, `end`. */
    encode(): number[];
}
/**
 * Encodes a module that exports the given functions and one memory called `memory`.
 *
 * @param maximumPages upper limit of the memory in pages of 64 KiB; it starts with one page.
 */
export declare function encodeModule(functions: readonly FunctionBuilder[], maximumPages: number): Uint8Array<ArrayBuffer>;
export {};
