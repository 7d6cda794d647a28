/**
 * The prelude's part for halves. `cuda_fp16.h` comes with the toolkit and not with NVRTC's library, so halves are a type of
 * our own: sixteen bits, converted by PTX and computed with in f32.
 */

/** What WGSL's f16 stands for: bf16 has the range of f32 and eight bits of precision. */
export type HalfType = 'f16' | 'bf16';

/** Conversions, for GPUs and, with functions that a host brings, for CPUs. */
const CONVERSIONS: Readonly<Record<HalfType, string>> = {
  f16: /* cuda */ `
#ifdef LANEWISE_HOST
LANEWISE_FN f32 to_f32(f16 x) { return LANEWISE_HOST::f16_value(x.bits); }
LANEWISE_FN f16 to_half(f32 x) { return {LANEWISE_HOST::f16_bits(x)}; }
#else
LANEWISE_FN f32 to_f32(f16 x) {
  f32 r;
  asm("cvt.f32.f16 %0, %1;" : "=f"(r) : "h"(x.bits));
  return r;
}
LANEWISE_FN f16 to_half(f32 x) {
  f16 r;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(r.bits) : "f"(x));
  return r;
}
#endif
`,
  bf16: /* cuda */ `
// WGSL's f16 is compiled as bf16: the upper half of an f32.
LANEWISE_FN f32 to_f32(f16 x) { return bitcast<f32>(u32(x.bits) << 16u); }
#ifdef LANEWISE_HOST
LANEWISE_FN f16 to_half(f32 x) { return {LANEWISE_HOST::bf16_bits(x)}; }
#else
LANEWISE_FN f16 to_half(f32 x) {
  f16 r;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(r.bits) : "f"(x));
  return r;
}
#endif
`,
};

const TYPE = /* cuda */ `
namespace lanewise {

struct alignas(2) f16 {
  unsigned short bits;
};
`;

const FUNCTIONS = /* cuda */ `
template <class From> struct Convert<f16, From> {
  static LANEWISE_FN f16 of(From x) { return to_half(f32(x)); }
};
template <class To> struct Convert<To, f16> {
  static LANEWISE_FN To of(f16 x) { return Convert<To, f32>::of(to_f32(x)); }
};
template <> struct Convert<f16, f16> {
  static LANEWISE_FN f16 of(f16 x) { return x; }
};

// Computed in f32 and rounded once: for + - * / and sqrt that is what arithmetic in halves gives, as f32 has more than
// twice their precision.
#define LANEWISE_HALF_OPERATOR(symbol) \\
  LANEWISE_FN f16 operator symbol(f16 a, f16 b) { return to_half(to_f32(a) symbol to_f32(b)); } \\
  LANEWISE_FN f16& operator symbol##=(f16& a, f16 b) { return a = a symbol b; }
#define LANEWISE_HALF_COMPARISON(symbol) \\
  LANEWISE_FN bool operator symbol(f16 a, f16 b) { return to_f32(a) symbol to_f32(b); }
LANEWISE_HALF_OPERATOR(+)
LANEWISE_HALF_OPERATOR(-)
LANEWISE_HALF_OPERATOR(*)
LANEWISE_HALF_OPERATOR(/)
LANEWISE_HALF_COMPARISON(==)
LANEWISE_HALF_COMPARISON(!=)
LANEWISE_HALF_COMPARISON(<)
LANEWISE_HALF_COMPARISON(<=)
LANEWISE_HALF_COMPARISON(>)
LANEWISE_HALF_COMPARISON(>=)
LANEWISE_FN f16 operator-(f16 x) { return {(unsigned short)(x.bits ^ 0x8000u)}; }

#define LANEWISE_HALF_1(name) \\
  LANEWISE_FN f16 name(f16 x) { return to_half(name(to_f32(x))); }
#define LANEWISE_HALF_2(name) \\
  LANEWISE_FN f16 name(f16 a, f16 b) { return to_half(name(to_f32(a), to_f32(b))); }
#define LANEWISE_HALF_3(name) \\
  LANEWISE_FN f16 name(f16 a, f16 b, f16 c) { return to_half(name(to_f32(a), to_f32(b), to_f32(c))); }
LANEWISE_HALF_1(abs)
LANEWISE_HALF_1(sign)
LANEWISE_HALF_1(exp)
LANEWISE_HALF_1(exp2)
LANEWISE_HALF_1(log)
LANEWISE_HALF_1(log2)
LANEWISE_HALF_1(sqrt)
LANEWISE_HALF_1(inverseSqrt)
LANEWISE_HALF_1(sin)
LANEWISE_HALF_1(cos)
LANEWISE_HALF_1(tanh)
LANEWISE_HALF_1(floor)
LANEWISE_HALF_1(ceil)
LANEWISE_HALF_1(round)
LANEWISE_HALF_1(trunc)
LANEWISE_HALF_1(fract)
LANEWISE_HALF_1(saturate)
LANEWISE_HALF_2(min)
LANEWISE_HALF_2(max)
LANEWISE_HALF_2(pow)
LANEWISE_HALF_2(step)
LANEWISE_HALF_2(rem)
LANEWISE_HALF_3(fma)
LANEWISE_HALF_3(mix)

// Two halves in a word: the first in its lower bits.
LANEWISE_FN u32 pack2x16float(const Vec<f32, 2>& v) {
  return bitcast<u32>(Vec<f16, 2>{to_half(v.x), to_half(v.y)});
}
LANEWISE_FN Vec<f32, 2> unpack2x16float(u32 x) {
  const Vec<f16, 2> v = bitcast<Vec<f16, 2>>(x);
  return {to_f32(v.x), to_f32(v.y)};
}

// Shuffles move words.
#define LANEWISE_HALF_SHUFFLE(name) \\
  template <u32 LANES = 32u> LANEWISE_FN f16 name(f16 x, u32 by) { \\
    return {(unsigned short)name<LANES>(u32(x.bits), by)}; \\
  }
LANEWISE_HALF_SHUFFLE(subgroupShuffle)
LANEWISE_HALF_SHUFFLE(subgroupShuffleXor)
LANEWISE_HALF_SHUFFLE(subgroupShuffleUp)
LANEWISE_HALF_SHUFFLE(subgroupShuffleDown)
LANEWISE_HALF_SHUFFLE(subgroupBroadcast)

}  // namespace lanewise
`;

/** The part's text, for WGSL's f16 being one type or the other. */
export function halvesText(half: HalfType): string {
  return `${TYPE}${CONVERSIONS[half]}${FUNCTIONS}`;
}
