namespace lanewise {
namespace kernel_conv_nhwc_winograd_f4x4_t32x32x16r4_f32_weights {

constexpr u32 GRID_X = 1u;

constexpr u32 WORKGROUP = 128u;

constexpr u32 COUNT = 24u;

struct Place {
  u32 at_;
};

__device__ __forceinline__ Place place_of(u32 i) {
  return Place{i};
}

__device__ __forceinline__ bool is_tile(Place p) {
  return true;
}

struct Three {
  vec4<f32> a;
  vec4<f32> b;
  vec4<f32> c;
};

struct Six {
  vec4<f32> a;
  vec4<f32> b;
  vec4<f32> c;
  vec4<f32> d;
  vec4<f32> e;
  vec4<f32> f;
};

__device__ __forceinline__ Six weights_line(Three g) {
  const f32 scale = 0.42666668f;
  const vec4<f32> near = scale * (g.a / -0.390625f - g.c);
  const vec4<f32> near_odd = scale / 0.625f * g.b;
  const vec4<f32> far = scale * (g.a / 1.5625f + g.c);
  const vec4<f32> far_odd = scale / 1.25f * g.b;
  return Six{g.a / 0.61035156f, near - near_odd, near + near_odd, far + far_odd, far - far_odd, g.c};
}

constexpr u32 PLANE = 24u;

__device__ __forceinline__ vec4<f32> load(Place p, u32 i, u32 j, const vec4<f32>* __restrict__ w) {
  return w[(i * 3u + j) * PLANE + p.at_];
}

__device__ __forceinline__ Three column(Place p, u32 j, const vec4<f32>* __restrict__ w) {
  return Three{load(p, 0u, j, w), load(p, 1u, j, w), load(p, 2u, j, w)};
}

constexpr u32 SIDE = 6u;

__device__ __forceinline__ void put(Place p, u32 i, u32 j, vec4<f32> value, vec4<f32>* __restrict__ u) {
  u[(i * SIDE + j) * PLANE + p.at_] = value;
}

__device__ __forceinline__ void put_row(Place p, u32 i, Six row, vec4<f32>* __restrict__ u) {
  put(p, i, 0u, row.a, u);
  put(p, i, 1u, row.b, u);
  put(p, i, 2u, row.c, u);
  put(p, i, 3u, row.d, u);
  put(p, i, 4u, row.e, u);
  put(p, i, 5u, row.f, u);
}

__device__ __forceinline__ void transform_tile(Place p, const vec4<f32>* __restrict__ w, vec4<f32>* __restrict__ u) {
  const Six q0 = weights_line(column(p, 0u, w));
  const Six q1 = weights_line(column(p, 1u, w));
  const Six q2 = weights_line(column(p, 2u, w));
  put_row(p, 0u, weights_line(Three{q0.a, q1.a, q2.a}), u);
  put_row(p, 1u, weights_line(Three{q0.b, q1.b, q2.b}), u);
  put_row(p, 2u, weights_line(Three{q0.c, q1.c, q2.c}), u);
  put_row(p, 3u, weights_line(Three{q0.d, q1.d, q2.d}), u);
  put_row(p, 4u, weights_line(Three{q0.e, q1.e, q2.e}), u);
  put_row(p, 5u, weights_line(Three{q0.f, q1.f, q2.f}), u);
}

extern "C" __global__ void __launch_bounds__(128) lanewise_kernel_conv_nhwc_winograd_f4x4_t32x32x16r4_f32_weights(const vec4<f32>* __restrict__ w, vec4<f32>* __restrict__ u) {
  wait_for_earlier_kernels();
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 lane = threadIdx.x;
  const u32 i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i < COUNT) {
    const Place p = place_of(i);
    if (is_tile(p)) {
      transform_tile(p, w, u);
    }
  }
}

}  // namespace kernel_conv_nhwc_winograd_f4x4_t32x32x16r4_f32_weights
}  // namespace lanewise
