// Halves and tensor cores on the CPU, for the translator's prelude under LANEWISE_HOST. Written from the PTX ISA's description
// of `ldmatrix` and `mma.m16n8k16`, not from the prelude. Behind fake/shim.h, whose warps it uses.
#pragma once
#define LANEWISE_HOST fake

namespace fake {

inline unsigned bits_of(float x) {
  unsigned bits;
  memcpy(&bits, &x, 4);
  return bits;
}

inline float value_of(unsigned bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

// A number of 10 (f16) or 7 (bf16) bits behind the point in 16 bits, to nearest, ties to even.
inline unsigned short f16_bits(float x) {
  const unsigned sign = bits_of(x) >> 16 & 0x8000;
  const float size = fabsf(x);
  if (size != size) return 0x7fff;
  if (size >= 65520.0f) return sign | 0x7c00;
  // Below 2^-14 steps are of 2^-24; rintf rounds ties to even.
  if (size < 0x1p-14f) return sign | unsigned(rintf(size * 0x1p24f));
  const unsigned bits = bits_of(size);
  return sign | ((bits + 0xfff + (bits >> 13 & 1)) >> 13) - (112 << 10);
}

inline float f16_value(unsigned short bits) {
  const unsigned exponent = bits >> 10 & 31;
  const unsigned fraction = bits & 0x3ff;
  const float sign = bits & 0x8000 ? -1.0f : 1.0f;
  if (exponent == 31) return fraction ? NAN : sign * INFINITY;
  return sign * (exponent ? ldexpf(1024 + fraction, int(exponent) - 25) : ldexpf(fraction, -24));
}

inline unsigned short bf16_bits(float x) {
  const unsigned bits = bits_of(x);
  if (x != x) return 0x7fff;
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

inline unsigned lane() { return current % 32; }

// What the lanes of a warp show each other.
struct Shown {
  const void* line;
  unsigned left[4], right[2];
};

inline Shown* shown() {
  static Shown all[64][32];
  return all[current / 32];
}

inline void load_eights(unsigned (&r)[4], const void* line, bool transposed) {
  shown()[lane()].line = line;
  wait(warp().barrier);
  for (unsigned matrix = 0; matrix < 4; matrix++) {
    const auto at = [&](unsigned row, unsigned col) -> unsigned {
      unsigned short bits;
      memcpy(&bits, (const char*)shown()[8 * matrix + row].line + 2 * col, 2);
      return bits;
    };
    const unsigned row = lane() / 4, col = lane() % 4 * 2;
    r[matrix] = transposed ? at(col, row) | at(col + 1, row) << 16 : at(row, col) | at(row, col + 1) << 16;
  }
  wait(warp().barrier);
}

template <class Value>
void multiply(float* sums, const unsigned (&left)[4], unsigned first, unsigned second, Value value) {
  Shown& mine = shown()[lane()];
  memcpy(mine.left, left, sizeof(left));
  mine.right[0] = first;
  mine.right[1] = second;
  wait(warp().barrier);
  const auto half = [&](unsigned word, unsigned i) { return value((unsigned short)(word >> 16 * i)); };
  for (unsigned i = 0; i < 4; i++) {
    const unsigned row = lane() / 4 + i / 2 * 8, col = lane() % 4 * 2 + i % 2;
    for (unsigned k = 0; k < 16; k++) {
      const Shown& a = shown()[row % 8 * 4 + k % 8 / 2];
      const Shown& b = shown()[col * 4 + k % 8 / 2];
      sums[i] += half(a.left[row / 8 + k / 8 * 2], k % 2) * half(b.right[k / 8], k % 2);
    }
  }
  wait(warp().barrier);
}

}  // namespace fake
