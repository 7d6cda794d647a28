namespace lanewise {
namespace kernel_softmax_nc_staged_t32r1v1_f32 {

constexpr u32 GRID_X = 1u;

constexpr u32 UNITS = 320u;

constexpr u32 LOADS = 10u;

constexpr u32 WORKGROUP = 32u;

constexpr u32 ROW = 10u;

constexpr u32 SKEW = 1u;

__device__ __forceinline__ u32 place(u32 e) {
  return e + e / ROW * SKEW;
}

__device__ __forceinline__ void put(u32 u, f32 v, Array<f32, 352>& tile) {
  tile[place(u)] = v;
}

constexpr u32 COUNT = 30u;

constexpr u32 ROWS_EACH = 1u;

constexpr f32 LOWEST = -3.4028235e+38f;

constexpr bool LOG = false;

__device__ __forceinline__ f32 take(u32 u, Array<f32, 352>& tile) {
  return tile[place(u)];
}

extern "C" __global__ void __launch_bounds__(32) lanewise_kernel_softmax_nc_staged_t32r1v1_f32(const f32* __restrict__ x, f32* __restrict__ y) {
  wait_for_earlier_kernels();
  __shared__ Array<f32, 352> tile;
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 lane = threadIdx.x;
  const u32 first = (wid.x + wid.y * GRID_X) * UNITS;
#pragma unroll
  for (u32 i = 0u; i < LOADS; i += 1u) {
    const u32 u = lane + i * WORKGROUP;
    if (u < UNITS) {
      put(u, x[min(first + u, COUNT - 1u)], tile);
    }
  }
  __syncthreads();
#pragma unroll
  for (u32 n = 0u; n < ROWS_EACH; n += 1u) {
    const u32 base = (lane + n * WORKGROUP) * (ROW + SKEW);
    Array<f32, 10> v = Array<f32, 10>{};
    f32 top = LOWEST;
#pragma unroll
    for (u32 r = 0u; r < ROW; r += 1u) {
      v[r] = tile[base + r];
      top = max(top, v[r]);
    }
    f32 sum = 0.0f;
#pragma unroll
    for (u32 r = 0u; r < ROW; r += 1u) {
      const f32 e = exp(v[r] - top);
      v[r] = select(e, v[r] - top, LOG);
      sum += e;
    }
    const f32 last = select(1.0f / sum, log(sum), LOG);
#pragma unroll
    for (u32 r = 0u; r < ROW; r += 1u) {
      tile[base + r] = select(v[r] * last, v[r] - last, LOG);
    }
  }
  __syncthreads();
#pragma unroll
  for (u32 i = 0u; i < LOADS; i += 1u) {
    const u32 u = lane + i * WORKGROUP;
    if (u < UNITS && first + u < COUNT) {
      y[first + u] = take(u, tile);
    }
  }
}

}  // namespace kernel_softmax_nc_staged_t32r1v1_f32
}  // namespace lanewise
