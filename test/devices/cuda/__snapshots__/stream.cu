namespace lanewise {
namespace kernel_gemm_nc_stream_8x4_f32 {

constexpr u32 GRID_X = 1u;

constexpr u32 GROUPS = 1u;

constexpr u32 COL_TILES = 1u;

constexpr u32 COLUMN_LANES = 32u;

constexpr u32 ROW_GROUPS = 1u;

constexpr u32 OWN_ROWS = 1u;

constexpr u32 TILE_COLS = 256u;

constexpr u32 LANE_COLS = 4u;

constexpr u32 PART_DEPTH = 112u;

constexpr u32 DEPTH = 100u;

__device__ __forceinline__ u32 b_batch(u32 batch) {
  return 0u;
}

constexpr u32 VECTOR_STEP = 128u;

constexpr u32 COLS = 136u;

constexpr u32 B_UNIT = 4u;

constexpr u32 B_ROW = 34u;

__device__ __forceinline__ vec4<f32> b_vector(u32 k, u32 at_, const vec4<f32>* __restrict__ b) {
  return b[min(k, DEPTH - 1u) * B_ROW + at_];
}

constexpr u32 CHUNK = 128u;

constexpr u32 TILE_ROWS = 1u;

constexpr u32 THREADS = 128u;

constexpr u32 ROWS = 1u;

__device__ __forceinline__ u32 a_batch(u32 batch) {
  return 0u;
}

constexpr u32 A_ROW = 100u;

__device__ __forceinline__ vec4<f32> a_vector(u32 row, u32 k, u32 end, const vec4<f32>* __restrict__ a) {
  if (row >= ROWS || k >= end) {
    return vec4<f32>{};
  }
  return a[(a_batch(0u) + row * A_ROW + k) / 4u];
}

__device__ __forceinline__ void stage(u32 chunk, u32 end, u32 t, Array<vec4<f32>, 32>& a_tile, const vec4<f32>* __restrict__ a) {
  for (u32 i = t; i < TILE_ROWS * (CHUNK / 4u); i += THREADS) {
    a_tile[i] = a_vector(i / (CHUNK / 4u), chunk + i % (CHUNK / 4u) * 4u, end, a);
  }
}

constexpr u32 STEP = 16u;

__device__ __forceinline__ u32 y_batch(u32 batch) {
  return 0u;
}

constexpr u32 Y_ROW = 136u;

__device__ __forceinline__ f32 activation(f32 x) {
  return select(x, 0.0f, x < 0.0f);
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

__device__ __forceinline__ void store(u32 batch, u32 row, u32 col, vec4<f32> v, vec4<f32>* __restrict__ y, const f32* __restrict__ c) {
  if (row >= ROWS || col >= COLS) {
    return;
  }
  y[(y_batch(batch) + row * Y_ROW + col) / 4u] = vec4<f32>{finish(batch, row, col, v.x, c), finish(batch, row, col + 1u, v.y, c), finish(batch, row, col + 2u, v.z, c), finish(batch, row, col + 3u, v.w, c)};
}

constexpr u32 DEPTH_LANES = 4u;

__device__ __forceinline__ vec4<f32> total(u32 vector, u32 t, Array<vec4<f32>, 256>& sums) {
  vec4<f32> sum = vec4<f32>{};
#pragma unroll
  for (u32 lane = 0u; lane < DEPTH_LANES; lane += 1u) {
    sum = sum + sums[vector * THREADS + lane * (THREADS / DEPTH_LANES) + t % (THREADS / DEPTH_LANES)];
  }
  return sum;
}

extern "C" __global__ void __launch_bounds__(128) lanewise_kernel_gemm_nc_stream_8x4_f32(const vec4<f32>* __restrict__ a, const vec4<f32>* __restrict__ b, const f32* __restrict__ c, vec4<f32>* __restrict__ y) {
  wait_for_earlier_kernels();
  __shared__ Array<vec4<f32>, 32> a_tile;
  __shared__ Array<vec4<f32>, 256> sums;
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 t = threadIdx.x;
  const u32 group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) {
    return;
  }
  const u32 part = group / COL_TILES;
  const u32 depth_lane = t / (COLUMN_LANES * ROW_GROUPS);
  const u32 first_row = t / COLUMN_LANES % ROW_GROUPS * OWN_ROWS;
  const u32 col = group % COL_TILES * TILE_COLS + t % COLUMN_LANES * LANE_COLS;
  const u32 start = part * PART_DEPTH;
  const u32 end = min(start + PART_DEPTH, DEPTH);
  const u32 at0 = (b_batch(0u) + min(col + 0u * VECTOR_STEP, COLS - B_UNIT)) / B_UNIT;
  const u32 at1 = (b_batch(0u) + min(col + 1u * VECTOR_STEP, COLS - B_UNIT)) / B_UNIT;
  vec4<f32> sum0_0 = vec4<f32>{};
  vec4<f32> sum0_1 = vec4<f32>{};
  vec4<f32> p0_0 = vec4<f32>{};
  vec4<f32> p0_1 = vec4<f32>{};
  vec4<f32> p1_0 = vec4<f32>{};
  vec4<f32> p1_1 = vec4<f32>{};
  vec4<f32> p2_0 = vec4<f32>{};
  vec4<f32> p2_1 = vec4<f32>{};
  vec4<f32> p3_0 = vec4<f32>{};
  vec4<f32> p3_1 = vec4<f32>{};
  vec4<f32> q0_0 = vec4<f32>{};
  vec4<f32> q0_1 = vec4<f32>{};
  vec4<f32> q1_0 = vec4<f32>{};
  vec4<f32> q1_1 = vec4<f32>{};
  vec4<f32> q2_0 = vec4<f32>{};
  vec4<f32> q2_1 = vec4<f32>{};
  vec4<f32> q3_0 = vec4<f32>{};
  vec4<f32> q3_1 = vec4<f32>{};
  p0_0 = b_vector(start + depth_lane * 4u + 0u, at0, b);
  p0_1 = b_vector(start + depth_lane * 4u + 0u, at1, b);
  p1_0 = b_vector(start + depth_lane * 4u + 1u, at0, b);
  p1_1 = b_vector(start + depth_lane * 4u + 1u, at1, b);
  p2_0 = b_vector(start + depth_lane * 4u + 2u, at0, b);
  p2_1 = b_vector(start + depth_lane * 4u + 2u, at1, b);
  p3_0 = b_vector(start + depth_lane * 4u + 3u, at0, b);
  p3_1 = b_vector(start + depth_lane * 4u + 3u, at1, b);
  for (u32 chunk = start; chunk < end; chunk += CHUNK) {
    __syncthreads();
    stage(chunk, end, t, a_tile, a);
    __syncthreads();
    const u32 limit = min(CHUNK, end - chunk);
    for (u32 i = depth_lane * 4u; i < limit; i += 2u * STEP) {
      {
        const u32 k = chunk + i;
        const u32 a_at = first_row * (CHUNK / 4u) + i / 4u;
        if (k + STEP < end) {
          q0_0 = b_vector(k + STEP + 0u, at0, b);
          q0_1 = b_vector(k + STEP + 0u, at1, b);
          q1_0 = b_vector(k + STEP + 1u, at0, b);
          q1_1 = b_vector(k + STEP + 1u, at1, b);
          q2_0 = b_vector(k + STEP + 2u, at0, b);
          q2_1 = b_vector(k + STEP + 2u, at1, b);
          q3_0 = b_vector(k + STEP + 3u, at0, b);
          q3_1 = b_vector(k + STEP + 3u, at1, b);
        }
        const vec4<f32> b0_0 = p0_0;
        const vec4<f32> b0_1 = p0_1;
        const vec4<f32> b1_0 = p1_0;
        const vec4<f32> b1_1 = p1_1;
        const vec4<f32> b2_0 = p2_0;
        const vec4<f32> b2_1 = p2_1;
        const vec4<f32> b3_0 = p3_0;
        const vec4<f32> b3_1 = p3_1;
        const vec4<f32> a0 = a_tile[a_at + 0u * (CHUNK / 4u)];
        sum0_0 = sum0_0 + (a0.x * b0_0 + a0.y * b1_0 + a0.z * b2_0 + a0.w * b3_0);
        sum0_1 = sum0_1 + (a0.x * b0_1 + a0.y * b1_1 + a0.z * b2_1 + a0.w * b3_1);
      }
      const u32 j = i + STEP;
      if (j < limit) {
        const u32 k = chunk + j;
        const u32 a_at = first_row * (CHUNK / 4u) + j / 4u;
        if (k + STEP < end) {
          p0_0 = b_vector(k + STEP + 0u, at0, b);
          p0_1 = b_vector(k + STEP + 0u, at1, b);
          p1_0 = b_vector(k + STEP + 1u, at0, b);
          p1_1 = b_vector(k + STEP + 1u, at1, b);
          p2_0 = b_vector(k + STEP + 2u, at0, b);
          p2_1 = b_vector(k + STEP + 2u, at1, b);
          p3_0 = b_vector(k + STEP + 3u, at0, b);
          p3_1 = b_vector(k + STEP + 3u, at1, b);
        }
        const vec4<f32> b0_0 = q0_0;
        const vec4<f32> b0_1 = q0_1;
        const vec4<f32> b1_0 = q1_0;
        const vec4<f32> b1_1 = q1_1;
        const vec4<f32> b2_0 = q2_0;
        const vec4<f32> b2_1 = q2_1;
        const vec4<f32> b3_0 = q3_0;
        const vec4<f32> b3_1 = q3_1;
        const vec4<f32> a0 = a_tile[a_at + 0u * (CHUNK / 4u)];
        sum0_0 = sum0_0 + (a0.x * b0_0 + a0.y * b1_0 + a0.z * b2_0 + a0.w * b3_0);
        sum0_1 = sum0_1 + (a0.x * b0_1 + a0.y * b1_1 + a0.z * b2_1 + a0.w * b3_1);
      }
    }
  }
  sums[0u * THREADS + t] = sum0_0;
  sums[1u * THREADS + t] = sum0_1;
  __syncthreads();
  if (depth_lane == 0u) {
    store(part, first_row + 0u, col + 0u * VECTOR_STEP, total(0u, t, sums), y, c);
    store(part, first_row + 0u, col + 1u * VECTOR_STEP, total(1u, t, sums), y, c);
  }
  __syncthreads();
}

}  // namespace kernel_gemm_nc_stream_8x4_f32
}  // namespace lanewise
