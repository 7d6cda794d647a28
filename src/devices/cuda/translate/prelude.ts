/**
 * What stands in front of every translated kernel: WGSL's types and functions in CUDA C++, in parts of which a kernel
 * gets those that it uses. No part needs a header: NVRTC compiles them where nothing but its library is installed.
 */

import { WAIT_TEXT } from '../dependent-launch.js';
import { GROUPS } from './prelude-groups.js';
import { halvesText, type HalfType } from './prelude-halves.js';
import { matricesText } from './prelude-matrices.js';
import { SCALARS } from './prelude-scalars.js';

const HEAD = /* cuda */ `
#define LANEWISE_FN __device__ __forceinline__
#ifdef __CUDACC__
// Constants that a kernel's text leaves unused, and comparisons that they make pointless, are no mistakes.
#pragma nv_diag_suppress 177, 186
#endif
`;

/** Every kernel's first call, beside WGSL's own functions. */
const WAIT = WAIT_TEXT.replace('__device__ __forceinline__', 'LANEWISE_FN');

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

// Component by component, written out: loops over components would be unrolled by the compiler, at a cost of seconds for
// kernels of thousands of operations.
#define LANEWISE_EACH(at, f, R) \\
  if constexpr (N == 2) { \\
    return Vec<R, N>{at(f, x), at(f, y)}; \\
  } else if constexpr (N == 3) { \\
    return Vec<R, N>{at(f, x), at(f, y), at(f, z)}; \\
  } else { \\
    return Vec<R, N>{at(f, x), at(f, y), at(f, z), at(f, w)}; \\
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
#define LANEWISE_VECTOR_1(name, function, R) \\
  template <class T, int N> LANEWISE_FN Vec<R, N> name(const Vec<T, N>& a) { \\
    LANEWISE_EACH(LANEWISE_OF_1, function, R) \\
  }
#define LANEWISE_VECTOR_2(name, function, R) \\
  template <class T, int N> LANEWISE_FN Vec<R, N> name(const Vec<T, N>& a, const Vec<T, N>& b) { \\
    LANEWISE_EACH(LANEWISE_OF_2, function, R) \\
  }
#define LANEWISE_VECTOR_3(name, function) \\
  template <class T, int N> \\
  LANEWISE_FN Vec<T, N> name(const Vec<T, N>& a, const Vec<T, N>& b, const Vec<T, N>& c) { \\
    LANEWISE_EACH(LANEWISE_OF_3, function, T) \\
  }
// Integers by functions; numbers of f32 as they are.
template <class T> constexpr bool IS_F32 = false;
template <> constexpr bool IS_F32<f32> = true;
#define LANEWISE_OPERATOR(symbol, function) \\
  template <class T, int N> LANEWISE_FN Vec<T, N> operator symbol(const Vec<T, N>& a, const Vec<T, N>& b) { \\
    if constexpr (IS_F32<T>) { \\
      LANEWISE_EACH(LANEWISE_INFIX, symbol, T) \\
    } else { \\
      LANEWISE_EACH(LANEWISE_OF_2, function, T) \\
    } \\
  } \\
  template <class T, int N> LANEWISE_FN Vec<T, N> operator symbol(const Vec<T, N>& a, T b) { \\
    if constexpr (IS_F32<T>) { \\
      LANEWISE_EACH(LANEWISE_INFIX_SCALAR, symbol, T) \\
    } else { \\
      LANEWISE_EACH(LANEWISE_OF_SCALAR, function, T) \\
    } \\
  } \\
  template <class T, int N> LANEWISE_FN Vec<T, N> operator symbol(T a, const Vec<T, N>& b) { \\
    if constexpr (IS_F32<T>) { \\
      LANEWISE_EACH(LANEWISE_SCALAR_INFIX, symbol, T) \\
    } else { \\
      LANEWISE_EACH(LANEWISE_SCALAR_OF, function, T) \\
    } \\
  }
#define LANEWISE_COMPARISON(symbol) \\
  template <class T, int N> LANEWISE_FN Vec<bool, N> operator symbol(const Vec<T, N>& a, const Vec<T, N>& b) { \\
    LANEWISE_EACH(LANEWISE_INFIX, symbol, bool) \\
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
`;

/** Parts of the prelude beside those that every kernel gets. */
export interface PreludeParts {
  /** Halves: the type that WGSL's f16 stands for. */
  readonly half: HalfType | undefined;
  /** Matrices of `half`. */
  readonly matrices: boolean;
}

/** The prelude's text. Each part is guarded, so that kernels with different parts fit into one compilation unit. */
export function prelude({ half, matrices }: PreludeParts): string {
  const parts = [guarded('PRELUDE', [HEAD, WAIT, SCALARS, VECTORS, GROUPS])];
  if (half) parts.push(guarded('HALVES', [halvesText(half)]));
  if (matrices) parts.push(guarded('MATRICES', [matricesText(half ?? 'f16')]));
  return parts.join('\n');
}

function guarded(name: string, texts: readonly string[]): string {
  const macro = `LANEWISE_${name}`;
  return `#ifndef ${macro}\n#define ${macro}\n${texts.join('').trim()}\n#endif  // ${macro}\n`;
}

/** Names that the prelude gives to functions, types and macros: a kernel's own names give way. */
export const PRELUDE_NAMES: ReadonlySet<string> = new Set(
  Array.from(
    prelude({ half: 'f16', matrices: true }).matchAll(
      /(?:struct|using|namespace) (\w+)|(?<!::)\b([A-Za-z]\w+)\(|VECTOR_[123]\((\w+)/g,
    ),
    (match) => match[1] ?? match[2] ?? match[3],
  ),
);
