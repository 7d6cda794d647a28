namespace lanewise {
namespace kernel_conv_nhwc_separable_t32x32x16r4_f32_taps {

constexpr u32 GRID_X = 1u;

constexpr u32 WORKGROUP = 256u;

constexpr u32 COUNT = 80u;

constexpr u32 PITCH = 10u;

constexpr bool FOUR_CHANNELS = true;

constexpr u32 CHANNELS = 8u;

__device__ __forceinline__ f32 bias_of(u32 c, const f32* __restrict__ window_bias) {
  return window_bias[c];
}

constexpr u32 ROWS = 3u;

constexpr u32 COLUMNS = 3u;

__device__ __forceinline__ f32 value_of(u32 c, u32 row, u32 column, bool is_bias, const f32* __restrict__ window_bias, const f32* __restrict__ window_w) {
  if (c >= CHANNELS) {
    return 0.0f;
  }
  if (is_bias) {
    return bias_of(c, window_bias);
  }
  if (row >= ROWS || column >= COLUMNS) {
    return 0.0f;
  }
  return window_w[(row * COLUMNS + column) * CHANNELS + c];
}

constexpr u32 ROW_PITCH = 3u;

constexpr u32 BIAS_AT = 9u;

extern "C" __global__ void __launch_bounds__(256) lanewise_kernel_conv_nhwc_separable_t32x32x16r4_f32_taps(const f32* __restrict__ window_w, const f32* __restrict__ window_bias, f32* __restrict__ taps) {
  wait_for_earlier_kernels();
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 lane = threadIdx.x;
  const u32 i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) {
    return;
  }
  u32 c = i / PITCH;
  u32 at_ = i % PITCH;
  if (FOUR_CHANNELS) {
    c = i / (4u * PITCH) * 4u + i % 4u;
    at_ = i / 4u % PITCH;
  }
  taps[i] = value_of(c, at_ / ROW_PITCH, at_ % ROW_PITCH, at_ == BIAS_AT, window_bias, window_w);
}

}  // namespace kernel_conv_nhwc_separable_t32x32x16r4_f32_taps
}  // namespace lanewise
