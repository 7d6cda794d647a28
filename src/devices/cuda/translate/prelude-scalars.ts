/** The prelude's part for scalars: WGSL's arithmetic, conversions and functions. */

/** f32, i32 and u32. */
export const SCALARS = /* cuda */ `
namespace lanewise {

using f32 = float;
using i32 = int;
using u32 = unsigned int;

// Integers wrap around; C++ leaves signed overflow undefined. Dividing by zero gives the dividend.
template <class T> LANEWISE_FN T add(T a, T b) { return a + b; }
template <class T> LANEWISE_FN T sub(T a, T b) { return a - b; }
template <class T> LANEWISE_FN T mul(T a, T b) { return a * b; }
LANEWISE_FN i32 add(i32 a, i32 b) { return i32(u32(a) + u32(b)); }
LANEWISE_FN i32 sub(i32 a, i32 b) { return i32(u32(a) - u32(b)); }
LANEWISE_FN i32 mul(i32 a, i32 b) { return i32(u32(a) * u32(b)); }
template <class T> LANEWISE_FN T negate(T a) { return -a; }
LANEWISE_FN i32 negate(i32 a) { return sub(0, a); }
template <class T> LANEWISE_FN T div(T a, T b) { return a / b; }
LANEWISE_FN u32 div(u32 a, u32 b) { return b == 0u ? a : a / b; }
LANEWISE_FN i32 div(i32 a, i32 b) { return b == 0 ? a : b == -1 ? negate(a) : a / b; }
LANEWISE_FN u32 rem(u32 a, u32 b) { return b == 0u ? 0u : a % b; }
LANEWISE_FN i32 rem(i32 a, i32 b) { return b == 0 || b == -1 ? 0 : a % b; }
LANEWISE_FN f32 rem(f32 a, f32 b) { return ::fmodf(a, b); }

// Shifts take the amount modulo 32.
LANEWISE_FN u32 shl(u32 a, u32 b) { return a << (b & 31u); }
LANEWISE_FN i32 shl(i32 a, u32 b) { return i32(u32(a) << (b & 31u)); }
LANEWISE_FN u32 shr(u32 a, u32 b) { return a >> (b & 31u); }
LANEWISE_FN i32 shr(i32 a, u32 b) { return a >> (b & 31u); }

template <class T> LANEWISE_FN T bit_and(T a, T b) { return T(a & b); }
template <class T> LANEWISE_FN T bit_or(T a, T b) { return T(a | b); }
template <class T> LANEWISE_FN T bit_xor(T a, T b) { return T(a ^ b); }
template <class T> LANEWISE_FN T bit_not(T a) { return T(~a); }

// Floats become integers by truncation, saturating.
template <class To, class From> struct Convert {
  static LANEWISE_FN To of(From x) { return To(x); }
};
template <> struct Convert<i32, f32> {
  static LANEWISE_FN i32 of(f32 x) { return __float2int_rz(x); }
};
template <> struct Convert<u32, f32> {
  static LANEWISE_FN u32 of(f32 x) { return __float2uint_rz(x); }
};
template <class To, class From> LANEWISE_FN To convert(From x) { return Convert<To, From>::of(x); }

template <class To, class From> LANEWISE_FN To bitcast(const From& from) {
  static_assert(sizeof(To) == sizeof(From), "bitcast between types of different sizes");
  To to;
  memcpy(&to, &from, sizeof(To));
  return to;
}

template <class T> LANEWISE_FN T select(T no, T yes, bool condition) { return condition ? yes : no; }

LANEWISE_FN f32 abs(f32 x) { return ::fabsf(x); }
LANEWISE_FN i32 abs(i32 x) { return x < 0 ? negate(x) : x; }
LANEWISE_FN u32 abs(u32 x) { return x; }
LANEWISE_FN f32 min(f32 a, f32 b) { return ::fminf(a, b); }
LANEWISE_FN i32 min(i32 a, i32 b) { return b < a ? b : a; }
LANEWISE_FN u32 min(u32 a, u32 b) { return b < a ? b : a; }
LANEWISE_FN f32 max(f32 a, f32 b) { return ::fmaxf(a, b); }
LANEWISE_FN i32 max(i32 a, i32 b) { return a < b ? b : a; }
LANEWISE_FN u32 max(u32 a, u32 b) { return a < b ? b : a; }
template <class T> LANEWISE_FN T clamp(T x, T low, T high) { return min(max(x, low), high); }
LANEWISE_FN f32 sign(f32 x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : 0.0f; }
LANEWISE_FN i32 sign(i32 x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }
LANEWISE_FN f32 fma(f32 a, f32 b, f32 c) { return ::fmaf(a, b, c); }
LANEWISE_FN f32 mix(f32 a, f32 b, f32 t) { return a * (1.0f - t) + b * t; }
LANEWISE_FN f32 pow(f32 a, f32 b) { return ::powf(a, b); }
LANEWISE_FN f32 step(f32 edge, f32 x) { return edge <= x ? 1.0f : 0.0f; }
LANEWISE_FN f32 atan2(f32 y, f32 x) { return ::atan2f(y, x); }
LANEWISE_FN f32 exp(f32 x) { return ::expf(x); }
LANEWISE_FN f32 exp2(f32 x) { return ::exp2f(x); }
LANEWISE_FN f32 log(f32 x) { return ::logf(x); }
LANEWISE_FN f32 log2(f32 x) { return ::log2f(x); }
LANEWISE_FN f32 sqrt(f32 x) { return ::sqrtf(x); }
LANEWISE_FN f32 inverseSqrt(f32 x) { return ::rsqrtf(x); }
LANEWISE_FN f32 sin(f32 x) { return ::sinf(x); }
LANEWISE_FN f32 cos(f32 x) { return ::cosf(x); }
LANEWISE_FN f32 tan(f32 x) { return ::tanf(x); }
LANEWISE_FN f32 asin(f32 x) { return ::asinf(x); }
LANEWISE_FN f32 acos(f32 x) { return ::acosf(x); }
LANEWISE_FN f32 atan(f32 x) { return ::atanf(x); }
LANEWISE_FN f32 sinh(f32 x) { return ::sinhf(x); }
LANEWISE_FN f32 cosh(f32 x) { return ::coshf(x); }
LANEWISE_FN f32 tanh(f32 x) { return ::tanhf(x); }
LANEWISE_FN f32 asinh(f32 x) { return ::asinhf(x); }
LANEWISE_FN f32 acosh(f32 x) { return ::acoshf(x); }
LANEWISE_FN f32 atanh(f32 x) { return ::atanhf(x); }
LANEWISE_FN f32 floor(f32 x) { return ::floorf(x); }
LANEWISE_FN f32 ceil(f32 x) { return ::ceilf(x); }
LANEWISE_FN f32 round(f32 x) { return ::rintf(x); }  // halves to even
LANEWISE_FN f32 trunc(f32 x) { return ::truncf(x); }
LANEWISE_FN f32 fract(f32 x) { return x - ::floorf(x); }
LANEWISE_FN f32 saturate(f32 x) { return clamp(x, 0.0f, 1.0f); }
LANEWISE_FN u32 countOneBits(u32 x) { return u32(__popc(x)); }
LANEWISE_FN i32 countOneBits(i32 x) { return __popc(u32(x)); }
LANEWISE_FN u32 countLeadingZeros(u32 x) { return u32(__clz(i32(x))); }
LANEWISE_FN i32 countLeadingZeros(i32 x) { return __clz(x); }
LANEWISE_FN u32 reverseBits(u32 x) { return __brev(x); }
LANEWISE_FN i32 reverseBits(i32 x) { return i32(__brev(u32(x))); }

}  // namespace lanewise
`;
