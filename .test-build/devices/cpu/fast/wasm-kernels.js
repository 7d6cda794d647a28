/** The inner loops as WebAssembly SIMD, emitted and compiled at start. */
import { rowBytes } from './kernels.js';
import { encodeModule, FunctionBuilder, valueType } from './wasm-assembler.js';
const { i32, f32, v128 } = valueType;
const pageBytes = 65_536;
/** 1 GiB: far above what the block sizes need; it is there to turn a runaway shape into an error. */
const maximumPages = 16_384;
/** `accumulator += a · b`, with `a` and `b` in locals. Multiply and add stay apart: relaxed SIMD is not in Node 20. */
function multiplyAdd(f, accumulator, a, b) {
    f.get(accumulator, a, b).op('f32x4Mul').op('f32x4Add').set(accumulator);
}
/**
 * The register-tile kernel: `rows` x 4·`vectors` accumulators, one column of A broadcast against one row of B per step.
 *
 * 4 x 8 uses 8 accumulators + 2 of B + 2 temporaries of the 15 registers that V8 leaves to compiled WebAssembly on
 * x86. 6 x 8 would need 16. At 37 GFLOP/s from L1 at 2.6 GHz, 4 x 8 is near the 42 that two multiplies and two adds of
 * four floats per cycle allow, so that a larger tile has little to gain.
 */
function emitMultiply(exportName, rows, vectors) {
    const f = new FunctionBuilder(exportName, [i32, i32, i32, i32, i32, i32, i32, i32, i32]);
    const [a0, b0, c0, tilesM, tilesN, depth, bTile, bRow, cRow] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const [a, b, c, countM, countK] = f.locals(i32, 5);
    const sums = Array.from({ length: rows }, () => f.locals(v128, vectors));
    const bs = f.locals(v128, vectors);
    const [splat, zero] = f.locals(v128, 2); // nothing writes to zero: locals start as 0
    const step = () => {
        bs.forEach((vector, v) => f
            .get(b)
            .memory('v128Load', 16 * v)
            .set(vector));
        f.advance(b, bRow);
        sums.forEach((row, r) => {
            f.get(a)
                .memory('v128Load32Splat', r * rowBytes)
                .set(splat);
            row.forEach((sum, v) => multiplyAdd(f, sum, splat, bs[v]));
        });
    };
    const addToC = () => {
        f.get(c).set(b); // B's pointer is free by now: it walks over the rows of C
        for (const row of sums) {
            row.forEach((sum, v) => {
                f.get(b, b)
                    .memory('v128Load', 16 * v)
                    .get(sum)
                    .op('f32x4Add')
                    .memory('v128Store', 16 * v);
            });
            f.advance(b, cRow);
        }
    };
    f.repeat(tilesN, () => {
        f.get(tilesM).set(countM).get(c0).set(c).get(a0).set(a);
        f.repeat(countM, () => {
            for (const sum of sums.flat())
                f.get(zero).set(sum);
            f.get(b0).set(b);
            // Not unrolled here: V8 unrolls this loop itself. Unrolled by four it ran at 15 rather than 24 GFLOP/s, because
            // each distinct offset of a splatting load costs V8 a register for its base address, and all of that spilt.
            f.get(depth).set(countK);
            f.repeat(countK, () => {
                step();
                f.advance(a, { bytes: 4 });
            });
            addToC();
            f.get(c, cRow).i32(rows).op('i32Mul').op('i32Add').set(c);
            f.get(a)
                .i32(rows * rowBytes)
                .op('i32Add')
                .get(depth)
                .i32(2)
                .op('i32Shl')
                .op('i32Sub')
                .set(a);
        });
        f.advance(b0, bTile).advance(c0, { bytes: 16 * vectors });
    });
    return f;
}
/** Tiles of dot products: both operands run along K, so neither has to be packed. */
function emitDot(exportName, rows, cols) {
    const f = new FunctionBuilder(exportName, [i32, i32, i32, i32, i32, i32, i32, i32]);
    const [a0, b0, c0, tilesM, tilesN, quads, bRow, cRow] = [0, 1, 2, 3, 4, 5, 6, 7];
    const [a, aTile, c, countM, countK] = f.locals(i32, 5);
    const bAt = f.locals(i32, cols);
    const sums = Array.from({ length: rows }, () => f.locals(v128, cols));
    const bs = f.locals(v128, cols);
    const [row, zero] = f.locals(v128, 2);
    const pointAtColumns = () => {
        bAt.forEach((pointer, j) => {
            if (j === 0)
                f.get(b0).set(pointer);
            else
                f.get(bAt[j - 1], bRow)
                    .op('i32Add')
                    .set(pointer);
        });
    };
    const addLanesToC = (sum, offset) => {
        f.get(c, c).memory('f32Load', offset);
        for (let lane = 0; lane < 4; lane++)
            f.get(sum).extractLane(lane);
        // The lanes are summed first and C is added last.
        for (let lane = 0; lane < 4; lane++)
            f.op('f32Add');
        f.memory('f32Store', offset);
    };
    f.repeat(tilesN, () => {
        f.get(tilesM).set(countM).get(c0).set(c).get(a0).set(aTile);
        f.repeat(countM, () => {
            for (const sum of sums.flat())
                f.get(zero).set(sum);
            f.get(aTile).set(a).get(quads).set(countK);
            pointAtColumns();
            f.repeat(countK, () => {
                bAt.forEach((pointer, j) => {
                    f.get(pointer).memory('v128Load').set(bs[j]);
                    f.advance(pointer, { bytes: 16 });
                });
                sums.forEach((sumsOfRow, r) => {
                    f.get(a)
                        .memory('v128Load', r * rowBytes)
                        .set(row);
                    sumsOfRow.forEach((sum, j) => multiplyAdd(f, sum, row, bs[j]));
                });
                f.advance(a, { bytes: 16 });
            });
            for (const sumsOfRow of sums) {
                sumsOfRow.forEach((sum, j) => addLanesToC(sum, 4 * j));
                f.advance(c, cRow);
            }
            f.advance(aTile, { bytes: rows * rowBytes });
        });
        f.get(b0, bRow).i32(cols).op('i32Mul').op('i32Add').set(b0);
        f.advance(c0, { bytes: 4 * cols });
    });
    return f;
}
function emitPackTiles() {
    const f = new FunctionBuilder('packTiles', [i32, i32, i32, i32, i32, i32]);
    const [src0, dst0, rows, srcRow, tiles, tileBytes] = [0, 1, 2, 3, 4, 5];
    const [src, dst, count] = f.locals(i32, 3);
    // Tile by tile, so that writes are contiguous: tiles are far apart, and row by row each would miss L1 and the TLB.
    f.repeat(tiles, () => {
        f.get(src0).set(src).get(dst0).set(dst).get(rows).set(count);
        f.repeat(count, () => {
            f.get(dst, src).memory('v128Load').memory('v128Store');
            f.get(dst, src).memory('v128Load', 16).memory('v128Store', 16);
            f.advance(src, srcRow).advance(dst, { bytes: 32 });
        });
        f.advance(src0, { bytes: 32 }).advance(dst0, tileBytes);
    });
    return f;
}
/** Row copies for one stride known here, four floats at a time, or (`stride` 0) for any, one at a time. */
function emitSpreadRows(exportName, stride) {
    const f = new FunctionBuilder(exportName, [i32, i32, i32, i32, i32, i32, i32]);
    const [src0, dst0, rows, cols, srcRow, dstRow, strideFloats] = [0, 1, 2, 3, 4, 5, 6];
    const [src, dst, count, step] = f.locals(i32, 4);
    f.get(strideFloats).i32(2).op('i32Shl').set(step);
    f.repeat(rows, () => {
        f.get(src0).set(src).get(dst0).set(dst);
        if (stride !== 0) {
            f.get(cols).i32(2).op('i32ShrU').set(count);
            f.repeat(count, () => {
                f.get(dst, src).memory('v128Load');
                if (stride === 2)
                    f.get(src).memory('v128Load', 16).shuffleLanes(0, 2, 4, 6);
                f.memory('v128Store');
                f.advance(src, { bytes: 16 * stride }).advance(dst, { bytes: 16 });
            });
        }
        f.get(cols);
        if (stride !== 0)
            f.i32(3).op('i32And');
        f.set(count);
        f.repeat(count, () => {
            f.get(dst, src).memory('f32Load').memory('f32Store');
            f.advance(src, step).advance(dst, { bytes: 4 });
        });
        f.advance(src0, srcRow).advance(dst0, dstRow);
    });
    return f;
}
function emitConvolveTaps() {
    const f = new FunctionBuilder('convolveTaps', [i32, i32, i32, i32, i32, i32, i32, f32]);
    const [src0, table, taps, dst0, rows, cols, srcRow, bias] = [0, 1, 2, 3, 4, 5, 6, 7];
    const [src, dst, tap, at, countX, countT, dstRow] = f.locals(i32, 7);
    const [low, high, weight, start] = f.locals(v128, 4);
    f.get(bias).op('f32x4Splat').set(start);
    f.get(cols).i32(2).op('i32Shl').set(dstRow);
    f.repeat(rows, () => {
        f.get(src0).set(src).get(dst0).set(dst);
        f.get(cols).i32(7).op('i32Add').i32(3).op('i32ShrU').set(countX);
        // The last store of a row may spill over; the next row, written later, repairs it.
        f.repeat(countX, () => {
            f.get(start).set(low).get(start).set(high).get(table).set(tap).get(taps).set(countT);
            f.repeat(countT, () => {
                f.get(src, tap).memory('i32Load').op('i32Add').set(at);
                f.get(tap).memory('v128Load32Splat', 4).set(weight);
                f.get(low, weight, at).memory('v128Load').op('f32x4Mul').op('f32x4Add').set(low);
                f.get(high, weight, at).memory('v128Load', 16).op('f32x4Mul').op('f32x4Add').set(high);
                f.advance(tap, { bytes: 8 });
            });
            f.get(dst, low).memory('v128Store').get(dst, high).memory('v128Store', 16);
            f.advance(src, { bytes: 32 }).advance(dst, { bytes: 32 });
        });
        f.advance(src0, srcRow).advance(dst0, dstRow);
    });
    return f;
}
function emitClamp() {
    const f = new FunctionBuilder('clamp', [i32, i32, f32, f32]);
    const [at, quads, low, high] = [0, 1, 2, 3];
    const [lows, highs] = f.locals(v128, 2);
    f.get(low).op('f32x4Splat').set(lows).get(high).op('f32x4Splat').set(highs);
    f.repeat(quads, () => {
        // pmax(x, low) is "x < low ? low : x" and so keeps NaN, at one instruction where f32x4.max takes several.
        f.get(at, at).memory('v128Load').get(lows).op('f32x4Pmax').get(highs).op('f32x4Pmin').memory('v128Store');
        f.advance(at, { bytes: 16 });
    });
    return f;
}
/** The bytes of the kernel module, under the 4 KiB that older browsers compile synchronously on the main thread. */
export function kernelModuleBytes() {
    return encodeModule([
        emitMultiply('multiply4x8', 4, 2),
        emitMultiply('multiply1x16', 1, 4),
        emitDot('dot4x2', 4, 2),
        emitDot('dot1x4', 1, 4),
        emitPackTiles(),
        emitSpreadRows('spreadRowsBy1', 1),
        emitSpreadRows('spreadRowsBy2', 2),
        emitSpreadRows('spreadRowsByAny', 0),
        emitConvolveTaps(),
        emitClamp(),
    ], maximumPages);
}
function instantiate() {
    try {
        const instance = new WebAssembly.Instance(new WebAssembly.Module(kernelModuleBytes()));
        // The exports are what kernelModuleBytes() above wrote; the API has no way to type them.
        return instance.exports;
    }
    catch {
        return undefined; // no WebAssembly, no SIMD, or forbidden by the page's content security policy
    }
}
/**
 * Compiles the WebAssembly kernels with a scratch memory of their own (about 3 KB of code; 1 to 7 ms).
 *
 * @returns `undefined` where WebAssembly SIMD cannot be compiled.
 */
export function createWasmKernels() {
    const exports = instantiate();
    if (exports === undefined)
        return undefined;
    const { memory, spreadRowsBy1, spreadRowsBy2, spreadRowsByAny, ...loops } = exports;
    let floats = new Float32Array(memory.buffer);
    let integers = new Int32Array(memory.buffer);
    return {
        ...loops,
        name: 'wasm-simd',
        spreadRows(src, dst, rows, cols, srcRow, dstRow, stride) {
            const spread = stride === 1 ? spreadRowsBy1 : stride === 2 ? spreadRowsBy2 : spreadRowsByAny;
            spread(src, dst, rows, cols, srcRow, dstRow, stride);
        },
        get f32() {
            return floats;
        },
        get i32() {
            return integers;
        },
        reserve(bytes) {
            if (bytes <= memory.buffer.byteLength)
                return;
            memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / pageBytes));
            floats = new Float32Array(memory.buffer);
            integers = new Int32Array(memory.buffer);
        },
    };
}
//# sourceMappingURL=wasm-kernels.js.map