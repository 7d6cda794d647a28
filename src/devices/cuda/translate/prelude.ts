/**
 * What stands in front of every translated kernel: WGSL's types and functions in CUDA C++. It needs no header
 * but `cuda_fp16.h`, and that only where a kernel uses f16, so that NVRTC compiles it.
 */

import { HALVES, SCALARS } from './prelude-scalars.js';

const HEAD = /* cuda */ `
#ifndef LANEWISE_PRELUDE
#define LANEWISE_PRELUDE
#define LANEWISE_FN __device__ __forceinline__
#ifdef __CUDACC__
// Constants that a kernel's text leaves unused, and comparisons that they make pointless, are no mistakes.
#pragma nv_diag_suppress 177, 186
#endif
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
