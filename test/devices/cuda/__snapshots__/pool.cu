namespace lanewise {
namespace kernel_maxpool_nchw4c_patch1x1_f32 {

constexpr u32 GRID_X = 1u;

constexpr u32 WORKGROUP = 128u;

constexpr u32 INVOCATIONS = 64u;

constexpr u32 LANES = 1u;

constexpr u32 COLUMNS = 4u;

constexpr u32 STRIPS = 4u;

constexpr u32 LANE_N = 0u;

constexpr u32 OUTER_C = 1u;

constexpr u32 LANE_C = 0u;

constexpr u32 STEP_C = 4u;

__device__ constexpr vec4<u32> ELEMENTS = vec4<u32>{0u, 1u, 2u, 3u};

constexpr u32 VECTOR_C = 1u;

constexpr u32 VECTOR_N = 0u;

constexpr u32 CHANNELS = 4u;

constexpr u32 PATCH_W = 1u;

constexpr u32 OUT_W = 4u;

constexpr u32 STRIDE_W = 2u;

constexpr i32 PAD_W = 0;

constexpr u32 PATCH_H = 1u;

constexpr u32 OUT_H = 4u;

__device__ __forceinline__ u32 x_index(u32 n, u32 c, u32 h, u32 w) {
  return n * 64u + c / 4u * 64u + h * 8u + w;
}

constexpr u32 STRIDE_H = 2u;

constexpr i32 PAD_H = 0;

constexpr u32 SHARED_ROWS = 0u;

constexpr bool LEAVES_H = false;

constexpr u32 IN_H = 8u;

constexpr u32 X_ROW = 8u;

constexpr u32 SEGMENT = 2u;

__device__ __forceinline__ vec4<f32> lowest() {
  u32 bits = 4286578688u;
  return splat<4>(bitcast<f32>(bits));
}

__device__ __forceinline__ vec4<f32> none() {
  return lowest();
}

constexpr bool LEAVES_W = false;

constexpr u32 IN_W = 8u;

__device__ __forceinline__ vec4<f32> item(vec4<f32> value, u32 at_) {
  return value;
}

constexpr u32 X_COLUMN = 1u;

constexpr u32 KERNEL_W = 2u;

__device__ __forceinline__ vec4<f32> merge(vec4<f32> a, vec4<f32> b) {
  return max(a, b);
}

__device__ __forceinline__ Array<vec4<f32>, 1> reduced_row(u32 plane, i32 h, i32 w0, const vec4<f32>* __restrict__ x) {
  const bool inside = !LEAVES_H || u32(h) < IN_H;
  const u32 row = plane + u32(h) * X_ROW;
  Array<vec4<f32>, 2> segment = Array<vec4<f32>, 2>{};
#pragma unroll
  for (u32 k = 0u; k < SEGMENT; k += 1u) {
    const u32 w = u32(add(w0, i32(k)));
    segment[k] = none();
    if (inside && (!LEAVES_W || w < IN_W)) {
      segment[k] = item(x[row + w * X_COLUMN], u32(h) * IN_W + w);
    }
  }
  Array<vec4<f32>, 1> result = Array<vec4<f32>, 1>{};
#pragma unroll
  for (u32 j = 0u; j < PATCH_W; j += 1u) {
    result[j] = segment[j * STRIDE_W];
#pragma unroll
    for (u32 t = 1u; t < KERNEL_W; t += 1u) {
      result[j] = merge(result[j], segment[j * STRIDE_W + t]);
    }
  }
  return result;
}

constexpr u32 KERNEL_H = 2u;

__device__ __forceinline__ i32 first_tap(i32 start, i32 dilation, i32 low) {
  return max(0, div(sub(add(sub(low, start), dilation), 1), dilation));
}

__device__ __forceinline__ i32 end_tap(i32 start, i32 kernel, i32 dilation, i32 high) {
  return min(kernel, div(sub(add(sub(high, start), dilation), 1), dilation));
}

__device__ __forceinline__ i32 taps(i32 start, u32 kernel, u32 dilation, i32 low, i32 high) {
  const i32 first = first_tap(start, i32(dilation), low);
  return max(0, sub(end_tap(start, i32(kernel), i32(dilation), high), first));
}

constexpr i32 COUNT_FROM_H = 0;

constexpr i32 COUNT_TO_H = 8;

constexpr i32 COUNT_FROM_W = 0;

constexpr i32 COUNT_TO_W = 8;

__device__ __forceinline__ void put(u32 at_, u32 index_at, vec4<f32> result, i32 count, vec4<u32> plane, vec4<bool> keep, vec4<f32>* __restrict__ y) {
  y[at_] = select(splat<4>(0.0f), result, keep);
}

__device__ __forceinline__ u32 y_index(u32 n, u32 c, u32 h, u32 w) {
  return n * 16u + c / 4u * 16u + h * 4u + w;
}

__device__ __forceinline__ u32 indices_index(u32 n, u32 c, u32 h, u32 w) {
  return n * 16u + c / 4u * 16u + h * 4u + w;
}

extern "C" __global__ void __launch_bounds__(128) lanewise_kernel_maxpool_nchw4c_patch1x1_f32(const vec4<f32>* __restrict__ x, vec4<f32>* __restrict__ y) {
  wait_for_earlier_kernels();
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 local = threadIdx.x;
  const u32 i = (wid.x + wid.y * GRID_X) * WORKGROUP + local;
  if (i >= INVOCATIONS) {
    return;
  }
  const u32 lane = i % LANES;
  const u32 column = i / LANES % COLUMNS;
  const u32 strip = i / (LANES * COLUMNS) % STRIPS;
  const u32 outer = i / (LANES * COLUMNS * STRIPS);
  const u32 n = lane * LANE_N + outer / OUTER_C;
  const u32 c = lane * LANE_C + outer % OUTER_C * STEP_C;
  const vec4<u32> channel = splat<4>(c) + ELEMENTS * VECTOR_C;
  const vec4<u32> number = (splat<4>(n) + ELEMENTS * VECTOR_N) * CHANNELS + channel;
  const vec4<bool> keep = channel < splat<4>(CHANNELS);
  const u32 own = column * PATCH_W;
  const u32 ow0 = min(own, OUT_W - PATCH_W);
  const i32 w0 = sub(i32(ow0 * STRIDE_W), PAD_W);
  const u32 oh0 = strip * PATCH_H;
  const u32 end = min(oh0 + PATCH_H, OUT_H);
  const u32 plane = x_index(n, c, 0u, 0u);
  i32 h = sub(i32(oh0 * STRIDE_H), PAD_H);
  Array<vec4<f32>, 2> rows = Array<vec4<f32>, 2>{};
#pragma unroll
  for (u32 r = 0u; r < SHARED_ROWS; r += 1u) {
    const Array<vec4<f32>, 1> row = reduced_row(plane, add(h, i32(r)), w0, x);
#pragma unroll
    for (u32 j = 0u; j < PATCH_W; j += 1u) {
      rows[r * PATCH_W + j] = row[j];
    }
  }
  for (u32 oh = oh0; oh < end; oh += 1u) {
#pragma unroll
    for (u32 r = SHARED_ROWS; r < KERNEL_H; r += 1u) {
      const Array<vec4<f32>, 1> row = reduced_row(plane, add(h, i32(r)), w0, x);
#pragma unroll
      for (u32 j = 0u; j < PATCH_W; j += 1u) {
        rows[r * PATCH_W + j] = row[j];
      }
    }
    const i32 count_h = taps(h, KERNEL_H, 1u, COUNT_FROM_H, COUNT_TO_H);
#pragma unroll
    for (u32 j = 0u; j < PATCH_W; j += 1u) {
      vec4<f32> result = rows[j];
#pragma unroll
      for (u32 r = 1u; r < KERNEL_H; r += 1u) {
        result = merge(result, rows[r * PATCH_W + j]);
      }
      const u32 ow = ow0 + j;
      const i32 count = mul(count_h, taps(add(w0, i32(j * STRIDE_W)), KERNEL_W, 1u, COUNT_FROM_W, COUNT_TO_W));
      if (ow >= own) {
        put(y_index(n, c, oh, ow), indices_index(n, c, oh, ow), result, count, number, keep, y);
      }
    }
#pragma unroll
    for (u32 r = 0u; r < SHARED_ROWS; r += 1u) {
#pragma unroll
      for (u32 j = 0u; j < PATCH_W; j += 1u) {
        rows[r * PATCH_W + j] = rows[(r + STRIDE_H) * PATCH_W + j];
      }
    }
    h = add(h, i32(STRIDE_H));
  }
}

}  // namespace kernel_maxpool_nchw4c_patch1x1_f32
}  // namespace lanewise
