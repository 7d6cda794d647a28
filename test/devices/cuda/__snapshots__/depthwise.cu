namespace lanewise {
namespace kernel_conv_nhwc_depthwise_patch2x2_f32 {

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

constexpr u32 OWN_COLUMNS = 5u;

constexpr u32 STRIP_GROUPS = 1u;

constexpr u32 OWN_STRIPS = 4u;

constexpr u32 OWN_PLANES = 1u;

constexpr u32 LANES = 4u;

constexpr u32 COLUMNS = 5u;

constexpr u32 STRIPS = 4u;

constexpr u32 PLANES = 8u;

constexpr u32 LANE_N = 0u;

constexpr u32 PLANE_C = 1u;

constexpr u32 LANE_C = 4u;

constexpr u32 STEP_C = 0u;

constexpr u32 PATCH_H = 2u;

constexpr u32 PATCH_W = 2u;

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

constexpr u32 GRID_X = 8u;

__device__ __forceinline__ u32 x_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 252u + c / 4u + h * 36u + w_2 * 4u;
}

constexpr u32 MULTIPLIER = 1u;

__device__ __forceinline__ vec4<f32> wide(vec4<f32> v) {
  return v;
}

__device__ __forceinline__ vec4<f32> weight(u32 tap, u32 c, const vec4<f32>* __restrict__ w) {
  return wide(w[(tap * 16u + c) / 4u]);
}

__device__ __forceinline__ vec4<f32> bias_of(u32 c, const vec4<f32>* __restrict__ bias) {
  return wide(bias[c / 4u]);
}

constexpr bool LEAVES_W = true;

constexpr u32 IN_W = 9u;

constexpr bool LEAVES_H = true;

constexpr u32 IN_H = 7u;

constexpr u32 X_ROW = 36u;

__device__ __forceinline__ vec4<f32> x_at(bool inside, u32 at_, const vec4<f32>* __restrict__ x) {
  if (!inside) {
    return vec4<f32>{};
  }
  return wide(x[at_]);
}

constexpr u32 X_COLUMN = 4u;

__device__ __forceinline__ vec4<f32> madd(vec4<f32> sum, vec4<f32> weight_2, vec4<f32> v) {
  return sum + weight_2 * v;
}

constexpr u32 OUT_H = 7u;

constexpr u32 OUT_W = 9u;

__device__ __forceinline__ u32 y_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 252u + c / 4u + h * 36u + w_2 * 4u;
}

__device__ __forceinline__ vec4<f32> narrow(vec4<f32> v) {
  return v;
}

constexpr f32 activation_min = 0.0f;

constexpr f32 activation_max = 0.5f;

__device__ __forceinline__ f32 activation(f32 x_2) {
  const f32 raised = select(x_2, activation_min, x_2 < activation_min);
  return select(raised, activation_max, raised > activation_max);
}

__device__ __forceinline__ vec4<f32> activated(vec4<f32> v) {
  return vec4<f32>{activation(v.x), activation(v.y), activation(v.z), activation(v.w)};
}

__device__ __forceinline__ vec4<f32> added(vec4<f32> sum, u32 n, u32 c, u32 h, u32 w_2) {
  return sum;
}

__device__ __forceinline__ void put(u32 n, u32 c, u32 h, u32 w_2, vec4<f32> sum, vec4<f32>* __restrict__ y) {
  if (h >= OUT_H || w_2 >= OUT_W) {
    return;
  }
  y[y_index(n, c, 0u, h, w_2)] = narrow(activated(added(sum, n, c, h, w_2)));
}

__device__ __forceinline__ void compute_patch(Place p, u32 at_, const vec4<f32>* __restrict__ w, const vec4<f32>* __restrict__ bias, const vec4<f32>* __restrict__ x, vec4<f32>* __restrict__ y) {
  const vec4<f32> w0 = weight(0u, p.c, w);
  const vec4<f32> w1 = weight(1u, p.c, w);
  const vec4<f32> w2 = weight(2u, p.c, w);
  const vec4<f32> w3 = weight(3u, p.c, w);
  const vec4<f32> w4 = weight(4u, p.c, w);
  const vec4<f32> w5 = weight(5u, p.c, w);
  const vec4<f32> w6 = weight(6u, p.c, w);
  const vec4<f32> w7 = weight(7u, p.c, w);
  const vec4<f32> w8 = weight(8u, p.c, w);
  vec4<f32> sum0_0 = bias_of(p.c, bias);
  vec4<f32> sum0_1 = bias_of(p.c, bias);
  vec4<f32> sum1_0 = bias_of(p.c, bias);
  vec4<f32> sum1_1 = bias_of(p.c, bias);
  const bool in0 = !LEAVES_W || p.w + 0u < IN_W;
  const bool in1 = !LEAVES_W || p.w + 1u < IN_W;
  const bool in2 = !LEAVES_W || p.w + 2u < IN_W;
  const bool in3 = !LEAVES_W || p.w + 3u < IN_W;
  {
    const bool inside = !LEAVES_H || p.h + 0u < IN_H;
    const u32 row = at_ + 0u * X_ROW;
    const vec4<f32> x0 = x_at(inside && in0, row + 0u * X_COLUMN, x);
    const vec4<f32> x1 = x_at(inside && in1, row + 1u * X_COLUMN, x);
    const vec4<f32> x2 = x_at(inside && in2, row + 2u * X_COLUMN, x);
    const vec4<f32> x3 = x_at(inside && in3, row + 3u * X_COLUMN, x);
    sum0_0 = madd(sum0_0, w0, x0);
    sum0_0 = madd(sum0_0, w1, x1);
    sum0_1 = madd(sum0_1, w0, x1);
    sum0_0 = madd(sum0_0, w2, x2);
    sum0_1 = madd(sum0_1, w1, x2);
    sum0_1 = madd(sum0_1, w2, x3);
  }
  {
    const bool inside = !LEAVES_H || p.h + 1u < IN_H;
    const u32 row = at_ + 1u * X_ROW;
    const vec4<f32> x0 = x_at(inside && in0, row + 0u * X_COLUMN, x);
    const vec4<f32> x1 = x_at(inside && in1, row + 1u * X_COLUMN, x);
    const vec4<f32> x2 = x_at(inside && in2, row + 2u * X_COLUMN, x);
    const vec4<f32> x3 = x_at(inside && in3, row + 3u * X_COLUMN, x);
    sum0_0 = madd(sum0_0, w3, x0);
    sum0_0 = madd(sum0_0, w4, x1);
    sum0_1 = madd(sum0_1, w3, x1);
    sum0_0 = madd(sum0_0, w5, x2);
    sum0_1 = madd(sum0_1, w4, x2);
    sum0_1 = madd(sum0_1, w5, x3);
    sum1_0 = madd(sum1_0, w0, x0);
    sum1_0 = madd(sum1_0, w1, x1);
    sum1_1 = madd(sum1_1, w0, x1);
    sum1_0 = madd(sum1_0, w2, x2);
    sum1_1 = madd(sum1_1, w1, x2);
    sum1_1 = madd(sum1_1, w2, x3);
  }
  {
    const bool inside = !LEAVES_H || p.h + 2u < IN_H;
    const u32 row = at_ + 2u * X_ROW;
    const vec4<f32> x0 = x_at(inside && in0, row + 0u * X_COLUMN, x);
    const vec4<f32> x1 = x_at(inside && in1, row + 1u * X_COLUMN, x);
    const vec4<f32> x2 = x_at(inside && in2, row + 2u * X_COLUMN, x);
    const vec4<f32> x3 = x_at(inside && in3, row + 3u * X_COLUMN, x);
    sum0_0 = madd(sum0_0, w6, x0);
    sum0_0 = madd(sum0_0, w7, x1);
    sum0_1 = madd(sum0_1, w6, x1);
    sum0_0 = madd(sum0_0, w8, x2);
    sum0_1 = madd(sum0_1, w7, x2);
    sum0_1 = madd(sum0_1, w8, x3);
    sum1_0 = madd(sum1_0, w3, x0);
    sum1_0 = madd(sum1_0, w4, x1);
    sum1_1 = madd(sum1_1, w3, x1);
    sum1_0 = madd(sum1_0, w5, x2);
    sum1_1 = madd(sum1_1, w4, x2);
    sum1_1 = madd(sum1_1, w5, x3);
  }
  {
    const bool inside = !LEAVES_H || p.h + 3u < IN_H;
    const u32 row = at_ + 3u * X_ROW;
    const vec4<f32> x0 = x_at(inside && in0, row + 0u * X_COLUMN, x);
    const vec4<f32> x1 = x_at(inside && in1, row + 1u * X_COLUMN, x);
    const vec4<f32> x2 = x_at(inside && in2, row + 2u * X_COLUMN, x);
    const vec4<f32> x3 = x_at(inside && in3, row + 3u * X_COLUMN, x);
    sum1_0 = madd(sum1_0, w6, x0);
    sum1_0 = madd(sum1_0, w7, x1);
    sum1_1 = madd(sum1_1, w6, x1);
    sum1_0 = madd(sum1_0, w8, x2);
    sum1_1 = madd(sum1_1, w7, x2);
    sum1_1 = madd(sum1_1, w8, x3);
  }
  put(p.n, p.c, p.oh + 0u, p.ow + 0u, sum0_0, y);
  put(p.n, p.c, p.oh + 0u, p.ow + 1u, sum0_1, y);
  put(p.n, p.c, p.oh + 1u, p.ow + 0u, sum1_0, y);
  put(p.n, p.c, p.oh + 1u, p.ow + 1u, sum1_1, y);
}

extern "C" __global__ void __launch_bounds__(80) lanewise_kernel_conv_nhwc_depthwise_patch2x2_f32(const vec4<f32>* __restrict__ x, const vec4<f32>* __restrict__ w, const vec4<f32>* __restrict__ bias, vec4<f32>* __restrict__ y) {
  wait_for_earlier_kernels();
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 t = threadIdx.x;
  const Place place = place_of(wid.x + wid.y * GRID_X, t);
  if (!place.used) {
    return;
  }
  const u32 plane = x_index(place.n, place.c / MULTIPLIER, 0u, 0u, 0u);
  compute_patch(place, plane + place.h * X_ROW + place.w * X_COLUMN, w, bias, x, y);
}

}  // namespace kernel_conv_nhwc_depthwise_patch2x2_f32
}  // namespace lanewise
