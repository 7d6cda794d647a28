#ifndef LANEWISE_PRELUDE
#define LANEWISE_PRELUDE
#define LANEWISE_FN __device__ __forceinline__
#ifdef __CUDACC__
// Constants that a kernel's text leaves unused, and comparisons that they make pointless, are no mistakes.
#pragma nv_diag_suppress 177, 186
#endif

LANEWISE_FN void wait_for_earlier_kernels() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

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

// Component by component, written out: loops over components would be unrolled by the compiler, at a cost of seconds for
// kernels of thousands of operations.
#define LANEWISE_EACH(at, f, R) \
  if constexpr (N == 2) { \
    return Vec<R, N>{at(f, x), at(f, y)}; \
  } else if constexpr (N == 3) { \
    return Vec<R, N>{at(f, x), at(f, y), at(f, z)}; \
  } else { \
    return Vec<R, N>{at(f, x), at(f, y), at(f, z), at(f, w)}; \
  }
#define LANEWISE_OF_1(f, i) f(a.i)
#define LANEWISE_OF_2(f, i) f(a.i, b.i)
#define LANEWISE_OF_3(f, i) f(a.i, b.i, c.i)
#define LANEWISE_OF_SCALAR(f, i) f(a.i, b)
#define LANEWISE_SCALAR_OF(f, i) f(a, b.i)
#define LANEWISE_INFIX(symbol, i) a.i symbol b.i
#define LANEWISE_INFIX_SCALAR(symbol, i) a.i symbol b
#define LANEWISE_SCALAR_INFIX(symbol, i) a symbol b.i
#define LANEWISE_SELECT(f, i) condition.i ? yes.i : no.i

template <u32 I, class T, int N> LANEWISE_FN T component(const Vec<T, N>& v) {
  if constexpr (I == 0u) {
    return v.x;
  } else if constexpr (I == 1u) {
    return v.y;
  } else if constexpr (I == 2u) {
    return v.z;
  } else {
    return v.w;
  }
}
template <u32... I, class T, int N> LANEWISE_FN Vec<T, sizeof...(I)> swizzle(const Vec<T, N>& v) {
  return {component<I>(v)...};
}
#define LANEWISE_SAME(a, i) a
template <int N, class T> LANEWISE_FN Vec<T, N> splat(T a) { LANEWISE_EACH(LANEWISE_SAME, a, T) }
template <class To, class T, int N> LANEWISE_FN Vec<To, N> convert(const Vec<T, N>& a) {
  LANEWISE_EACH(LANEWISE_OF_1, convert<To>, To)
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
#define LANEWISE_VECTOR_1(name, function, R) \
  template <class T, int N> LANEWISE_FN Vec<R, N> name(const Vec<T, N>& a) { \
    LANEWISE_EACH(LANEWISE_OF_1, function, R) \
  }
#define LANEWISE_VECTOR_2(name, function, R) \
  template <class T, int N> LANEWISE_FN Vec<R, N> name(const Vec<T, N>& a, const Vec<T, N>& b) { \
    LANEWISE_EACH(LANEWISE_OF_2, function, R) \
  }
#define LANEWISE_VECTOR_3(name, function) \
  template <class T, int N> \
  LANEWISE_FN Vec<T, N> name(const Vec<T, N>& a, const Vec<T, N>& b, const Vec<T, N>& c) { \
    LANEWISE_EACH(LANEWISE_OF_3, function, T) \
  }
// Integers by functions; numbers of f32 as they are.
template <class T> constexpr bool IS_F32 = false;
template <> constexpr bool IS_F32<f32> = true;
#define LANEWISE_OPERATOR(symbol, function) \
  template <class T, int N> LANEWISE_FN Vec<T, N> operator symbol(const Vec<T, N>& a, const Vec<T, N>& b) { \
    if constexpr (IS_F32<T>) { \
      LANEWISE_EACH(LANEWISE_INFIX, symbol, T) \
    } else { \
      LANEWISE_EACH(LANEWISE_OF_2, function, T) \
    } \
  } \
  template <class T, int N> LANEWISE_FN Vec<T, N> operator symbol(const Vec<T, N>& a, T b) { \
    if constexpr (IS_F32<T>) { \
      LANEWISE_EACH(LANEWISE_INFIX_SCALAR, symbol, T) \
    } else { \
      LANEWISE_EACH(LANEWISE_OF_SCALAR, function, T) \
    } \
  } \
  template <class T, int N> LANEWISE_FN Vec<T, N> operator symbol(T a, const Vec<T, N>& b) { \
    if constexpr (IS_F32<T>) { \
      LANEWISE_EACH(LANEWISE_SCALAR_INFIX, symbol, T) \
    } else { \
      LANEWISE_EACH(LANEWISE_SCALAR_OF, function, T) \
    } \
  }
#define LANEWISE_COMPARISON(symbol) \
  template <class T, int N> LANEWISE_FN Vec<bool, N> operator symbol(const Vec<T, N>& a, const Vec<T, N>& b) { \
    LANEWISE_EACH(LANEWISE_INFIX, symbol, bool) \
  }
LANEWISE_OPERATOR(+, add)
LANEWISE_OPERATOR(-, sub)
LANEWISE_OPERATOR(*, mul)
LANEWISE_OPERATOR(/, div)
LANEWISE_VECTOR_2(operator%, rem, T)
template <class T, int N> LANEWISE_FN Vec<T, N> operator%(const Vec<T, N>& a, T b) { return a % splat<N>(b); }
template <class T, int N> LANEWISE_FN Vec<T, N> operator%(T a, const Vec<T, N>& b) { return splat<N>(a) % b; }
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
  LANEWISE_EACH(LANEWISE_OF_2, shl, T)
}
template <class T, int N> LANEWISE_FN Vec<T, N> shr(const Vec<T, N>& a, const Vec<u32, N>& b) {
  LANEWISE_EACH(LANEWISE_OF_2, shr, T)
}
template <class T, int N>
LANEWISE_FN Vec<T, N> select(const Vec<T, N>& no, const Vec<T, N>& yes, const Vec<bool, N>& condition) {
  LANEWISE_EACH(LANEWISE_SELECT, , T)
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
  const T sum = add(mul(a.x, b.x), mul(a.y, b.y));
  if constexpr (N == 2) {
    return sum;
  } else if constexpr (N == 3) {
    return add(sum, mul(a.z, b.z));
  } else {
    return add(add(sum, mul(a.z, b.z)), mul(a.w, b.w));
  }
}
template <int N> LANEWISE_FN bool all(const Vec<bool, N>& v) {
  if constexpr (N == 2) {
    return v.x && v.y;
  } else if constexpr (N == 3) {
    return v.x && v.y && v.z;
  } else {
    return v.x && v.y && v.z && v.w;
  }
}
template <int N> LANEWISE_FN bool any(const Vec<bool, N>& v) { return !all(!v); }
LANEWISE_FN bool all(bool v) { return v; }
LANEWISE_FN bool any(bool v) { return v; }

}  // namespace lanewise

namespace lanewise {

template <class T> LANEWISE_FN T workgroupUniformLoad(const T* p) {
  __syncthreads();
  const T value = *p;
  __syncthreads();
  return value;
}

// Subgroups are warps, all lanes of which take part: 32, or all that a smaller workgroup has.
template <u32 LANES> constexpr u32 WARP_MASK = LANES == 32u ? 0xffffffffu : (1u << LANES % 32u) - 1u;
#define LANEWISE_SHUFFLE(name, intrinsic) \
  template <u32 LANES = 32u, class T> LANEWISE_FN T name(T x, u32 by) { return intrinsic(WARP_MASK<LANES>, x, by); } \
  template <u32 LANES = 32u, class T, int N> LANEWISE_FN Vec<T, N> name(const Vec<T, N>& a, u32 b) { \
    LANEWISE_EACH(LANEWISE_OF_SCALAR, name<LANES>, T) \
  }
LANEWISE_SHUFFLE(subgroupShuffle, __shfl_sync)
LANEWISE_SHUFFLE(subgroupShuffleXor, __shfl_xor_sync)
LANEWISE_SHUFFLE(subgroupShuffleUp, __shfl_up_sync)
LANEWISE_SHUFFLE(subgroupShuffleDown, __shfl_down_sync)
LANEWISE_SHUFFLE(subgroupBroadcast, __shfl_sync)
template <u32 LANES = 32u, class T> LANEWISE_FN T subgroupBroadcastFirst(const T& x) {
  return subgroupBroadcast<LANES>(x, 0u);
}
#define LANEWISE_WARP_REDUCTION(name, function) \
  template <u32 LANES = 32u, class T> LANEWISE_FN T name(T x) { \
    _Pragma("unroll") for (u32 by = LANES / 2u; by > 0u; by /= 2u) x = function(x, subgroupShuffleXor<LANES>(x, by)); \
    return x; \
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
template <u32 LANES = 32u> LANEWISE_FN bool subgroupAll(bool x) { return __all_sync(WARP_MASK<LANES>, x) != 0; }
template <u32 LANES = 32u> LANEWISE_FN bool subgroupAny(bool x) { return __any_sync(WARP_MASK<LANES>, x) != 0; }

template <class T> LANEWISE_FN T atomicLoad(const T* p) { return *(const volatile T*)p; }
template <class T> LANEWISE_FN void atomicStore(T* p, T x) { atomicExch(p, x); }
template <class T> LANEWISE_FN T atomicExchange(T* p, T x) { return atomicExch(p, x); }

}  // namespace lanewise
#endif  // LANEWISE_PRELUDE

#ifndef LANEWISE_HALVES
#define LANEWISE_HALVES
namespace lanewise {

struct alignas(2) f16 {
  unsigned short bits;
};

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
#define LANEWISE_HALF_OPERATOR(symbol) \
  LANEWISE_FN f16 operator symbol(f16 a, f16 b) { return to_half(to_f32(a) symbol to_f32(b)); } \
  LANEWISE_FN f16& operator symbol##=(f16& a, f16 b) { return a = a symbol b; }
#define LANEWISE_HALF_COMPARISON(symbol) \
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

#define LANEWISE_HALF_1(name) \
  LANEWISE_FN f16 name(f16 x) { return to_half(name(to_f32(x))); }
#define LANEWISE_HALF_2(name) \
  LANEWISE_FN f16 name(f16 a, f16 b) { return to_half(name(to_f32(a), to_f32(b))); }
#define LANEWISE_HALF_3(name) \
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
#define LANEWISE_HALF_SHUFFLE(name) \
  template <u32 LANES = 32u> LANEWISE_FN f16 name(f16 x, u32 by) { \
    return {(unsigned short)name<LANES>(u32(x.bits), by)}; \
  }
LANEWISE_HALF_SHUFFLE(subgroupShuffle)
LANEWISE_HALF_SHUFFLE(subgroupShuffleXor)
LANEWISE_HALF_SHUFFLE(subgroupShuffleUp)
LANEWISE_HALF_SHUFFLE(subgroupShuffleDown)
LANEWISE_HALF_SHUFFLE(subgroupBroadcast)

}  // namespace lanewise
#endif  // LANEWISE_HALVES

#ifndef LANEWISE_MATRICES
#define LANEWISE_MATRICES
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
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
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
// `pitch` halves from line to line. ACROSS: a pair lies in two neighbouring lines.
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
#endif  // LANEWISE_MATRICES
