namespace lanewise {
namespace kernel_conv_nchw_pointwise_slim_4x4_t128k8b1_f32 {

constexpr u32 GRID_X = 6u;

constexpr u32 GROUPS = 6u;

constexpr u32 CHANNEL_TILES = 6u;

constexpr u32 TILE_CHANNELS = 4u;

constexpr u32 TILE_POSITIONS = 512u;

struct Tap {
  vec3<u32> offset;
  u32 weight;
  bool used;
};

constexpr u32 TAPS_W = 1u;

constexpr u32 TAPS_H = 1u;

constexpr u32 DILATION_D = 1u;

constexpr u32 DILATION_H = 1u;

constexpr u32 DILATION_W = 1u;

__device__ __forceinline__ Tap tap_at(u32 i, u32 batch) {
  const u32 w_2 = i % TAPS_W;
  const u32 h = i / TAPS_W % TAPS_H;
  const u32 d = i / (TAPS_W * TAPS_H);
  return Tap{vec3<u32>{d * DILATION_D, h * DILATION_H, w_2 * DILATION_W}, i, true};
}

struct PixelsState {
  u32 at_;
  u32 d;
  u32 h;
  u32 w;
};

__device__ __forceinline__ vec4<u32> position_of(u32 i) {
  u32 rest = i;
  const u32 w_2 = rest % 60u;
  rest = rest / 60u;
  const u32 h = rest % 1u;
  rest = rest / 1u;
  const u32 d = rest % 1u;
  rest = rest / 1u;
  const u32 n = rest;
  return vec4<u32>{n, d, h, w_2};
}

constexpr u32 POSITIONS = 240u;

constexpr u32 STRIDE_D = 1u;

constexpr u32 PAD_D = 0u;

constexpr u32 STRIDE_H = 1u;

constexpr u32 PAD_H = 0u;

constexpr u32 STRIDE_W = 1u;

constexpr u32 PAD_W = 0u;

__device__ __forceinline__ vec3<u32> window_origin(vec4<u32> position) {
  return vec3<u32>{position.y * STRIDE_D - PAD_D, position.z * STRIDE_H - PAD_H, position.w * STRIDE_W - PAD_W};
}

__device__ __forceinline__ u32 x_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 75u + c * 15u + w_2 / 4u;
}

__device__ __forceinline__ u32 group_of(u32 batch) {
  return batch;
}

constexpr u32 GROUP_CHANNELS = 5u;

__device__ __forceinline__ PixelsState pixels_setup(u32 first, u32 batch) {
  const vec4<u32> p = position_of(min(first, POSITIONS - 4u));
  const vec3<u32> origin = window_origin(p);
  const u32 at_ = x_index(p.x, group_of(batch) * GROUP_CHANNELS, origin.x, origin.y, origin.z);
  return PixelsState{at_, origin.x, origin.y, origin.z};
}

constexpr bool CHECKED = false;

constexpr u32 IN_D = 1u;

constexpr u32 IN_H = 1u;

constexpr u32 IN_W = 60u;

__device__ __forceinline__ u32 x_step(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 75u + c * 15u + w_2 / 4u;
}

__device__ __forceinline__ vec4<f32> pixels_vector(PixelsState state, Tap tap, u32 c, const vec4<f32>* __restrict__ x) {
  const bool inside = !CHECKED || state.d + tap.offset.x < IN_D && state.h + tap.offset.y < IN_H && state.w + tap.offset.z < IN_W;
  if (!inside || c >= GROUP_CHANNELS) {
    return vec4<f32>{};
  }
  return x[state.at_ + x_step(0u, c, tap.offset.x, tap.offset.y, tap.offset.z)];
}

constexpr u32 STAGED = 5u;

constexpr u32 THREADS = 128u;

struct WeightsState {
  u32 row;
  u32 first;
};

constexpr u32 W_GROUP_ROWS = 0u;

constexpr u32 W_GROUP_COLS = 22u;

__device__ __forceinline__ WeightsState weights_setup(u32 first, u32 batch) {
  const u32 group = group_of(batch);
  return WeightsState{group * W_GROUP_ROWS, group * W_GROUP_COLS + first};
}

constexpr u32 W_TAP_ROWS = 5u;

constexpr u32 W_COLS = 22u;

__device__ __forceinline__ vec4<f32> weights_vector(WeightsState state, Tap tap, u32 c, const f32* __restrict__ w) {
  if (c >= GROUP_CHANNELS) {
    return vec4<f32>{};
  }
  const u32 row = (tap.weight * W_TAP_ROWS + state.row + c) * W_COLS;
  const vec4<u32> cols = min(state.first + vec4<u32>{0u, 1u, 2u, 3u}, splat<4>(W_COLS - 1u));
  return vec4<f32>{w[row + cols.x], w[row + cols.y], w[row + cols.z], w[row + cols.w]};
}

__device__ __forceinline__ vec4<f32> staged_weights(u32 channel, u32 i, const f32* __restrict__ w) {
  const WeightsState state = weights_setup(channel + i % (TILE_CHANNELS / 4u) * 4u, 0u);
  return weights_vector(state, tap_at(0u, 0u), i / (TILE_CHANNELS / 4u), w);
}

constexpr u32 BLOCK_CHANNELS = 4u;

constexpr u32 ROWS = 22u;

constexpr u32 COLS = 240u;

__device__ __forceinline__ vec3<u32> output_position(vec4<u32> position, u32 batch) {
  return swizzle<1, 2, 3>(position);
}

constexpr u32 OUT_D = 1u;

constexpr u32 OUT_H = 1u;

constexpr u32 OUT_W = 60u;

__device__ __forceinline__ bool beyond(vec3<u32> o) {
  return o.x >= OUT_D || o.y >= OUT_H || o.z >= OUT_W;
}

constexpr u32 GROUP_OUT = 22u;

constexpr u32 OUT_CHANNELS = 22u;

__device__ __forceinline__ f32 bias_at(u32 c, const f32* __restrict__ bias) {
  return bias[min(c, OUT_CHANNELS - 1u)];
}

__device__ __forceinline__ vec4<f32> residual_at(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return vec4<f32>{};
}

__device__ __forceinline__ u32 y_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 1320u + c * 60u + w_2;
}

__device__ __forceinline__ f32 activation(f32 x_2) {
  return select(x_2, 0.0f, x_2 < 0.0f);
}

__device__ __forceinline__ void store(u32 batch, u32 row, u32 col, vec4<f32> v, const f32* __restrict__ bias, vec4<f32>* __restrict__ y) {
  if (row >= ROWS || col >= COLS) {
    return;
  }
  const vec4<u32> p = position_of(col);
  const vec3<u32> o = output_position(p, batch);
  if (beyond(o)) {
    return;
  }
  const u32 c = group_of(batch) * GROUP_OUT + row;
  const vec4<f32> sum = v + bias_at(c, bias) + residual_at(p.x, c, o.x, o.y, o.z);
  y[y_index(p.x, c, o.x, o.y, o.z) / 4u] = vec4<f32>{activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w)};
}

extern "C" __global__ void __launch_bounds__(128) lanewise_kernel_conv_nchw_pointwise_slim_4x4_t128k8b1_f32(const vec4<f32>* __restrict__ x, const f32* __restrict__ w, const f32* __restrict__ bias, vec4<f32>* __restrict__ y) {
  wait_for_earlier_kernels();
  __shared__ Array<vec4<f32>, 5> w_tile;
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 t = threadIdx.x;
  const u32 group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) {
    return;
  }
  const u32 channel = group % CHANNEL_TILES * TILE_CHANNELS;
  const u32 first = group / CHANNEL_TILES * TILE_POSITIONS + 4u * t;
  const Tap tap = tap_at(0u, 0u);
  const PixelsState pixels0 = pixels_setup(first, 0u);
  const vec4<f32> x0_0 = pixels_vector(pixels0, tap, 0u, x);
  const vec4<f32> x1_0 = pixels_vector(pixels0, tap, 1u, x);
  const vec4<f32> x2_0 = pixels_vector(pixels0, tap, 2u, x);
  const vec4<f32> x3_0 = pixels_vector(pixels0, tap, 3u, x);
  const vec4<f32> x4_0 = pixels_vector(pixels0, tap, 4u, x);
  for (u32 i = t; i < STAGED; i += THREADS) {
    w_tile[i] = staged_weights(channel, i, w);
  }
  __syncthreads();
#pragma unroll
  for (u32 at_ = 0u; at_ < TILE_CHANNELS; at_ += BLOCK_CHANNELS) {
    vec4<f32> c0_0 = vec4<f32>{};
    vec4<f32> c1_0 = vec4<f32>{};
    vec4<f32> c2_0 = vec4<f32>{};
    vec4<f32> c3_0 = vec4<f32>{};
    const vec4<f32> w0_0 = w_tile[0u * (TILE_CHANNELS / 4u) + at_ / 4u + 0u];
    c0_0 = c0_0 + w0_0.x * x0_0;
    c1_0 = c1_0 + w0_0.y * x0_0;
    c2_0 = c2_0 + w0_0.z * x0_0;
    c3_0 = c3_0 + w0_0.w * x0_0;
    const vec4<f32> w1_0 = w_tile[1u * (TILE_CHANNELS / 4u) + at_ / 4u + 0u];
    c0_0 = c0_0 + w1_0.x * x1_0;
    c1_0 = c1_0 + w1_0.y * x1_0;
    c2_0 = c2_0 + w1_0.z * x1_0;
    c3_0 = c3_0 + w1_0.w * x1_0;
    const vec4<f32> w2_0 = w_tile[2u * (TILE_CHANNELS / 4u) + at_ / 4u + 0u];
    c0_0 = c0_0 + w2_0.x * x2_0;
    c1_0 = c1_0 + w2_0.y * x2_0;
    c2_0 = c2_0 + w2_0.z * x2_0;
    c3_0 = c3_0 + w2_0.w * x2_0;
    const vec4<f32> w3_0 = w_tile[3u * (TILE_CHANNELS / 4u) + at_ / 4u + 0u];
    c0_0 = c0_0 + w3_0.x * x3_0;
    c1_0 = c1_0 + w3_0.y * x3_0;
    c2_0 = c2_0 + w3_0.z * x3_0;
    c3_0 = c3_0 + w3_0.w * x3_0;
    const vec4<f32> w4_0 = w_tile[4u * (TILE_CHANNELS / 4u) + at_ / 4u + 0u];
    c0_0 = c0_0 + w4_0.x * x4_0;
    c1_0 = c1_0 + w4_0.y * x4_0;
    c2_0 = c2_0 + w4_0.z * x4_0;
    c3_0 = c3_0 + w4_0.w * x4_0;
    store(0u, channel + at_ + 0u, first, c0_0, bias, y);
    store(0u, channel + at_ + 1u, first, c1_0, bias, y);
    store(0u, channel + at_ + 2u, first, c2_0, bias, y);
    store(0u, channel + at_ + 3u, first, c3_0, bias, y);
  }
}

}  // namespace kernel_conv_nchw_pointwise_slim_4x4_t128k8b1_f32
}  // namespace lanewise
