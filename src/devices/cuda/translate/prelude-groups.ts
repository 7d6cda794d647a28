/** The prelude's part for workgroups and subgroups: barriers, shuffles, reductions, atomics. */

export const GROUPS = /* cuda */ `
namespace lanewise {

template <class T> LANEWISE_FN T workgroupUniformLoad(const T* p) {
  __syncthreads();
  const T value = *p;
  __syncthreads();
  return value;
}

// Subgroups are warps, all lanes of which take part: 32, or all that a smaller workgroup has.
template <u32 LANES> constexpr u32 WARP_MASK = LANES == 32u ? 0xffffffffu : (1u << LANES % 32u) - 1u;
#define LANEWISE_SHUFFLE(name, intrinsic) \\
  template <u32 LANES = 32u, class T> LANEWISE_FN T name(T x, u32 by) { return intrinsic(WARP_MASK<LANES>, x, by); } \\
  template <u32 LANES = 32u, class T, int N> LANEWISE_FN Vec<T, N> name(const Vec<T, N>& a, u32 b) { \\
    LANEWISE_EACH(LANEWISE_OF_SCALAR, name<LANES>, T) \\
  }
LANEWISE_SHUFFLE(subgroupShuffle, __shfl_sync)
LANEWISE_SHUFFLE(subgroupShuffleXor, __shfl_xor_sync)
LANEWISE_SHUFFLE(subgroupShuffleUp, __shfl_up_sync)
LANEWISE_SHUFFLE(subgroupShuffleDown, __shfl_down_sync)
LANEWISE_SHUFFLE(subgroupBroadcast, __shfl_sync)
template <u32 LANES = 32u, class T> LANEWISE_FN T subgroupBroadcastFirst(const T& x) {
  return subgroupBroadcast<LANES>(x, 0u);
}
#define LANEWISE_WARP_REDUCTION(name, function) \\
  template <u32 LANES = 32u, class T> LANEWISE_FN T name(T x) { \\
    _Pragma("unroll") for (u32 by = LANES / 2u; by > 0u; by /= 2u) x = function(x, subgroupShuffleXor<LANES>(x, by)); \\
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
template <u32 LANES = 32u> LANEWISE_FN bool subgroupAll(bool x) { return __all_sync(WARP_MASK<LANES>, x) != 0; }
template <u32 LANES = 32u> LANEWISE_FN bool subgroupAny(bool x) { return __any_sync(WARP_MASK<LANES>, x) != 0; }

template <class T> LANEWISE_FN T atomicLoad(const T* p) { return *(const volatile T*)p; }
template <class T> LANEWISE_FN void atomicStore(T* p, T x) { atomicExch(p, x); }
template <class T> LANEWISE_FN T atomicExchange(T* p, T x) { return atomicExch(p, x); }

}  // namespace lanewise
`;
