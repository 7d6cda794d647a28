namespace lanewise {
namespace kernel_conv_nhwc_grouped_patch2x4_f32 {

struct Place {
  bool used;
  u32 n;
  u32 c;
  u32 oh;
  u32 ow;
  u32 h;
  u32 w;
};

constexpr u32 LANE_GROUPS = 1u;

constexpr u32 OWN_LANES = 4u;

constexpr u32 COLUMN_GROUPS = 1u;

constexpr u32 OWN_COLUMNS = 2u;

constexpr u32 STRIP_GROUPS = 1u;

constexpr u32 OWN_STRIPS = 3u;

constexpr u32 OWN_PLANES = 4u;

constexpr u32 LANES = 4u;

constexpr u32 COLUMNS = 2u;

constexpr u32 STRIPS = 3u;

constexpr u32 PLANES = 4u;

constexpr u32 LANE_N = 0u;

constexpr u32 PLANE_C = 1u;

constexpr u32 LANE_C = 4u;

constexpr u32 STEP_C = 0u;

constexpr u32 PATCH_H = 2u;

constexpr u32 PATCH_W = 4u;

constexpr u32 STRIDE_H = 1u;

constexpr u32 PAD_H = 1u;

constexpr u32 STRIDE_W = 1u;

constexpr u32 PAD_W = 1u;

__device__ __forceinline__ Place place_of(u32 group, u32 t) {
  const u32 lane = group % LANE_GROUPS * OWN_LANES + t % OWN_LANES;
  const u32 column = group / LANE_GROUPS % COLUMN_GROUPS * OWN_COLUMNS + t / OWN_LANES % OWN_COLUMNS;
  const u32 strip = group / (LANE_GROUPS * COLUMN_GROUPS) % STRIP_GROUPS * OWN_STRIPS + t / (OWN_LANES * OWN_COLUMNS) % OWN_STRIPS;
  const u32 plane = group / (LANE_GROUPS * COLUMN_GROUPS * STRIP_GROUPS) * OWN_PLANES + t / (OWN_LANES * OWN_COLUMNS * OWN_STRIPS);
  return Place{lane < LANES && column < COLUMNS && strip < STRIPS && plane < PLANES, lane * LANE_N + plane / PLANE_C, lane * LANE_C + plane % PLANE_C * STEP_C, strip * PATCH_H, column * PATCH_W, strip * PATCH_H * STRIDE_H - PAD_H, column * PATCH_W * STRIDE_W - PAD_W};
}

constexpr u32 GRID_X = 1u;

constexpr u32 GROUP_OUT = 4u;

constexpr u32 GROUP_CHANNELS = 4u;

constexpr bool LEAVES_W = true;

constexpr u32 IN_W = 7u;

constexpr u32 X_CHANNELS = 4u;

__device__ __forceinline__ u32 x_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 140u + c / 4u + h * 28u + w_2 * 4u;
}

constexpr u32 X_ROW = 28u;

constexpr u32 X_COLUMN = 4u;

constexpr bool LEAVES_H = true;

constexpr u32 IN_H = 5u;

__device__ __forceinline__ vec4<f32> x_at(bool inside, u32 at_, const vec4<f32>* __restrict__ x) {
  if (!inside) {
    return vec4<f32>{};
  }
  return x[at_];
}

constexpr u32 OUT_CHANNELS = 16u;

__device__ __forceinline__ vec4<f32> weights(u32 tap, u32 ci, u32 c, const vec4<f32>* __restrict__ w) {
  return w[((tap * GROUP_CHANNELS + ci) * OUT_CHANNELS + c) / 4u];
}

constexpr u32 OUT_H = 6u;

constexpr u32 OUT_W = 7u;

__device__ __forceinline__ u32 residual_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 168u + c / 4u + h * 28u + w_2 * 4u;
}

__device__ __forceinline__ vec4<f32> residual_at(u32 n, u32 c, u32 h, u32 w_2, const vec4<f32>* __restrict__ residual) {
  return residual[residual_index(n, c, 0u, h, w_2)];
}

__device__ __forceinline__ f32 bias_at(u32 c, const f32* __restrict__ bias) {
  return bias[min(c, OUT_CHANNELS - 1u)];
}

__device__ __forceinline__ u32 y_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 168u + c / 4u + h * 28u + w_2 * 4u;
}

__device__ __forceinline__ f32 activation(f32 x_2) {
  return select(x_2, 0.0f, x_2 < 0.0f);
}

__device__ __forceinline__ void put(u32 n, u32 c, u32 h, u32 w_2, vec4<f32> v, const vec4<f32>* __restrict__ residual, const f32* __restrict__ bias, vec4<f32>* __restrict__ y) {
  if (h >= OUT_H || w_2 >= OUT_W) {
    return;
  }
  const vec4<f32> sum = v + residual_at(n, c, h, w_2, residual) + vec4<f32>{bias_at(c, bias), bias_at(c + 1u, bias), bias_at(c + 2u, bias), bias_at(c + 3u, bias)};
  y[y_index(n, c, 0u, h, w_2)] = vec4<f32>{activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w)};
}

__device__ __forceinline__ void compute_patch(Place p, const vec4<f32>* __restrict__ x, const vec4<f32>* __restrict__ w, const vec4<f32>* __restrict__ residual, const f32* __restrict__ bias, vec4<f32>* __restrict__ y) {
  const u32 first = p.c / GROUP_OUT * GROUP_CHANNELS;
  vec4<f32> sum0_0_0 = vec4<f32>{};
  vec4<f32> sum0_1_0 = vec4<f32>{};
  vec4<f32> sum0_2_0 = vec4<f32>{};
  vec4<f32> sum0_3_0 = vec4<f32>{};
  vec4<f32> sum1_0_0 = vec4<f32>{};
  vec4<f32> sum1_1_0 = vec4<f32>{};
  vec4<f32> sum1_2_0 = vec4<f32>{};
  vec4<f32> sum1_3_0 = vec4<f32>{};
  const bool in0 = !LEAVES_W || p.w + 0u < IN_W;
  const bool in1 = !LEAVES_W || p.w + 1u < IN_W;
  const bool in2 = !LEAVES_W || p.w + 2u < IN_W;
  const bool in3 = !LEAVES_W || p.w + 3u < IN_W;
  const bool in4 = !LEAVES_W || p.w + 4u < IN_W;
  const bool in5 = !LEAVES_W || p.w + 5u < IN_W;
#pragma unroll
  for (u32 ci = 0u; ci < GROUP_CHANNELS; ci += X_CHANNELS) {
    const u32 at_ = x_index(p.n, first + ci, 0u, 0u, 0u) + p.h * X_ROW + p.w * X_COLUMN;
    {
      const bool inside = !LEAVES_H || p.h + 0u < IN_H;
      const u32 row = at_ + 0u * X_ROW;
      const vec4<f32> x0 = x_at(inside && in0, row + 0u * X_COLUMN, x);
      const vec4<f32> x1 = x_at(inside && in1, row + 1u * X_COLUMN, x);
      const vec4<f32> x2 = x_at(inside && in2, row + 2u * X_COLUMN, x);
      const vec4<f32> x3 = x_at(inside && in3, row + 3u * X_COLUMN, x);
      const vec4<f32> x4 = x_at(inside && in4, row + 4u * X_COLUMN, x);
      const vec4<f32> x5 = x_at(inside && in5, row + 5u * X_COLUMN, x);
      const vec4<f32> w0_0 = weights(0u, ci + 0u, p.c, w);
      const vec4<f32> w0_1 = weights(0u, ci + 1u, p.c, w);
      const vec4<f32> w0_2 = weights(0u, ci + 2u, p.c, w);
      const vec4<f32> w0_3 = weights(0u, ci + 3u, p.c, w);
      const vec4<f32> w1_0 = weights(1u, ci + 0u, p.c, w);
      const vec4<f32> w1_1 = weights(1u, ci + 1u, p.c, w);
      const vec4<f32> w1_2 = weights(1u, ci + 2u, p.c, w);
      const vec4<f32> w1_3 = weights(1u, ci + 3u, p.c, w);
      const vec4<f32> w2_0 = weights(2u, ci + 0u, p.c, w);
      const vec4<f32> w2_1 = weights(2u, ci + 1u, p.c, w);
      const vec4<f32> w2_2 = weights(2u, ci + 2u, p.c, w);
      const vec4<f32> w2_3 = weights(2u, ci + 3u, p.c, w);
      sum0_0_0 = sum0_0_0 + (x0.x * w0_0 + x0.y * w0_1 + x0.z * w0_2 + x0.w * w0_3);
      sum0_0_0 = sum0_0_0 + (x1.x * w1_0 + x1.y * w1_1 + x1.z * w1_2 + x1.w * w1_3);
      sum0_1_0 = sum0_1_0 + (x1.x * w0_0 + x1.y * w0_1 + x1.z * w0_2 + x1.w * w0_3);
      sum0_0_0 = sum0_0_0 + (x2.x * w2_0 + x2.y * w2_1 + x2.z * w2_2 + x2.w * w2_3);
      sum0_1_0 = sum0_1_0 + (x2.x * w1_0 + x2.y * w1_1 + x2.z * w1_2 + x2.w * w1_3);
      sum0_2_0 = sum0_2_0 + (x2.x * w0_0 + x2.y * w0_1 + x2.z * w0_2 + x2.w * w0_3);
      sum0_1_0 = sum0_1_0 + (x3.x * w2_0 + x3.y * w2_1 + x3.z * w2_2 + x3.w * w2_3);
      sum0_2_0 = sum0_2_0 + (x3.x * w1_0 + x3.y * w1_1 + x3.z * w1_2 + x3.w * w1_3);
      sum0_3_0 = sum0_3_0 + (x3.x * w0_0 + x3.y * w0_1 + x3.z * w0_2 + x3.w * w0_3);
      sum0_2_0 = sum0_2_0 + (x4.x * w2_0 + x4.y * w2_1 + x4.z * w2_2 + x4.w * w2_3);
      sum0_3_0 = sum0_3_0 + (x4.x * w1_0 + x4.y * w1_1 + x4.z * w1_2 + x4.w * w1_3);
      sum0_3_0 = sum0_3_0 + (x5.x * w2_0 + x5.y * w2_1 + x5.z * w2_2 + x5.w * w2_3);
    }
    {
      const bool inside = !LEAVES_H || p.h + 1u < IN_H;
      const u32 row = at_ + 1u * X_ROW;
      const vec4<f32> x0 = x_at(inside && in0, row + 0u * X_COLUMN, x);
      const vec4<f32> x1 = x_at(inside && in1, row + 1u * X_COLUMN, x);
      const vec4<f32> x2 = x_at(inside && in2, row + 2u * X_COLUMN, x);
      const vec4<f32> x3 = x_at(inside && in3, row + 3u * X_COLUMN, x);
      const vec4<f32> x4 = x_at(inside && in4, row + 4u * X_COLUMN, x);
      const vec4<f32> x5 = x_at(inside && in5, row + 5u * X_COLUMN, x);
      const vec4<f32> w3_0 = weights(3u, ci + 0u, p.c, w);
      const vec4<f32> w3_1 = weights(3u, ci + 1u, p.c, w);
      const vec4<f32> w3_2 = weights(3u, ci + 2u, p.c, w);
      const vec4<f32> w3_3 = weights(3u, ci + 3u, p.c, w);
      const vec4<f32> w4_0 = weights(4u, ci + 0u, p.c, w);
      const vec4<f32> w4_1 = weights(4u, ci + 1u, p.c, w);
      const vec4<f32> w4_2 = weights(4u, ci + 2u, p.c, w);
      const vec4<f32> w4_3 = weights(4u, ci + 3u, p.c, w);
      const vec4<f32> w5_0 = weights(5u, ci + 0u, p.c, w);
      const vec4<f32> w5_1 = weights(5u, ci + 1u, p.c, w);
      const vec4<f32> w5_2 = weights(5u, ci + 2u, p.c, w);
      const vec4<f32> w5_3 = weights(5u, ci + 3u, p.c, w);
      sum0_0_0 = sum0_0_0 + (x0.x * w3_0 + x0.y * w3_1 + x0.z * w3_2 + x0.w * w3_3);
      sum0_0_0 = sum0_0_0 + (x1.x * w4_0 + x1.y * w4_1 + x1.z * w4_2 + x1.w * w4_3);
      sum0_1_0 = sum0_1_0 + (x1.x * w3_0 + x1.y * w3_1 + x1.z * w3_2 + x1.w * w3_3);
      sum0_0_0 = sum0_0_0 + (x2.x * w5_0 + x2.y * w5_1 + x2.z * w5_2 + x2.w * w5_3);
      sum0_1_0 = sum0_1_0 + (x2.x * w4_0 + x2.y * w4_1 + x2.z * w4_2 + x2.w * w4_3);
      sum0_2_0 = sum0_2_0 + (x2.x * w3_0 + x2.y * w3_1 + x2.z * w3_2 + x2.w * w3_3);
      sum0_1_0 = sum0_1_0 + (x3.x * w5_0 + x3.y * w5_1 + x3.z * w5_2 + x3.w * w5_3);
      sum0_2_0 = sum0_2_0 + (x3.x * w4_0 + x3.y * w4_1 + x3.z * w4_2 + x3.w * w4_3);
      sum0_3_0 = sum0_3_0 + (x3.x * w3_0 + x3.y * w3_1 + x3.z * w3_2 + x3.w * w3_3);
      sum0_2_0 = sum0_2_0 + (x4.x * w5_0 + x4.y * w5_1 + x4.z * w5_2 + x4.w * w5_3);
      sum0_3_0 = sum0_3_0 + (x4.x * w4_0 + x4.y * w4_1 + x4.z * w4_2 + x4.w * w4_3);
      sum0_3_0 = sum0_3_0 + (x5.x * w5_0 + x5.y * w5_1 + x5.z * w5_2 + x5.w * w5_3);
      const vec4<f32> w0_0 = weights(0u, ci + 0u, p.c, w);
      const vec4<f32> w0_1 = weights(0u, ci + 1u, p.c, w);
      const vec4<f32> w0_2 = weights(0u, ci + 2u, p.c, w);
      const vec4<f32> w0_3 = weights(0u, ci + 3u, p.c, w);
      const vec4<f32> w1_0 = weights(1u, ci + 0u, p.c, w);
      const vec4<f32> w1_1 = weights(1u, ci + 1u, p.c, w);
      const vec4<f32> w1_2 = weights(1u, ci + 2u, p.c, w);
      const vec4<f32> w1_3 = weights(1u, ci + 3u, p.c, w);
      const vec4<f32> w2_0 = weights(2u, ci + 0u, p.c, w);
      const vec4<f32> w2_1 = weights(2u, ci + 1u, p.c, w);
      const vec4<f32> w2_2 = weights(2u, ci + 2u, p.c, w);
      const vec4<f32> w2_3 = weights(2u, ci + 3u, p.c, w);
      sum1_0_0 = sum1_0_0 + (x0.x * w0_0 + x0.y * w0_1 + x0.z * w0_2 + x0.w * w0_3);
      sum1_0_0 = sum1_0_0 + (x1.x * w1_0 + x1.y * w1_1 + x1.z * w1_2 + x1.w * w1_3);
      sum1_1_0 = sum1_1_0 + (x1.x * w0_0 + x1.y * w0_1 + x1.z * w0_2 + x1.w * w0_3);
      sum1_0_0 = sum1_0_0 + (x2.x * w2_0 + x2.y * w2_1 + x2.z * w2_2 + x2.w * w2_3);
      sum1_1_0 = sum1_1_0 + (x2.x * w1_0 + x2.y * w1_1 + x2.z * w1_2 + x2.w * w1_3);
      sum1_2_0 = sum1_2_0 + (x2.x * w0_0 + x2.y * w0_1 + x2.z * w0_2 + x2.w * w0_3);
      sum1_1_0 = sum1_1_0 + (x3.x * w2_0 + x3.y * w2_1 + x3.z * w2_2 + x3.w * w2_3);
      sum1_2_0 = sum1_2_0 + (x3.x * w1_0 + x3.y * w1_1 + x3.z * w1_2 + x3.w * w1_3);
      sum1_3_0 = sum1_3_0 + (x3.x * w0_0 + x3.y * w0_1 + x3.z * w0_2 + x3.w * w0_3);
      sum1_2_0 = sum1_2_0 + (x4.x * w2_0 + x4.y * w2_1 + x4.z * w2_2 + x4.w * w2_3);
      sum1_3_0 = sum1_3_0 + (x4.x * w1_0 + x4.y * w1_1 + x4.z * w1_2 + x4.w * w1_3);
      sum1_3_0 = sum1_3_0 + (x5.x * w2_0 + x5.y * w2_1 + x5.z * w2_2 + x5.w * w2_3);
    }
    {
      const bool inside = !LEAVES_H || p.h + 2u < IN_H;
      const u32 row = at_ + 2u * X_ROW;
      const vec4<f32> x0 = x_at(inside && in0, row + 0u * X_COLUMN, x);
      const vec4<f32> x1 = x_at(inside && in1, row + 1u * X_COLUMN, x);
      const vec4<f32> x2 = x_at(inside && in2, row + 2u * X_COLUMN, x);
      const vec4<f32> x3 = x_at(inside && in3, row + 3u * X_COLUMN, x);
      const vec4<f32> x4 = x_at(inside && in4, row + 4u * X_COLUMN, x);
      const vec4<f32> x5 = x_at(inside && in5, row + 5u * X_COLUMN, x);
      const vec4<f32> w3_0 = weights(3u, ci + 0u, p.c, w);
      const vec4<f32> w3_1 = weights(3u, ci + 1u, p.c, w);
      const vec4<f32> w3_2 = weights(3u, ci + 2u, p.c, w);
      const vec4<f32> w3_3 = weights(3u, ci + 3u, p.c, w);
      const vec4<f32> w4_0 = weights(4u, ci + 0u, p.c, w);
      const vec4<f32> w4_1 = weights(4u, ci + 1u, p.c, w);
      const vec4<f32> w4_2 = weights(4u, ci + 2u, p.c, w);
      const vec4<f32> w4_3 = weights(4u, ci + 3u, p.c, w);
      const vec4<f32> w5_0 = weights(5u, ci + 0u, p.c, w);
      const vec4<f32> w5_1 = weights(5u, ci + 1u, p.c, w);
      const vec4<f32> w5_2 = weights(5u, ci + 2u, p.c, w);
      const vec4<f32> w5_3 = weights(5u, ci + 3u, p.c, w);
      sum1_0_0 = sum1_0_0 + (x0.x * w3_0 + x0.y * w3_1 + x0.z * w3_2 + x0.w * w3_3);
      sum1_0_0 = sum1_0_0 + (x1.x * w4_0 + x1.y * w4_1 + x1.z * w4_2 + x1.w * w4_3);
      sum1_1_0 = sum1_1_0 + (x1.x * w3_0 + x1.y * w3_1 + x1.z * w3_2 + x1.w * w3_3);
      sum1_0_0 = sum1_0_0 + (x2.x * w5_0 + x2.y * w5_1 + x2.z * w5_2 + x2.w * w5_3);
      sum1_1_0 = sum1_1_0 + (x2.x * w4_0 + x2.y * w4_1 + x2.z * w4_2 + x2.w * w4_3);
      sum1_2_0 = sum1_2_0 + (x2.x * w3_0 + x2.y * w3_1 + x2.z * w3_2 + x2.w * w3_3);
      sum1_1_0 = sum1_1_0 + (x3.x * w5_0 + x3.y * w5_1 + x3.z * w5_2 + x3.w * w5_3);
      sum1_2_0 = sum1_2_0 + (x3.x * w4_0 + x3.y * w4_1 + x3.z * w4_2 + x3.w * w4_3);
      sum1_3_0 = sum1_3_0 + (x3.x * w3_0 + x3.y * w3_1 + x3.z * w3_2 + x3.w * w3_3);
      sum1_2_0 = sum1_2_0 + (x4.x * w5_0 + x4.y * w5_1 + x4.z * w5_2 + x4.w * w5_3);
      sum1_3_0 = sum1_3_0 + (x4.x * w4_0 + x4.y * w4_1 + x4.z * w4_2 + x4.w * w4_3);
      sum1_3_0 = sum1_3_0 + (x5.x * w5_0 + x5.y * w5_1 + x5.z * w5_2 + x5.w * w5_3);
    }
  }
  put(p.n, p.c + 0u, p.oh + 0u, p.ow + 0u, sum0_0_0, residual, bias, y);
  put(p.n, p.c + 0u, p.oh + 0u, p.ow + 1u, sum0_1_0, residual, bias, y);
  put(p.n, p.c + 0u, p.oh + 0u, p.ow + 2u, sum0_2_0, residual, bias, y);
  put(p.n, p.c + 0u, p.oh + 0u, p.ow + 3u, sum0_3_0, residual, bias, y);
  put(p.n, p.c + 0u, p.oh + 1u, p.ow + 0u, sum1_0_0, residual, bias, y);
  put(p.n, p.c + 0u, p.oh + 1u, p.ow + 1u, sum1_1_0, residual, bias, y);
  put(p.n, p.c + 0u, p.oh + 1u, p.ow + 2u, sum1_2_0, residual, bias, y);
  put(p.n, p.c + 0u, p.oh + 1u, p.ow + 3u, sum1_3_0, residual, bias, y);
}

extern "C" __global__ void __launch_bounds__(96) lanewise_kernel_conv_nhwc_grouped_patch2x4_f32(const vec4<f32>* __restrict__ x, const vec4<f32>* __restrict__ w, const f32* __restrict__ bias, const vec4<f32>* __restrict__ residual, vec4<f32>* __restrict__ y) {
  wait_for_earlier_kernels();
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 t = threadIdx.x;
  const Place place = place_of(wid.x + wid.y * GRID_X, t);
  if (place.used) {
    compute_patch(place, x, w, residual, bias, y);
  }
}

}  // namespace kernel_conv_nhwc_grouped_patch2x4_f32
}  // namespace lanewise
