/**
 * A very small WebAssembly assembler: enough to write SIMD loops as TypeScript that reads like assembly.
 *
 * Why not a `.wasm` file or WAT: the package has no build step beyond `tsc`, and emitting the bytes at start lets one
 * emitter produce a kernel for every tile size. Encoding: WebAssembly Core Specification 2.0, chapter 5.
 */
/** Value types, by their byte in the binary format. */
export const valueType = { i32: 0x7f, f32: 0x7d, v128: 0x7b };
/** Instructions without immediates, as their encoded bytes. */
const opcode = {
    i32Add: [0x6a],
    i32Sub: [0x6b],
    i32Mul: [0x6c],
    i32And: [0x71],
    i32Shl: [0x74],
    i32ShrU: [0x76],
    f32Add: [0x92],
    f32x4Splat: [0xfd, 0x13],
    f32x4Add: [0xfd, 0xe4, 0x01],
    f32x4Mul: [0xfd, 0xe6, 0x01],
    f32x4Pmin: [0xfd, 0xea, 0x01],
    f32x4Pmax: [0xfd, 0xeb, 0x01],
};
/** Memory instructions: encoded bytes, then the alignment hint (log2 of 4 bytes: nothing here promises more). */
const memoryOpcode = {
    i32Load: [0x28, 2],
    f32Load: [0x2a, 2],
    f32Store: [0x38, 2],
    v128Load: [0xfd, 0x00, 2],
    v128Load32Splat: [0xfd, 0x09, 2],
    v128Store: [0xfd, 0x0b, 2],
};
function unsignedLeb(value) {
    const bytes = [];
    let rest = value;
    do {
        const low = rest % 128;
        rest = Math.floor(rest / 128);
        bytes.push(rest > 0 ? low | 0x80 : low);
    } while (rest > 0);
    return bytes;
}
function signedLeb(value) {
    const bytes = [];
    let rest = value | 0;
    for (;;) {
        const low = rest & 0x7f;
        rest >>= 7;
        if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
const sized = (bytes) => [...unsignedLeb(bytes.length), ...bytes];
const vector = (items) => [
    ...unsignedLeb(items.length),
    ...items.flat(),
];
const section = (id, items) => [
    id,
    ...sized(vector(items)),
];
const name = (text) => sized([...new TextEncoder().encode(text)]);
/** Builds the body of one exported function without results. Instructions are appended in order; all return `this`. */
export class FunctionBuilder {
    exportName;
    params;
    #locals = [];
    #code = [];
    constructor(exportName, params) {
        this.exportName = exportName;
        this.params = params;
    }
    /** Declares a local variable; it starts as zero. */
    local(type) {
        this.#locals.push(type);
        return this.params.length + this.#locals.length - 1;
    }
    /** Declares `count` locals of one type. */
    locals(type, count) {
        return Array.from({ length: count }, () => this.local(type));
    }
    get(...locals) {
        for (const local of locals)
            this.#code.push(0x20, ...unsignedLeb(local));
        return this;
    }
    set(local) {
        this.#code.push(0x21, ...unsignedLeb(local));
        return this;
    }
    tee(local) {
        this.#code.push(0x22, ...unsignedLeb(local));
        return this;
    }
    i32(value) {
        this.#code.push(0x41, ...signedLeb(value));
        return this;
    }
    /** Takes one lane (0 to 3) out of an f32x4. */
    extractLane(lane) {
        this.#code.push(0xfd, 0x1f, lane);
        return this;
    }
    /** Picks four of the eight lanes (0 to 7) of the two vectors on the stack. */
    shuffleLanes(...lanes) {
        this.#code.push(0xfd, 0x0d, ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)));
        return this;
    }
    op(instruction) {
        this.#code.push(...opcode[instruction]);
        return this;
    }
    /** A load or store at the address on the stack plus a constant `offset` in bytes. */
    memory(instruction, offset = 0) {
        this.#code.push(...memoryOpcode[instruction], ...unsignedLeb(offset));
        return this;
    }
    /** `local += amount` in i32, where the amount is another local or a constant. */
    advance(local, amount) {
        this.get(local);
        if (typeof amount === 'number')
            this.get(amount);
        else
            this.i32(amount.bytes);
        return this.op('i32Add').set(local);
    }
    /** Runs the body `counter` times, counting the local down to zero; not at all if it is zero. */
    repeat(counter, body) {
        this.get(counter);
        this.#code.push(0x04, 0x40, 0x03, 0x40); // if, loop
        body();
        this.get(counter).i32(1).op('i32Sub').tee(counter);
        this.#code.push(0x0d, 0x00, 0x0b, 0x0b); // br_if loop, end, end
        return this;
    }
    /** The encoded body: locals, instructions, `end`. */
    encode() {
        const runs = [];
        for (const type of this.#locals) {
            const last = runs.at(-1);
            if (last?.[1] === type)
                last[0]++;
            else
                runs.push([1, type]);
        }
        const locals = runs.map(([count, type]) => [...unsignedLeb(count), type]);
        return sized([...vector(locals), ...this.#code, 0x0b]);
    }
}
/** "\0asm", version 1. */
const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/**
 * Encodes a module that exports the given functions and one memory called `memory`.
 *
 * @param maximumPages upper limit of the memory in pages of 64 KiB; it starts with one page.
 */
export function encodeModule(functions, maximumPages) {
    const types = functions.map((f) => [0x60, ...vector(f.params.map((type) => [type])), 0]);
    const exports = functions.map((f, index) => [...name(f.exportName), 0x00, ...unsignedLeb(index)]);
    return Uint8Array.of(...header, ...section(1, types), ...section(3, functions.map((_, index) => unsignedLeb(index))), ...section(5, [[0x01, 0x01, ...unsignedLeb(maximumPages)]]), ...section(7, [...exports, [...name('memory'), 0x02, 0x00]]), ...section(10, functions.map((f) => f.encode())));
}
//# sourceMappingURL=wasm-assembler.js.map