namespace lanewise {
namespace kernel_conv_nhwc_stem_4x4_t64k9s1p1_f32 {

constexpr u32 GRID_X = 4u;

constexpr u32 GROUPS = 4u;

constexpr u32 CHANNEL_TILES = 1u;

constexpr u32 TILE_CHANNELS = 12u;

constexpr u32 TILES_EACH = 1u;

constexpr u32 CHANNEL_STEP = 1u;

constexpr u32 CHANNEL_LANES = 3u;

constexpr u32 CHANNEL_PAIR = 1u;

constexpr u32 ALONG_STEP = 3u;

constexpr u32 ALONG_LANES = 2u;

constexpr u32 ALONG_PAIR = 1u;

constexpr u32 OUTER_STEP = 6u;

constexpr u32 OUTER_LANES = 5u;

constexpr u32 OUTER_PAIR = 1u;

constexpr u32 LANE_COLUMNS = 2u;

constexpr u32 GROUP_CHANNELS = 3u;

constexpr u32 LINE = 5u;

constexpr u32 ROW_LINES = 3u;

__device__ __forceinline__ vec3<u32> unit_of(u32 u) {
  const u32 c = u % GROUP_CHANNELS;
  const u32 rest = u / GROUP_CHANNELS;
  const u32 row = rest / LINE;
  return vec3<u32>{row / (ROW_LINES / GROUP_CHANNELS), row % (ROW_LINES / GROUP_CHANNELS) * GROUP_CHANNELS + c, rest % LINE};
}

constexpr u32 CHUNK = 9u;

struct Place {
  u32 n;
  u32 h;
  u32 w;
  bool inside;
};

constexpr u32 W_TILES = 1u;

constexpr u32 H_TILES = 1u;

constexpr u32 TILE_W = 8u;

constexpr u32 BATCH = 4u;

constexpr u32 OUT_H = 5u;

__device__ __forceinline__ Place place_of(u32 tile, u32 outer) {
  const u32 block = tile / W_TILES;
  const u32 h = block % H_TILES * OUTER_LANES + outer;
  return Place{block / H_TILES, h, tile % W_TILES * TILE_W, block < BATCH * H_TILES && h < OUT_H};
}

constexpr u32 STRIDE_H = 2u;

constexpr u32 ROW_STEP = 1u;

constexpr u32 PAD_H = 1u;

constexpr u32 STRIDE_W = 2u;

constexpr u32 PAD_W = 1u;

constexpr u32 LEAD = 0u;

constexpr u32 IN_W = 13u;

__device__ __forceinline__ u32 x_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 351u + c + h * 39u + w_2 * 3u;
}

__device__ __forceinline__ f32 x_at(u32 n, u32 c, u32 h, u32 w_2, bool inside, const f32* __restrict__ x) {
  const bool real = inside && w_2 < IN_W;
  return select(0.0f, x[select(0u, x_index(n, c, 0u, h, w_2), real)], real);
}

__device__ __forceinline__ vec4<f32> columns_at(u32 n, u32 c, u32 h, u32 w_2, bool inside, const f32* __restrict__ x) {
  return vec4<f32>{x_at(n, c, h, w_2, inside, x), x_at(n, c, h, w_2 + 1u, inside, x), x_at(n, c, h, w_2 + 2u, inside, x), x_at(n, c, h, w_2 + 3u, inside, x)};
}

constexpr u32 X_UNITS = 165u;

constexpr u32 IN_H = 9u;

__device__ __forceinline__ vec4<f32> x_load(u32 tile, u32 chunk, u32 u, const f32* __restrict__ x) {
  const vec3<u32> unit = unit_of(u);
  const u32 tap = chunk * CHUNK + unit.y;
  const u32 c = tap % GROUP_CHANNELS;
  const Place p = place_of(tile, 0u);
  const u32 h = p.h * STRIDE_H + unit.x * ROW_STEP + tap / GROUP_CHANNELS - PAD_H;
  const u32 w_2 = p.w * STRIDE_W + unit.z * 4u - PAD_W - LEAD;
  return columns_at(p.n, c, h, w_2, u < X_UNITS && p.inside && h < IN_H, x);
}

constexpr u32 THREADS = 30u;

constexpr u32 W_UNITS = 81u;

constexpr u32 ROW_VECTORS = 3u;

__device__ __forceinline__ void w_keep(u32 u, vec4<f32> v, Array<Array<Array<vec4<f32>, 3>, 3>, 9>& w_tile) {
  if (u < W_UNITS) {
    w_tile[u / (CHANNEL_LANES * ROW_VECTORS)][u / CHANNEL_LANES % ROW_VECTORS][u % CHANNEL_LANES] = v;
  }
}

constexpr u32 KERNEL_W = 3u;

__device__ __forceinline__ u32 tap_at(u32 row, u32 i) {
  return row * KERNEL_W + i;
}

constexpr u32 TILE_VECTORS = 3u;

constexpr u32 ROW_TAPS = 3u;

constexpr u32 OUT_CHANNELS = 12u;

__device__ __forceinline__ vec4<f32> w_load(u32 channels, u32 chunk, u32 u, const vec4<f32>* __restrict__ w) {
  const u32 tap = chunk * CHUNK + u / (CHANNEL_LANES * ROW_VECTORS);
  const u32 row = tap_at(tap / GROUP_CHANNELS, u / TILE_VECTORS % ROW_TAPS) * GROUP_CHANNELS + tap % GROUP_CHANNELS;
  const u32 col = min(channels / 4u + u % TILE_VECTORS, OUT_CHANNELS / 4u - 1u);
  return w[select(0u, row * (OUT_CHANNELS / 4u) + col, u < W_UNITS)];
}

constexpr u32 STEPS = 1u;

constexpr u32 CHUNKS = 1u;

__device__ __forceinline__ void x_keep(u32 u, vec4<f32> v, Array<Array<Array<vec4<f32>, 5>, 3>, 11>& x_tile) {
  const vec3<u32> unit = unit_of(u);
  if (u < X_UNITS) {
    x_tile[unit.x][unit.y][unit.z] = v;
  }
}

__device__ __forceinline__ f32 bias_at(u32 c, const f32* __restrict__ bias) {
  return bias[min(c, OUT_CHANNELS - 1u)];
}

__device__ __forceinline__ vec4<f32> bias_vector(u32 c, const f32* __restrict__ bias) {
  return vec4<f32>{bias_at(c, bias), bias_at(c + 1u, bias), bias_at(c + 2u, bias), bias_at(c + 3u, bias)};
}

constexpr u32 LANE_POSITIONS = 4u;

constexpr u32 OUT_W = 6u;

__device__ __forceinline__ u32 residual_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 360u + c + h * 72u + w_2 * 12u;
}

__device__ __forceinline__ vec4<f32> residual_at(u32 n, u32 c, u32 d, u32 h, u32 w_2, const vec4<f32>* __restrict__ residual) {
  return residual[residual_index(n, c, d, h, w_2) / 4u];
}

__device__ __forceinline__ u32 y_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 360u + c + h * 72u + w_2 * 12u;
}

__device__ __forceinline__ f32 activation(f32 x_2) {
  return select(x_2, 0.0f, x_2 < 0.0f);
}

__device__ __forceinline__ void put(u32 n, u32 c, u32 d, u32 h, u32 w_2, vec4<f32> v, const vec4<f32>* __restrict__ residual, vec4<f32>* __restrict__ y) {
  const vec4<f32> sum = v + residual_at(n, c, d, h, w_2, residual);
  y[y_index(n, c, d, h, w_2) / 4u] = vec4<f32>{activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w)};
}

extern "C" __global__ void __launch_bounds__(30) lanewise_kernel_conv_nhwc_stem_4x4_t64k9s1p1_f32(const f32* __restrict__ x, const vec4<f32>* __restrict__ w, const f32* __restrict__ bias, const vec4<f32>* __restrict__ residual, vec4<f32>* __restrict__ y) {
  wait_for_earlier_kernels();
  __shared__ Array<Array<Array<vec4<f32>, 3>, 3>, 9> w_tile;
  __shared__ Array<Array<Array<vec4<f32>, 5>, 3>, 11> x_tile;
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 t = threadIdx.x;
  const u32 group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) {
    return;
  }
  const u32 channels = group % CHANNEL_TILES * TILE_CHANNELS;
  const u32 first = group / CHANNEL_TILES * TILES_EACH;
  const u32 own = t / CHANNEL_STEP % (CHANNEL_LANES / CHANNEL_PAIR) * CHANNEL_PAIR + t % CHANNEL_PAIR;
  const u32 along = t / ALONG_STEP % (ALONG_LANES / ALONG_PAIR) * ALONG_PAIR + t % ALONG_PAIR;
  const u32 outer = t / OUTER_STEP % (OUTER_LANES / OUTER_PAIR) * OUTER_PAIR + t % OUTER_PAIR;
  const u32 at_ = along * LANE_COLUMNS;
  vec4<f32> s0_0 = vec4<f32>{};
  vec4<f32> s1_0 = vec4<f32>{};
  vec4<f32> s2_0 = vec4<f32>{};
  vec4<f32> s3_0 = vec4<f32>{};
  vec4<f32> x_held0 = x_load(first, 0u, t + 0u * THREADS, x);
  vec4<f32> x_held1 = x_load(first, 0u, t + 1u * THREADS, x);
  vec4<f32> x_held2 = x_load(first, 0u, t + 2u * THREADS, x);
  vec4<f32> x_held3 = x_load(first, 0u, t + 3u * THREADS, x);
  vec4<f32> x_held4 = x_load(first, 0u, t + 4u * THREADS, x);
  vec4<f32> x_held5 = x_load(first, 0u, t + 5u * THREADS, x);
  w_keep(t + 0u * THREADS, w_load(channels, 0u, t + 0u * THREADS, w), w_tile);
  w_keep(t + 1u * THREADS, w_load(channels, 0u, t + 1u * THREADS, w), w_tile);
  w_keep(t + 2u * THREADS, w_load(channels, 0u, t + 2u * THREADS, w), w_tile);
#pragma unroll
  for (u32 k = 0u; k < STEPS; k += 1u) {
    const u32 tile = first + k / CHUNKS;
    x_keep(t + 0u * THREADS, x_held0, x_tile);
    x_keep(t + 1u * THREADS, x_held1, x_tile);
    x_keep(t + 2u * THREADS, x_held2, x_tile);
    x_keep(t + 3u * THREADS, x_held3, x_tile);
    x_keep(t + 4u * THREADS, x_held4, x_tile);
    x_keep(t + 5u * THREADS, x_held5, x_tile);
    __syncthreads();
    if (k + 1u < STEPS) {
      const u32 next = first + (k + 1u) / CHUNKS;
      const u32 chunk = (k + 1u) % CHUNKS;
      x_held0 = x_load(next, chunk, t + 0u * THREADS, x);
      x_held1 = x_load(next, chunk, t + 1u * THREADS, x);
      x_held2 = x_load(next, chunk, t + 2u * THREADS, x);
      x_held3 = x_load(next, chunk, t + 3u * THREADS, x);
      x_held4 = x_load(next, chunk, t + 4u * THREADS, x);
      x_held5 = x_load(next, chunk, t + 5u * THREADS, x);
    }
    if (k % CHUNKS == 0u) {
      const vec4<f32> b0 = bias_vector(channels + own * 4u, bias);
      s0_0 = b0;
      s1_0 = b0;
      s2_0 = b0;
      s3_0 = b0;
    }
    {
      const vec4<f32> x0 = x_tile[outer * STRIDE_H + 0u / 3u][0u % 3u][at_ + 0u];
      const vec4<f32> x1 = x_tile[outer * STRIDE_H + 0u / 3u][0u % 3u][at_ + 1u];
      const vec4<f32> x2 = x_tile[outer * STRIDE_H + 0u / 3u][0u % 3u][at_ + 2u];
      const vec4<f32> w0_0 = w_tile[0u][0u][own];
      s0_0 = s0_0 + x0.x * w0_0;
      s1_0 = s1_0 + x0.z * w0_0;
      s2_0 = s2_0 + x1.x * w0_0;
      s3_0 = s3_0 + x1.z * w0_0;
      const vec4<f32> w1_0 = w_tile[0u][1u][own];
      s0_0 = s0_0 + x0.y * w1_0;
      s1_0 = s1_0 + x0.w * w1_0;
      s2_0 = s2_0 + x1.y * w1_0;
      s3_0 = s3_0 + x1.w * w1_0;
      const vec4<f32> w2_0 = w_tile[0u][2u][own];
      s0_0 = s0_0 + x0.z * w2_0;
      s1_0 = s1_0 + x1.x * w2_0;
      s2_0 = s2_0 + x1.z * w2_0;
      s3_0 = s3_0 + x2.x * w2_0;
    }
    {
      const vec4<f32> x0 = x_tile[outer * STRIDE_H + 1u / 3u][1u % 3u][at_ + 0u];
      const vec4<f32> x1 = x_tile[outer * STRIDE_H + 1u / 3u][1u % 3u][at_ + 1u];
      const vec4<f32> x2 = x_tile[outer * STRIDE_H + 1u / 3u][1u % 3u][at_ + 2u];
      const vec4<f32> w0_0 = w_tile[1u][0u][own];
      s0_0 = s0_0 + x0.x * w0_0;
      s1_0 = s1_0 + x0.z * w0_0;
      s2_0 = s2_0 + x1.x * w0_0;
      s3_0 = s3_0 + x1.z * w0_0;
      const vec4<f32> w1_0 = w_tile[1u][1u][own];
      s0_0 = s0_0 + x0.y * w1_0;
      s1_0 = s1_0 + x0.w * w1_0;
      s2_0 = s2_0 + x1.y * w1_0;
      s3_0 = s3_0 + x1.w * w1_0;
      const vec4<f32> w2_0 = w_tile[1u][2u][own];
      s0_0 = s0_0 + x0.z * w2_0;
      s1_0 = s1_0 + x1.x * w2_0;
      s2_0 = s2_0 + x1.z * w2_0;
      s3_0 = s3_0 + x2.x * w2_0;
    }
    {
      const vec4<f32> x0 = x_tile[outer * STRIDE_H + 2u / 3u][2u % 3u][at_ + 0u];
      const vec4<f32> x1 = x_tile[outer * STRIDE_H + 2u / 3u][2u % 3u][at_ + 1u];
      const vec4<f32> x2 = x_tile[outer * STRIDE_H + 2u / 3u][2u % 3u][at_ + 2u];
      const vec4<f32> w0_0 = w_tile[2u][0u][own];
      s0_0 = s0_0 + x0.x * w0_0;
      s1_0 = s1_0 + x0.z * w0_0;
      s2_0 = s2_0 + x1.x * w0_0;
      s3_0 = s3_0 + x1.z * w0_0;
      const vec4<f32> w1_0 = w_tile[2u][1u][own];
      s0_0 = s0_0 + x0.y * w1_0;
      s1_0 = s1_0 + x0.w * w1_0;
      s2_0 = s2_0 + x1.y * w1_0;
      s3_0 = s3_0 + x1.w * w1_0;
      const vec4<f32> w2_0 = w_tile[2u][2u][own];
      s0_0 = s0_0 + x0.z * w2_0;
      s1_0 = s1_0 + x1.x * w2_0;
      s2_0 = s2_0 + x1.z * w2_0;
      s3_0 = s3_0 + x2.x * w2_0;
    }
    {
      const vec4<f32> x0 = x_tile[outer * STRIDE_H + 3u / 3u][3u % 3u][at_ + 0u];
      const vec4<f32> x1 = x_tile[outer * STRIDE_H + 3u / 3u][3u % 3u][at_ + 1u];
      const vec4<f32> x2 = x_tile[outer * STRIDE_H + 3u / 3u][3u % 3u][at_ + 2u];
      const vec4<f32> w0_0 = w_tile[3u][0u][own];
      s0_0 = s0_0 + x0.x * w0_0;
      s1_0 = s1_0 + x0.z * w0_0;
      s2_0 = s2_0 + x1.x * w0_0;
      s3_0 = s3_0 + x1.z * w0_0;
      const vec4<f32> w1_0 = w_tile[3u][1u][own];
      s0_0 = s0_0 + x0.y * w1_0;
      s1_0 = s1_0 + x0.w * w1_0;
      s2_0 = s2_0 + x1.y * w1_0;
      s3_0 = s3_0 + x1.w * w1_0;
      const vec4<f32> w2_0 = w_tile[3u][2u][own];
      s0_0 = s0_0 + x0.z * w2_0;
      s1_0 = s1_0 + x1.x * w2_0;
      s2_0 = s2_0 + x1.z * w2_0;
      s3_0 = s3_0 + x2.x * w2_0;
    }
    {
      const vec4<f32> x0 = x_tile[outer * STRIDE_H + 4u / 3u][4u % 3u][at_ + 0u];
      const vec4<f32> x1 = x_tile[outer * STRIDE_H + 4u / 3u][4u % 3u][at_ + 1u];
      const vec4<f32> x2 = x_tile[outer * STRIDE_H + 4u / 3u][4u % 3u][at_ + 2u];
      const vec4<f32> w0_0 = w_tile[4u][0u][own];
      s0_0 = s0_0 + x0.x * w0_0;
      s1_0 = s1_0 + x0.z * w0_0;
      s2_0 = s2_0 + x1.x * w0_0;
      s3_0 = s3_0 + x1.z * w0_0;
      const vec4<f32> w1_0 = w_tile[4u][1u][own];
      s0_0 = s0_0 + x0.y * w1_0;
      s1_0 = s1_0 + x0.w * w1_0;
      s2_0 = s2_0 + x1.y * w1_0;
      s3_0 = s3_0 + x1.w * w1_0;
      const vec4<f32> w2_0 = w_tile[4u][2u][own];
      s0_0 = s0_0 + x0.z * w2_0;
      s1_0 = s1_0 + x1.x * w2_0;
      s2_0 = s2_0 + x1.z * w2_0;
      s3_0 = s3_0 + x2.x * w2_0;
    }
    {
      const vec4<f32> x0 = x_tile[outer * STRIDE_H + 5u / 3u][5u % 3u][at_ + 0u];
      const vec4<f32> x1 = x_tile[outer * STRIDE_H + 5u / 3u][5u % 3u][at_ + 1u];
      const vec4<f32> x2 = x_tile[outer * STRIDE_H + 5u / 3u][5u % 3u][at_ + 2u];
      const vec4<f32> w0_0 = w_tile[5u][0u][own];
      s0_0 = s0_0 + x0.x * w0_0;
      s1_0 = s1_0 + x0.z * w0_0;
      s2_0 = s2_0 + x1.x * w0_0;
      s3_0 = s3_0 + x1.z * w0_0;
      const vec4<f32> w1_0 = w_tile[5u][1u][own];
      s0_0 = s0_0 + x0.y * w1_0;
      s1_0 = s1_0 + x0.w * w1_0;
      s2_0 = s2_0 + x1.y * w1_0;
      s3_0 = s3_0 + x1.w * w1_0;
      const vec4<f32> w2_0 = w_tile[5u][2u][own];
      s0_0 = s0_0 + x0.z * w2_0;
      s1_0 = s1_0 + x1.x * w2_0;
      s2_0 = s2_0 + x1.z * w2_0;
      s3_0 = s3_0 + x2.x * w2_0;
    }
    {
      const vec4<f32> x0 = x_tile[outer * STRIDE_H + 6u / 3u][6u % 3u][at_ + 0u];
      const vec4<f32> x1 = x_tile[outer * STRIDE_H + 6u / 3u][6u % 3u][at_ + 1u];
      const vec4<f32> x2 = x_tile[outer * STRIDE_H + 6u / 3u][6u % 3u][at_ + 2u];
      const vec4<f32> w0_0 = w_tile[6u][0u][own];
      s0_0 = s0_0 + x0.x * w0_0;
      s1_0 = s1_0 + x0.z * w0_0;
      s2_0 = s2_0 + x1.x * w0_0;
      s3_0 = s3_0 + x1.z * w0_0;
      const vec4<f32> w1_0 = w_tile[6u][1u][own];
      s0_0 = s0_0 + x0.y * w1_0;
      s1_0 = s1_0 + x0.w * w1_0;
      s2_0 = s2_0 + x1.y * w1_0;
      s3_0 = s3_0 + x1.w * w1_0;
      const vec4<f32> w2_0 = w_tile[6u][2u][own];
      s0_0 = s0_0 + x0.z * w2_0;
      s1_0 = s1_0 + x1.x * w2_0;
      s2_0 = s2_0 + x1.z * w2_0;
      s3_0 = s3_0 + x2.x * w2_0;
    }
    {
      const vec4<f32> x0 = x_tile[outer * STRIDE_H + 7u / 3u][7u % 3u][at_ + 0u];
      const vec4<f32> x1 = x_tile[outer * STRIDE_H + 7u / 3u][7u % 3u][at_ + 1u];
      const vec4<f32> x2 = x_tile[outer * STRIDE_H + 7u / 3u][7u % 3u][at_ + 2u];
      const vec4<f32> w0_0 = w_tile[7u][0u][own];
      s0_0 = s0_0 + x0.x * w0_0;
      s1_0 = s1_0 + x0.z * w0_0;
      s2_0 = s2_0 + x1.x * w0_0;
      s3_0 = s3_0 + x1.z * w0_0;
      const vec4<f32> w1_0 = w_tile[7u][1u][own];
      s0_0 = s0_0 + x0.y * w1_0;
      s1_0 = s1_0 + x0.w * w1_0;
      s2_0 = s2_0 + x1.y * w1_0;
      s3_0 = s3_0 + x1.w * w1_0;
      const vec4<f32> w2_0 = w_tile[7u][2u][own];
      s0_0 = s0_0 + x0.z * w2_0;
      s1_0 = s1_0 + x1.x * w2_0;
      s2_0 = s2_0 + x1.z * w2_0;
      s3_0 = s3_0 + x2.x * w2_0;
    }
    {
      const vec4<f32> x0 = x_tile[outer * STRIDE_H + 8u / 3u][8u % 3u][at_ + 0u];
      const vec4<f32> x1 = x_tile[outer * STRIDE_H + 8u / 3u][8u % 3u][at_ + 1u];
      const vec4<f32> x2 = x_tile[outer * STRIDE_H + 8u / 3u][8u % 3u][at_ + 2u];
      const vec4<f32> w0_0 = w_tile[8u][0u][own];
      s0_0 = s0_0 + x0.x * w0_0;
      s1_0 = s1_0 + x0.z * w0_0;
      s2_0 = s2_0 + x1.x * w0_0;
      s3_0 = s3_0 + x1.z * w0_0;
      const vec4<f32> w1_0 = w_tile[8u][1u][own];
      s0_0 = s0_0 + x0.y * w1_0;
      s1_0 = s1_0 + x0.w * w1_0;
      s2_0 = s2_0 + x1.y * w1_0;
      s3_0 = s3_0 + x1.w * w1_0;
      const vec4<f32> w2_0 = w_tile[8u][2u][own];
      s0_0 = s0_0 + x0.z * w2_0;
      s1_0 = s1_0 + x1.x * w2_0;
      s2_0 = s2_0 + x1.z * w2_0;
      s3_0 = s3_0 + x2.x * w2_0;
    }
    if (k % CHUNKS == CHUNKS - 1u) {
      const Place p = place_of(tile, outer);
      const u32 w_2 = p.w + along * LANE_POSITIONS;
      const u32 c0 = channels + own * 4u;
      if (p.inside && c0 < OUT_CHANNELS) {
        if (w_2 + 0u < OUT_W) {
          put(p.n, c0, 0u, p.h, w_2 + 0u, s0_0, residual, y);
        }
        if (w_2 + 1u < OUT_W) {
          put(p.n, c0, 0u, p.h, w_2 + 1u, s1_0, residual, y);
        }
        if (w_2 + 2u < OUT_W) {
          put(p.n, c0, 0u, p.h, w_2 + 2u, s2_0, residual, y);
        }
        if (w_2 + 3u < OUT_W) {
          put(p.n, c0, 0u, p.h, w_2 + 3u, s3_0, residual, y);
        }
      }
    }
    __syncthreads();
  }
}

}  // namespace kernel_conv_nhwc_stem_4x4_t64k9s1p1_f32
}  // namespace lanewise
