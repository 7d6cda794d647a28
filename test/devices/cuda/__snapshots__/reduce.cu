namespace lanewise {
namespace kernel_reducesum_nc_row_team_t8x4s8v1_f32 {

__device__ __forceinline__ u32 member_of(u32 lane) {
  return lane % 8u;
}

constexpr u32 GRID_X = 1u;

constexpr u32 LANES = 4u;

__device__ __forceinline__ u32 slot_of(u32 lane) {
  return lane / 8u;
}

__device__ __forceinline__ u32 x_kept(u32 k) {
  return k * 37u;
}

constexpr u32 KEPT = 3u;

__device__ __forceinline__ f32 identity() {
  return 0.0f;
}

constexpr u32 ROW = 37u;

constexpr u32 TEAM = 8u;

constexpr u32 STEPS = 8u;

__device__ __forceinline__ u32 x_row(u32 r) {
  return r;
}

__device__ __forceinline__ f32 combined(f32 a, f32 b) {
  return a + b;
}

__device__ __forceinline__ f32 mapped(f32 v) {
  return v;
}

__device__ __forceinline__ bool row_mask(u32 r) {
  return r < ROW;
}

__device__ __forceinline__ u32 team_base(u32 lane) {
  return slot_of(lane) * 8u;
}

constexpr u32 GATHER = 1u;

constexpr u32 HEADS = 8u;

__device__ __forceinline__ f32 pair_fold(f32 a, f32 b) {
  return a + b;
}

constexpr u32 MEMBER_STRIDE = 1u;

__device__ __forceinline__ f32 team_fold(f32 value, u32 lane, Array<f32, 32>& scratch) {
  if (TEAM == 1u) {
    return value;
  }
  const u32 base = team_base(lane);
  const u32 member = member_of(lane);
  __syncthreads();
  scratch[lane] = value;
  __syncthreads();
  if (GATHER > 1u) {
    if (member < HEADS) {
      f32 column = value;
#pragma unroll
      for (u32 j = 1u; j < GATHER; j += 1u) {
        column = pair_fold(column, scratch[base + (member + j * HEADS) * MEMBER_STRIDE]);
      }
      scratch[lane] = column;
    }
    __syncthreads();
  }
  f32 total = scratch[base];
#pragma unroll
  for (u32 j = 1u; j < HEADS; j += 1u) {
    total = pair_fold(total, scratch[base + j * MEMBER_STRIDE]);
  }
  return total;
}

__device__ __forceinline__ f32 fold_fold(f32 v) {
  return v;
}

constexpr bool STORE_PADDING = false;

__device__ __forceinline__ bool kept_mask(u32 k) {
  return true;
}

__device__ __forceinline__ bool stored(u32 k) {
  return bool(STORE_PADDING | all(kept_mask(k)));
}

__device__ __forceinline__ u32 y_kept(u32 k) {
  return k;
}

__device__ __forceinline__ f32 zero_padding(u32 k, f32 value) {
  return select(0.0f, value, all(kept_mask(k)));
}

__device__ __forceinline__ f32 finished(f32 total) {
  return total;
}

extern "C" __global__ void __launch_bounds__(32) lanewise_kernel_reducesum_nc_row_team_t8x4s8v1_f32(const f32* __restrict__ x, f32* __restrict__ y) {
  wait_for_earlier_kernels();
  __shared__ Array<f32, 32> scratch;
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 lane = threadIdx.x;
  const u32 member = member_of(lane);
  const u32 k = (wid.x + wid.y * GRID_X) * LANES + slot_of(lane);
  const u32 origin = x_kept(min(k, KEPT - 1u));
  f32 total = identity();
  for (u32 first = member; first < ROW; first += TEAM * STEPS) {
    Array<f32, 8> v = Array<f32, 8>{};
#pragma unroll
    for (u32 i = 0u; i < STEPS; i += 1u) {
      v[i] = x[origin + x_row(min(first + i * TEAM, ROW - 1u))];
    }
#pragma unroll
    for (u32 i = 0u; i < STEPS; i += 1u) {
      total = combined(total, select(identity(), mapped(v[i]), row_mask(first + i * TEAM)));
    }
  }
  const f32 result = team_fold(fold_fold(total), lane, scratch);
  if (member == 0u && k < KEPT && stored(k)) {
    y[y_kept(k)] = zero_padding(k, finished(result));
  }
}

}  // namespace kernel_reducesum_nc_row_team_t8x4s8v1_f32
}  // namespace lanewise
