/**
 * The prelude's part for subgroup matrices: 16x16x16 on tensor cores, as two `mma.m16n8k16` side by side.
 *
 * Method: `mma` and `ldmatrix` by inline PTX rather than `nvcuda::wmma`, whose header NVRTC's library has not, and whose
 * fragments are opaque: those of `mma` are documented (PTX ISA, "Matrix fragments for mma.m16n8k16"), the same for f16 and
 * bf16, and take half the registers of wmma's.
 */
import type { HalfType } from './prelude-halves.js';

const TEXT = /* cuda */ `
namespace lanewise {

// A lane's share. With g = lane / 4 and p = lane % 4 * 2: of the left matrix pairs from (g, p), (g + 8, p), (g, p + 8) and
// (g + 8, p + 8); of the right one from (p, g), (p + 8, g), (p, g + 8) and (p + 8, g + 8), pairs going down; of the sums
// from (g, p), (g + 8, p), (g, p + 8) and (g + 8, p + 8).
struct MatrixLeft {
  u32 pairs[4];
};
struct MatrixRight {
  u32 pairs[4];
};
struct MatrixSums {
  f32 sums[8];
};

#ifdef LANEWISE_HOST
LANEWISE_FN u32 matrix_lane() { return LANEWISE_HOST::lane(); }
template <bool TRANSPOSED> LANEWISE_FN void load_eights(u32 (&r)[4], const void* line) {
  LANEWISE_HOST::load_eights(r, line, TRANSPOSED);
}
LANEWISE_FN void multiply(f32* sums, const u32 (&left)[4], u32 first, u32 second) {
  LANEWISE_HOST::multiply(sums, left, first, second, [](unsigned short bits) { return to_f32(f16{bits}); });
}
#else
LANEWISE_FN u32 matrix_lane() {
  u32 lane;
  asm("mov.u32 %0, %%laneid;" : "=r"(lane));
  return lane;
}
// Four matrices of 8x8 halves from workgroup memory: eight lanes each give the lines of one.
template <bool TRANSPOSED> LANEWISE_FN void load_eights(u32 (&r)[4], const void* line) {
  const u32 at = u32(__cvta_generic_to_shared(line));
  if (TRANSPOSED) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(at) : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(at) : "memory");
  }
}
// Sums of 16x8.
LANEWISE_FN void multiply(f32* sums, const u32 (&left)[4], u32 first, u32 second) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.HALF.HALF.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
               "{%0, %1, %2, %3};"
               : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
               : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(first), "r"(second));
}
#endif

// From workgroup memory by whole vectors of 16 bytes; strides are in elements of the array.
template <bool ROW_MAJOR, class T> LANEWISE_FN MatrixLeft staged_left(const T* from, u32 stride) {
  static_assert(sizeof(T) == 16, "lines of whole vectors");
  MatrixLeft m;
  const u32 lane = matrix_lane();
  const u32 line = ROW_MAJOR ? lane % 16u : lane % 8u + lane / 16u * 8u;
  const u32 vector = ROW_MAJOR ? lane / 16u : lane / 8u % 2u;
  load_eights<!ROW_MAJOR>(m.pairs, from + line * stride + vector);
  return m;
}
template <bool ROW_MAJOR, class T> LANEWISE_FN MatrixRight staged_right(const T* from, u32 stride) {
  static_assert(sizeof(T) == 16, "lines of whole vectors");
  MatrixRight m;
  const u32 lane = matrix_lane();
  const u32 line = ROW_MAJOR ? lane % 16u : lane % 8u + lane / 16u * 8u;
  const u32 vector = ROW_MAJOR ? lane / 16u : lane / 8u % 2u;
  load_eights<ROW_MAJOR>(m.pairs, from + line * stride + vector);
  return m;
}

// From any memory, half by half.
template <class T> LANEWISE_FN u32 half_at(const T* from, u32 i) {
  unsigned short bits;
  memcpy(&bits, reinterpret_cast<const unsigned short*>(from) + i, 2);
  return bits;
}
// \`pitch\` halves from line to line. ACROSS: a pair lies in two neighbouring lines.
template <bool ACROSS, class T> LANEWISE_FN void load_pairs(u32 (&pairs)[4], const T* from, u32 pitch, bool swapped) {
  const u32 lane = matrix_lane();
#pragma unroll
  for (u32 i = 0u; i < 4u; i++) {
    const u32 along = lane % 4u * 2u + (swapped ? i % 2u : i / 2u) * 8u;
    const u32 other = lane / 4u + (swapped ? i / 2u : i % 2u) * 8u;
    const u32 at = ACROSS ? along * pitch + other : other * pitch + along;
    pairs[i] = half_at(from, at) | half_at(from, at + (ACROSS ? pitch : 1u)) << 16u;
  }
}
template <bool ROW_MAJOR, class T> LANEWISE_FN MatrixLeft matrix_left(const T* from, u32 stride) {
  MatrixLeft m;
  load_pairs<!ROW_MAJOR>(m.pairs, from, stride * u32(sizeof(T) / 2u), false);
  return m;
}
template <bool ROW_MAJOR, class T> LANEWISE_FN MatrixRight matrix_right(const T* from, u32 stride) {
  MatrixRight m;
  load_pairs<ROW_MAJOR>(m.pairs, from, stride * u32(sizeof(T) / 2u), true);
  return m;
}

LANEWISE_FN MatrixSums subgroupMatrixMultiplyAccumulate(const MatrixLeft& a, const MatrixRight& b, MatrixSums m) {
  multiply(m.sums, a.pairs, b.pairs[0], b.pairs[1]);
  multiply(m.sums + 4, a.pairs, b.pairs[2], b.pairs[3]);
  return m;
}

// Sums leave in f32, by pairs where rows are made of vectors.
template <bool ROW_MAJOR, class T> LANEWISE_FN void matrix_store(T* to, const MatrixSums& m, u32 stride) {
  u32* const words = reinterpret_cast<u32*>(to);
  const u32 pitch = stride * u32(sizeof(T) / 4u);
  const u32 lane = matrix_lane();
#pragma unroll
  for (u32 i = 0u; i < 4u; i++) {
    const u32 row = lane / 4u + i % 2u * 8u;
    const u32 col = lane % 4u * 2u + i / 2u * 8u;
    const Vec<u32, 2> pair = {bitcast<u32>(m.sums[2u * i]), bitcast<u32>(m.sums[2u * i + 1u])};
    if (ROW_MAJOR && sizeof(T) >= 8u) {
      *reinterpret_cast<Vec<u32, 2>*>(words + row * pitch + col) = pair;
    } else if (ROW_MAJOR) {
      words[row * pitch + col] = pair.x;
      words[row * pitch + col + 1u] = pair.y;
    } else {
      words[col * pitch + row] = pair.x;
      words[(col + 1u) * pitch + row] = pair.y;
    }
  }
}

}  // namespace lanewise
`;

/** The part's text, for matrices of one type or the other. */
export function matricesText(half: HalfType): string {
  return TEXT.replaceAll('HALF', half);
}
