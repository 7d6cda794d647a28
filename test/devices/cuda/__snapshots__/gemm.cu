namespace lanewise {
namespace kernel_gemm_nc_rows_f32 {

constexpr u32 GRID_X = 3u;

constexpr u32 GROUPS = 3u;

constexpr u32 COL_GROUPS = 3u;

constexpr u32 ROW_GROUPS = 1u;

constexpr u32 GROUP_ROWS = 1u;

constexpr u32 COLS = 10u;

__device__ __forceinline__ u32 b_batch(u32 batch) {
  return 0u;
}

constexpr u32 B_COL = 64u;

__device__ __forceinline__ u32 a_batch(u32 batch) {
  return 0u;
}

constexpr u32 DEPTH = 64u;

constexpr u32 WORKGROUP = 128u;

constexpr u32 ROWS = 1u;

constexpr u32 A_ROW = 64u;

__device__ __forceinline__ u32 y_batch(u32 batch) {
  return 0u;
}

constexpr u32 Y_ROW = 10u;

constexpr u32 Y_COL = 1u;

__device__ __forceinline__ f32 activation(f32 x) {
  return x;
}

constexpr f32 ALPHA = 1.0f;

__device__ __forceinline__ u32 c_batch(u32 batch) {
  return 0u;
}

__device__ __forceinline__ f32 addend(u32 batch, u32 row, u32 col, const f32* __restrict__ c) {
  return c[c_batch(batch) + col * 1u];
}

__device__ __forceinline__ f32 finish(u32 batch, u32 row, u32 col, f32 v, const f32* __restrict__ c) {
  return activation(ALPHA * v + addend(batch, row, col, c));
}

__device__ __forceinline__ void store_one(u32 batch, u32 row, u32 col, f32 v, f32* __restrict__ y, const f32* __restrict__ c) {
  if (row >= ROWS || col >= COLS) {
    return;
  }
  y[y_batch(batch) + row * Y_ROW + col * Y_COL] = finish(batch, row, col, v, c);
}

__device__ __forceinline__ void store(u32 batch, u32 row, u32 col, vec4<f32> v, f32* __restrict__ y, const f32* __restrict__ c) {
#pragma unroll
  for (u32 i = 0u; i < 4u; i += 1u) {
    store_one(batch, row, col + i, v[i], y, c);
  }
}

extern "C" __global__ void __launch_bounds__(128) lanewise_kernel_gemm_nc_rows_f32(const vec4<f32>* __restrict__ a, const vec4<f32>* __restrict__ b, const f32* __restrict__ c, f32* __restrict__ y) {
  wait_for_earlier_kernels();
  __shared__ Array<vec4<f32>, 128> sums;
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 lane = threadIdx.x;
  const u32 group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) {
    return;
  }
  const u32 col = group % COL_GROUPS * 4u;
  const u32 row = group / COL_GROUPS % ROW_GROUPS * GROUP_ROWS;
  const u32 batch = group / (COL_GROUPS * ROW_GROUPS);
  const vec4<u32> cols = min(col + vec4<u32>{0u, 1u, 2u, 3u}, splat<4>(COLS - 1u));
  const vec4<u32> b_at = (b_batch(batch) + cols * B_COL) / 4u;
  const u32 a_at = a_batch(batch) / 4u;
  Array<vec4<f32>, 1> sum = Array<vec4<f32>, 1>{};
  for (u32 k = lane; k < DEPTH / 4u; k += WORKGROUP) {
    const vec4<f32> b0 = b[b_at.x + k];
    const vec4<f32> b1 = b[b_at.y + k];
    const vec4<f32> b2 = b[b_at.z + k];
    const vec4<f32> b3 = b[b_at.w + k];
#pragma unroll
    for (u32 i = 0u; i < GROUP_ROWS; i += 1u) {
      const vec4<f32> v = a[a_at + min(row + i, ROWS - 1u) * (A_ROW / 4u) + k];
      {
        vec4<f32>& place = sum[i];
        place = place + vec4<f32>{dot(v, b0), dot(v, b1), dot(v, b2), dot(v, b3)};
      }
    }
  }
#pragma unroll
  for (u32 i = 0u; i < GROUP_ROWS; i += 1u) {
    sums[i * WORKGROUP + lane] = sum[i];
  }
  for (u32 half_ = WORKGROUP / 2u; half_ > 0u; half_ = half_ / 2u) {
    __syncthreads();
    if (lane < half_) {
#pragma unroll
      for (u32 i = 0u; i < GROUP_ROWS; i += 1u) {
        {
          vec4<f32>& place = sums[i * WORKGROUP + lane];
          place = place + sums[i * WORKGROUP + lane + half_];
        }
      }
    }
  }
  __syncthreads();
  if (lane < GROUP_ROWS) {
    store(batch, row + lane, col, sums[lane * WORKGROUP], y, c);
  }
}

}  // namespace kernel_gemm_nc_rows_f32
}  // namespace lanewise
