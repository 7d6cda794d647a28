/**
 * What stands in front of every translated kernel: WGSL's types and functions in CUDA C++. It needs no header
 * but `cuda_fp16.h`, and that only where a kernel uses f16, so that NVRTC compiles it.
 */

const HEAD = /* cuda */ `
#ifndef LANEWISE_PRELUDE
#define LANEWISE_PRELUDE
#define LANEWISE_FN __device__ __forceinline__
#ifdef __CUDACC__
#pragma nv_diag_suppress 177
#endif
`;

const SCALARS = /* cuda */ `
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

const HALVES = /* cuda */ `
#include <cuda_fp16.h>
namespace lanewise {

using f16 = __half;

template <class From> struct Convert<f16, From> {
  static LANEWISE_FN f16 of(From x) { return __float2half_rn(f32(x)); }
};
template <class To> struct Convert<To, f16> {
  static LANEWISE_FN To of(f16 x) { return Convert<To, f32>::of(__half2float(x)); }
};
template <> struct Convert<f16, f16> {
  static LANEWISE_FN f16 of(f16 x) { return x; }
};

// Functions of halves are computed in f32 and rounded once.
#define LANEWISE_HALF_1(name) \\
  LANEWISE_FN f16 name(f16 x) { return __float2half_rn(name(__half2float(x))); }
#define LANEWISE_HALF_2(name) \\
  LANEWISE_FN f16 name(f16 a, f16 b) { return __float2half_rn(name(__half2float(a), __half2float(b))); }
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
LANEWISE_FN f16 fma(f16 a, f16 b, f16 c) {
  return __float2half_rn(fma(__half2float(a), __half2float(b), __half2float(c)));
}
LANEWISE_FN f16 mix(f16 a, f16 b, f16 t) {
  return __float2half_rn(mix(__half2float(a), __half2float(b), __half2float(t)));
}

}  // namespace lanewise
`;

const VECTORS = /* cuda */ `
namespace lanewise {

// Vectors are aligned as WGSL aligns them, so that four f32 are one access of 128 bits.
template <class T, int N> struct Vec;
template <class T> struct alignas(2 * sizeof(T)) Vec<T, 2> {
  T x, y;
  LANEWISE_FN T& operator[](u32 i) { return (&x)[i]; }
  LANEWISE_FN const T& operator[](u32 i) const { return (&x)[i]; }
};
template <class T> struct alignas(4 * sizeof(T)) Vec<T, 3> {
  T x, y, z;
  LANEWISE_FN T& operator[](u32 i) { return (&x)[i]; }
  LANEWISE_FN const T& operator[](u32 i) const { return (&x)[i]; }
};
template <class T> struct alignas(4 * sizeof(T)) Vec<T, 4> {
  T x, y, z, w;
  LANEWISE_FN T& operator[](u32 i) { return (&x)[i]; }
  LANEWISE_FN const T& operator[](u32 i) const { return (&x)[i]; }
};
template <class T> using vec2 = Vec<T, 2>;
template <class T> using vec3 = Vec<T, 3>;
template <class T> using vec4 = Vec<T, 4>;

// Arrays are values: assigned, passed and returned whole.
template <class T, u32 N> struct Array {
  T data[N];
  LANEWISE_FN T& operator[](u32 i) { return data[i]; }
  LANEWISE_FN constexpr const T& operator[](u32 i) const { return data[i]; }
};

template <int N, class T> LANEWISE_FN Vec<T, N> splat(T x) {
  Vec<T, N> r;
#pragma unroll
  for (int i = 0; i < N; i++) r[i] = x;
  return r;
}

template <u32... I, class T, int N> LANEWISE_FN Vec<T, sizeof...(I)> swizzle(const Vec<T, N>& v) {
  return {v[I]...};
}

template <class To, class T, int N> LANEWISE_FN Vec<To, N> convert(const Vec<T, N>& v) {
  Vec<To, N> r;
#pragma unroll
  for (int i = 0; i < N; i++) r[i] = convert<To>(v[i]);
  return r;
}

// A vector made of smaller ones and scalars, two at a time.
template <class T> LANEWISE_FN Vec<T, 2> join(T a, T b) { return {a, b}; }
template <class T> LANEWISE_FN Vec<T, 3> join(const Vec<T, 2>& a, T b) { return {a.x, a.y, b}; }
template <class T> LANEWISE_FN Vec<T, 3> join(T a, const Vec<T, 2>& b) { return {a, b.x, b.y}; }
template <class T> LANEWISE_FN Vec<T, 4> join(const Vec<T, 3>& a, T b) { return {a.x, a.y, a.z, b}; }
template <class T> LANEWISE_FN Vec<T, 4> join(T a, const Vec<T, 3>& b) { return {a, b.x, b.y, b.z}; }
template <class T> LANEWISE_FN Vec<T, 4> join(const Vec<T, 2>& a, const Vec<T, 2>& b) {
  return {a.x, a.y, b.x, b.y};
}

// Component-wise functions and operators; a scalar operand meets every component.
#define LANEWISE_VECTOR_1(name, function, R) \\
  template <class T, int N> LANEWISE_FN Vec<R, N> name(const Vec<T, N>& a) { \\
    Vec<R, N> r; \\
    _Pragma("unroll") for (int i = 0; i < N; i++) r[i] = function(a[i]); \\
    return r; \\
  }
#define LANEWISE_VECTOR_2(name, function, R) \\
  template <class T, int N> LANEWISE_FN Vec<R, N> name(const Vec<T, N>& a, const Vec<T, N>& b) { \\
    Vec<R, N> r; \\
    _Pragma("unroll") for (int i = 0; i < N; i++) r[i] = function(a[i], b[i]); \\
    return r; \\
  }
#define LANEWISE_VECTOR_3(name, function) \\
  template <class T, int N> \\
  LANEWISE_FN Vec<T, N> name(const Vec<T, N>& a, const Vec<T, N>& b, const Vec<T, N>& c) { \\
    Vec<T, N> r; \\
    _Pragma("unroll") for (int i = 0; i < N; i++) r[i] = function(a[i], b[i], c[i]); \\
    return r; \\
  }
#define LANEWISE_OPERATOR(symbol, function) \\
  LANEWISE_VECTOR_2(operator symbol, function, T) \\
  template <class T, int N> LANEWISE_FN Vec<T, N> operator symbol(const Vec<T, N>& a, T b) { \\
    return a symbol splat<N>(b); \\
  } \\
  template <class T, int N> LANEWISE_FN Vec<T, N> operator symbol(T a, const Vec<T, N>& b) { \\
    return splat<N>(a) symbol b; \\
  }
#define LANEWISE_COMPARISON(symbol) \\
  template <class T, int N> LANEWISE_FN Vec<bool, N> operator symbol(const Vec<T, N>& a, const Vec<T, N>& b) { \\
    Vec<bool, N> r; \\
    _Pragma("unroll") for (int i = 0; i < N; i++) r[i] = a[i] symbol b[i]; \\
    return r; \\
  }
LANEWISE_OPERATOR(+, add)
LANEWISE_OPERATOR(-, sub)
LANEWISE_OPERATOR(*, mul)
LANEWISE_OPERATOR(/, div)
LANEWISE_OPERATOR(%, rem)
LANEWISE_VECTOR_2(operator&, bit_and, T)
LANEWISE_VECTOR_2(operator|, bit_or, T)
LANEWISE_VECTOR_2(operator^, bit_xor, T)
LANEWISE_VECTOR_1(operator~, bit_not, T)
LANEWISE_VECTOR_1(operator-, negate, T)
LANEWISE_VECTOR_1(operator!, !, bool)
LANEWISE_COMPARISON(==)
LANEWISE_COMPARISON(!=)
LANEWISE_COMPARISON(<)
LANEWISE_COMPARISON(<=)
LANEWISE_COMPARISON(>)
LANEWISE_COMPARISON(>=)
template <class T, int N> LANEWISE_FN Vec<T, N> shl(const Vec<T, N>& a, const Vec<u32, N>& b) {
  Vec<T, N> r;
#pragma unroll
  for (int i = 0; i < N; i++) r[i] = shl(a[i], b[i]);
  return r;
}
template <class T, int N> LANEWISE_FN Vec<T, N> shr(const Vec<T, N>& a, const Vec<u32, N>& b) {
  Vec<T, N> r;
#pragma unroll
  for (int i = 0; i < N; i++) r[i] = shr(a[i], b[i]);
  return r;
}
template <class T, int N>
LANEWISE_FN Vec<T, N> select(const Vec<T, N>& no, const Vec<T, N>& yes, const Vec<bool, N>& condition) {
  Vec<T, N> r;
#pragma unroll
  for (int i = 0; i < N; i++) r[i] = condition[i] ? yes[i] : no[i];
  return r;
}

LANEWISE_VECTOR_1(abs, abs, T)
LANEWISE_VECTOR_1(sign, sign, T)
LANEWISE_VECTOR_1(exp, exp, T)
LANEWISE_VECTOR_1(exp2, exp2, T)
LANEWISE_VECTOR_1(log, log, T)
LANEWISE_VECTOR_1(log2, log2, T)
LANEWISE_VECTOR_1(sqrt, sqrt, T)
LANEWISE_VECTOR_1(inverseSqrt, inverseSqrt, T)
LANEWISE_VECTOR_1(sin, sin, T)
LANEWISE_VECTOR_1(cos, cos, T)
LANEWISE_VECTOR_1(tan, tan, T)
LANEWISE_VECTOR_1(asin, asin, T)
LANEWISE_VECTOR_1(acos, acos, T)
LANEWISE_VECTOR_1(atan, atan, T)
LANEWISE_VECTOR_1(sinh, sinh, T)
LANEWISE_VECTOR_1(cosh, cosh, T)
LANEWISE_VECTOR_1(tanh, tanh, T)
LANEWISE_VECTOR_1(asinh, asinh, T)
LANEWISE_VECTOR_1(acosh, acosh, T)
LANEWISE_VECTOR_1(atanh, atanh, T)
LANEWISE_VECTOR_1(floor, floor, T)
LANEWISE_VECTOR_1(ceil, ceil, T)
LANEWISE_VECTOR_1(round, round, T)
LANEWISE_VECTOR_1(trunc, trunc, T)
LANEWISE_VECTOR_1(fract, fract, T)
LANEWISE_VECTOR_1(saturate, saturate, T)
LANEWISE_VECTOR_1(countOneBits, countOneBits, T)
LANEWISE_VECTOR_1(countLeadingZeros, countLeadingZeros, T)
LANEWISE_VECTOR_1(reverseBits, reverseBits, T)
LANEWISE_VECTOR_2(min, min, T)
LANEWISE_VECTOR_2(max, max, T)
LANEWISE_VECTOR_2(pow, pow, T)
LANEWISE_VECTOR_2(step, step, T)
LANEWISE_VECTOR_2(atan2, atan2, T)
LANEWISE_VECTOR_3(fma, fma)
LANEWISE_VECTOR_3(mix, mix)
LANEWISE_VECTOR_3(clamp, clamp)

template <class T, int N> LANEWISE_FN T dot(const Vec<T, N>& a, const Vec<T, N>& b) {
  T sum = mul(a[0], b[0]);
#pragma unroll
  for (int i = 1; i < N; i++) sum = add(sum, mul(a[i], b[i]));
  return sum;
}
template <int N> LANEWISE_FN bool all(const Vec<bool, N>& v) {
  bool r = true;
#pragma unroll
  for (int i = 0; i < N; i++) r = r && v[i];
  return r;
}
template <int N> LANEWISE_FN bool any(const Vec<bool, N>& v) { return !all(!v); }
LANEWISE_FN bool all(bool v) { return v; }
LANEWISE_FN bool any(bool v) { return v; }

}  // namespace lanewise
`;

const GROUPS = /* cuda */ `
namespace lanewise {

template <class T> LANEWISE_FN T workgroupUniformLoad(const T* p) {
  __syncthreads();
  const T value = *p;
  __syncthreads();
  return value;
}

// Subgroups are warps, all lanes of which take part.
#define LANEWISE_WARP 0xffffffffu
#define LANEWISE_SHUFFLE(name, intrinsic, Amount) \\
  template <class T> LANEWISE_FN T name(T x, Amount by) { return intrinsic(LANEWISE_WARP, x, by); } \\
  template <class T, int N> LANEWISE_FN Vec<T, N> name(const Vec<T, N>& v, Amount by) { \\
    Vec<T, N> r; \\
    _Pragma("unroll") for (int i = 0; i < N; i++) r[i] = intrinsic(LANEWISE_WARP, v[i], by); \\
    return r; \\
  }
LANEWISE_SHUFFLE(subgroupShuffle, __shfl_sync, u32)
LANEWISE_SHUFFLE(subgroupShuffleXor, __shfl_xor_sync, u32)
LANEWISE_SHUFFLE(subgroupShuffleUp, __shfl_up_sync, u32)
LANEWISE_SHUFFLE(subgroupShuffleDown, __shfl_down_sync, u32)
LANEWISE_SHUFFLE(subgroupBroadcast, __shfl_sync, u32)
template <class T> LANEWISE_FN T subgroupBroadcastFirst(const T& x) { return subgroupBroadcast(x, 0u); }
#define LANEWISE_WARP_REDUCTION(name, function) \\
  template <class T> LANEWISE_FN T name(T x) { \\
    _Pragma("unroll") for (u32 by = 16u; by > 0u; by /= 2u) x = function(x, subgroupShuffleXor(x, by)); \\
    return x; \\
  }
template <class T, int N> LANEWISE_FN Vec<T, N> add(const Vec<T, N>& a, const Vec<T, N>& b) { return a + b; }
template <class T, int N> LANEWISE_FN Vec<T, N> mul(const Vec<T, N>& a, const Vec<T, N>& b) { return a * b; }
LANEWISE_WARP_REDUCTION(subgroupAdd, add)
LANEWISE_WARP_REDUCTION(subgroupMul, mul)
LANEWISE_WARP_REDUCTION(subgroupMin, min)
LANEWISE_WARP_REDUCTION(subgroupMax, max)
LANEWISE_WARP_REDUCTION(subgroupAnd, bit_and)
LANEWISE_WARP_REDUCTION(subgroupOr, bit_or)
LANEWISE_WARP_REDUCTION(subgroupXor, bit_xor)
LANEWISE_FN bool subgroupAll(bool x) { return __all_sync(LANEWISE_WARP, x) != 0; }
LANEWISE_FN bool subgroupAny(bool x) { return __any_sync(LANEWISE_WARP, x) != 0; }

template <class T> LANEWISE_FN T atomicLoad(const T* p) { return *(const volatile T*)p; }
template <class T> LANEWISE_FN void atomicStore(T* p, T x) { atomicExch(p, x); }
template <class T> LANEWISE_FN T atomicExchange(T* p, T x) { return atomicExch(p, x); }

}  // namespace lanewise
`;

const TAIL = `\n#endif  // LANEWISE_PRELUDE\n`;

/** The prelude's text. */
export function prelude(halves: boolean): string {
  const parts = [HEAD, SCALARS, ...(halves ? [HALVES] : []), VECTORS, GROUPS, TAIL];
  return parts.join('').trimStart();
}

/** Names that the prelude gives to functions, types and macros: a kernel's own names give way. */
export const PRELUDE_NAMES: ReadonlySet<string> = new Set(
  Array.from(
    `${SCALARS}${HALVES}${VECTORS}${GROUPS}`.matchAll(
      /(?:struct|using|namespace) (\w+)|\b([A-Za-z]\w+)\(|VECTOR_[123]\((\w+)/g,
    ),
    (match) => match[1] ?? match[2] ?? match[3],
  ),
);
