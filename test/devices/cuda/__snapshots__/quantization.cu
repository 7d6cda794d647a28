namespace lanewise {
namespace kernel_quantizelinear_nchw_bcast_v4x1_f32_u32 {

constexpr u32 GRID_X = 1u;

constexpr u32 WORKGROUP = 256u;

constexpr u32 ITEMS = 1u;

__device__ __forceinline__ vec4<f32> x0_load(u32 i, const vec4<f32>* __restrict__ x0) {
  return x0[i];
}

__device__ __forceinline__ vec4<f32> x1_load(u32 i, const f32* __restrict__ x1) {
  return splat<4>(x1[0u]);
}

__device__ __forceinline__ vec4<u32> padded(vec4<u32> v, u32 i) {
  return v;
}

__device__ __forceinline__ f32 f_round_to(f32 x) {
  return x;
}

constexpr f32 f_low = 0.0f;

constexpr f32 f_high = 255.0f;

__device__ __forceinline__ u32 f_raw(f32 a, f32 b) {
  const i32 c = 0;
  const f32 quotient = f_round_to(f_round_to(a) / f_round_to(b));
  return convert<u32>(clamp(round(quotient) + f32(c), f_low, f_high));
}

__device__ __forceinline__ u32 f(f32 a, f32 b) {
  return f_raw(a, b) & 255u;
}

__device__ __forceinline__ vec4<u32> element(u32 i, const vec4<f32>* __restrict__ x0, const f32* __restrict__ x1) {
  const vec4<f32> v0 = x0_load(i, x0);
  const vec4<f32> v1 = x1_load(i, x1);
  return padded(vec4<u32>{f(v0.x, v1.x), f(v0.y, v1.y), f(v0.z, v1.z), f(v0.w, v1.w)}, i);
}

constexpr u32 COUNT = 30u;

__device__ __forceinline__ u32 y_address(u32 i) {
  return i;
}

extern "C" __global__ void __launch_bounds__(256) lanewise_kernel_quantizelinear_nchw_bcast_v4x1_f32_u32(const vec4<f32>* __restrict__ x0, const f32* __restrict__ x1, vec4<u32>* __restrict__ y) {
  wait_for_earlier_kernels();
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 lane = threadIdx.x;
  const u32 start = (wid.x + wid.y * GRID_X) * (WORKGROUP * ITEMS) + lane;
  Array<vec4<u32>, 1> held = Array<vec4<u32>, 1>{};
#pragma unroll
  for (u32 k = 0u; k < ITEMS; k += 1u) {
    held[k] = element(min(start + k * WORKGROUP, COUNT - 1u), x0, x1);
  }
#pragma unroll
  for (u32 k = 0u; k < ITEMS; k += 1u) {
    const u32 i = start + k * WORKGROUP;
    if (i < COUNT) {
      y[y_address(i)] = held[k];
    }
  }
}

}  // namespace kernel_quantizelinear_nchw_bcast_v4x1_f32_u32
}  // namespace lanewise
