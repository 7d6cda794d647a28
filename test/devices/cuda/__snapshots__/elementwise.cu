namespace lanewise {
namespace kernel_relu_row_v4x1_f32 {

constexpr u32 GRID_X = 1u;

constexpr u32 WORKGROUP = 256u;

constexpr u32 ITEMS = 1u;

__device__ __forceinline__ vec4<f32> x0_load(u32 i, const vec4<f32>* __restrict__ x0) {
  return x0[i];
}

__device__ __forceinline__ vec4<f32> padded(vec4<f32> v, u32 i) {
  return v;
}

__device__ __forceinline__ f32 f(f32 x) {
  return select(x, 0.0f, x < 0.0f);
}

__device__ __forceinline__ vec4<f32> element(u32 i, const vec4<f32>* __restrict__ x0) {
  const vec4<f32> v0 = x0_load(i, x0);
  return padded(vec4<f32>{f(v0.x), f(v0.y), f(v0.z), f(v0.w)}, i);
}

constexpr u32 COUNT = 6u;

__device__ __forceinline__ u32 y_address(u32 i) {
  return i;
}

extern "C" __global__ void __launch_bounds__(256) lanewise_kernel_relu_row_v4x1_f32(const vec4<f32>* __restrict__ x0, vec4<f32>* __restrict__ y) {
  wait_for_earlier_kernels();
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 lane = threadIdx.x;
  const u32 start = (wid.x + wid.y * GRID_X) * (WORKGROUP * ITEMS) + lane;
  Array<vec4<f32>, 1> held = Array<vec4<f32>, 1>{};
#pragma unroll
  for (u32 k = 0u; k < ITEMS; k += 1u) {
    held[k] = element(min(start + k * WORKGROUP, COUNT - 1u), x0);
  }
#pragma unroll
  for (u32 k = 0u; k < ITEMS; k += 1u) {
    const u32 i = start + k * WORKGROUP;
    if (i < COUNT) {
      y[y_address(i)] = held[k];
    }
  }
}

}  // namespace kernel_relu_row_v4x1_f32
}  // namespace lanewise
