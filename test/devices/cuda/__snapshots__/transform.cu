namespace lanewise {
namespace kernel_transpose_nchw_tiled_v4v4_2x20x3_f32 {

constexpr u32 GRID_X = 1u;

constexpr u32 BOXES = 1u;

__device__ __forceinline__ Array<u32, 3> box_index(u32 i) {
  u32 rest = i;
  Array<u32, 3> p = Array<u32, 3>{};
  return p;
}

__device__ __forceinline__ Array<u32, 3> box_origin(u32 group) {
  const Array<u32, 3> b = box_index(group);
  return Array<u32, 3>{{b[0] * 2u, b[1] * 20u, b[2] * 3u}};
}

constexpr u32 WORKGROUP = 256u;

constexpr bool PARTIAL = true;

constexpr u32 VOLUME = 120u;

__device__ __forceinline__ u32 slot(Array<u32, 3> p) {
  return p[0] * 60u + p[1] * 3u + p[2];
}

__device__ __forceinline__ Array<u32, 3> x_local(u32 i) {
  u32 rest = i;
  Array<u32, 3> p = Array<u32, 3>{};
  p[1] = rest % 20u;
  rest = rest / 20u;
  p[2] = rest % 3u;
  rest = rest / 3u;
  p[0] = rest;
  return p;
}

__device__ __forceinline__ void keep(u32 lane, u32 round_, vec4<f32> v, Array<f32, 120>& tile) {
  const u32 l = 4u * (round_ * WORKGROUP + lane);
  if (PARTIAL && l >= VOLUME) {
    return;
  }
  tile[slot(x_local(l))] = v.x;
  tile[slot(x_local(l + 1u))] = v.y;
  tile[slot(x_local(l + 2u))] = v.z;
  tile[slot(x_local(l + 3u))] = v.w;
}

__device__ __forceinline__ bool inside(Array<u32, 3> origin, Array<u32, 3> p) {
  return true;
}

constexpr u32 X_START = 0u;

__device__ __forceinline__ u32 x_offset(Array<u32, 3> p) {
  return p[0] * 60u + p[1] + p[2] * 20u;
}

__device__ __forceinline__ vec4<f32> fetch(Array<u32, 3> origin, u32 lane, u32 round_, const vec4<f32>* __restrict__ x) {
  const u32 l = 4u * (round_ * WORKGROUP + lane);
  const Array<u32, 3> p = x_local(l);
  if ((PARTIAL && l >= VOLUME) || !inside(origin, p)) {
    return vec4<f32>{};
  }
  return x[(X_START + x_offset(origin) + x_offset(p)) / 4u];
}

__device__ __forceinline__ Array<u32, 3> y_local(u32 i) {
  u32 rest = i;
  Array<u32, 3> p = Array<u32, 3>{};
  p[2] = rest % 3u;
  rest = rest / 3u;
  p[1] = rest % 20u;
  rest = rest / 20u;
  p[0] = rest;
  return p;
}

constexpr u32 Y_START = 0u;

__device__ __forceinline__ u32 y_offset(Array<u32, 3> p) {
  return p[0] * 60u + p[1] * 3u + p[2];
}

__device__ __forceinline__ void put(Array<u32, 3> origin, u32 lane, u32 round_, vec4<f32>* __restrict__ y, Array<f32, 120>& tile) {
  const u32 l = 4u * (round_ * WORKGROUP + lane);
  const Array<u32, 3> p = y_local(l);
  if ((PARTIAL && l >= VOLUME) || !inside(origin, p)) {
    return;
  }
  y[(Y_START + y_offset(origin) + y_offset(p)) / 4u] = vec4<f32>{tile[slot(p)], tile[slot(y_local(l + 1u))], tile[slot(y_local(l + 2u))], tile[slot(y_local(l + 3u))]};
}

extern "C" __global__ void __launch_bounds__(256) lanewise_kernel_transpose_nchw_tiled_v4v4_2x20x3_f32(const vec4<f32>* __restrict__ x, vec4<f32>* __restrict__ y) {
  wait_for_earlier_kernels();
  __shared__ Array<f32, 120> tile;
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 lane = threadIdx.x;
  const u32 group = wid.x + wid.y * GRID_X;
  if (group >= BOXES) {
    return;
  }
  const Array<u32, 3> origin = box_origin(group);
  keep(lane, 0u, fetch(origin, lane, 0u, x), tile);
  __syncthreads();
  put(origin, lane, 0u, y, tile);
}

}  // namespace kernel_transpose_nchw_tiled_v4v4_2x20x3_f32
}  // namespace lanewise
