/** The inner loops in plain JavaScript, for places where WebAssembly may not be compiled. Sums are kept in f64. */
import { rowBytes } from './kernels.js';
const rowFloats = rowBytes / 4;
/** Two columns of a tile against up to four rows: eight sums are what the JavaScript engine keeps in registers. */
function multiplyPair(m, a, b, c, rows, depth, bRow, cRow) {
    if (rows === 4) {
        let [s00, s01, s10, s11, s20, s21, s30, s31] = [0, 0, 0, 0, 0, 0, 0, 0];
        for (let k = 0, at = b; k < depth; k++, at += bRow) {
            const b0 = m[at];
            const b1 = m[at + 1];
            const a0 = m[a + k];
            const a1 = m[a + rowFloats + k];
            const a2 = m[a + 2 * rowFloats + k];
            const a3 = m[a + 3 * rowFloats + k];
            s00 += a0 * b0;
            s01 += a0 * b1;
            s10 += a1 * b0;
            s11 += a1 * b1;
            s20 += a2 * b0;
            s21 += a2 * b1;
            s30 += a3 * b0;
            s31 += a3 * b1;
        }
        m[c] = m[c] + s00;
        m[c + 1] = m[c + 1] + s01;
        m[c + cRow] = m[c + cRow] + s10;
        m[c + cRow + 1] = m[c + cRow + 1] + s11;
        m[c + 2 * cRow] = m[c + 2 * cRow] + s20;
        m[c + 2 * cRow + 1] = m[c + 2 * cRow + 1] + s21;
        m[c + 3 * cRow] = m[c + 3 * cRow] + s30;
        m[c + 3 * cRow + 1] = m[c + 3 * cRow + 1] + s31;
        return;
    }
    let [s0, s1] = [0, 0];
    for (let k = 0, at = b; k < depth; k++, at += bRow) {
        s0 += m[a + k] * m[at];
        s1 += m[a + k] * m[at + 1];
    }
    m[c] = m[c] + s0;
    m[c + 1] = m[c + 1] + s1;
}
function multiply(memory, rows, cols) {
    return (a, b, c, tilesM, tilesN, depth, bTile, bRow, cRow) => {
        const m = memory();
        for (let j = 0; j < tilesN; j++) {
            for (let i = 0; i < tilesM; i++) {
                for (let pair = 0; pair < cols; pair += 2) {
                    const bAt = (b + j * bTile) / 4 + pair;
                    const cAt = (c + i * rows * cRow) / 4 + j * cols + pair;
                    multiplyPair(m, a / 4 + i * rows * rowFloats, bAt, cAt, rows, depth, bRow / 4, cRow / 4);
                }
            }
        }
    };
}
function dot(memory, rows, cols) {
    return (a, b, c, tilesM, tilesN, quads, bRow, cRow) => {
        const m = memory();
        for (let i = 0; i < rows * tilesM; i++) {
            for (let j = 0; j < cols * tilesN; j++) {
                const aAt = a / 4 + i * rowFloats;
                const bAt = (b + j * bRow) / 4;
                let [even, odd] = [0, 0];
                for (let k = 0; k < 4 * quads; k += 2) {
                    even += m[aAt + k] * m[bAt + k];
                    odd += m[aAt + k + 1] * m[bAt + k + 1];
                }
                const cAt = (c + i * cRow) / 4 + j;
                m[cAt] = m[cAt] + even + odd;
            }
        }
    };
}
/**
 * Makes the JavaScript kernels with a scratch memory of their own. Same results as the WebAssembly ones up to rounding:
 * sums inside a tile are f64 here.
 */
export function createJsKernels() {
    let buffer = new ArrayBuffer(0);
    let floats = new Float32Array(buffer);
    let integers = new Int32Array(buffer);
    const memory = () => floats;
    return {
        name: 'js',
        get f32() {
            return floats;
        },
        get i32() {
            return integers;
        },
        reserve(bytes) {
            if (bytes <= buffer.byteLength)
                return;
            buffer = new ArrayBuffer(Math.ceil(bytes / 4) * 4);
            floats = new Float32Array(buffer);
            integers = new Int32Array(buffer);
        },
        multiply4x8: multiply(memory, 4, 8),
        multiply1x16: multiply(memory, 1, 16),
        dot4x2: dot(memory, 4, 2),
        dot1x4: dot(memory, 1, 4),
        packTiles(src, dst, rows, srcRow, tiles, tileBytes) {
            for (let r = 0; r < rows; r++) {
                for (let t = 0; t < tiles; t++) {
                    const from = (src + r * srcRow) / 4 + 8 * t;
                    const to = (dst + t * tileBytes) / 4 + 8 * r;
                    for (let i = 0; i < 8; i++)
                        floats[to + i] = floats[from + i];
                }
            }
        },
        spreadRows(src, dst, rows, cols, srcRow, dstRow, stride) {
            for (let r = 0; r < rows; r++) {
                const from = (src + r * srcRow) / 4;
                const to = (dst + r * dstRow) / 4;
                for (let i = 0; i < cols; i++)
                    floats[to + i] = floats[from + i * stride];
            }
        },
        convolveTaps(src, table, taps, dst, rows, cols, srcRow, bias) {
            for (let r = 0; r < rows; r++) {
                const from = (src + r * srcRow) / 4;
                const to = dst / 4 + r * cols;
                for (let x = 0; x < cols; x++) {
                    let sum = bias;
                    for (let t = 0, at = table / 4; t < taps; t++, at += 2) {
                        sum += floats[at + 1] * floats[from + x + (integers[at] >> 2)];
                    }
                    floats[to + x] = sum;
                }
            }
        },
        clamp(at, quads, low, high) {
            for (let i = at / 4; i < at / 4 + 4 * quads; i++) {
                const x = floats[i];
                // Comparisons rather than Math.max: NaN compares false and stays.
                const raised = x < low ? low : x;
                floats[i] = raised > high ? high : raised;
            }
        },
    };
}
//# sourceMappingURL=js-kernels.js.map