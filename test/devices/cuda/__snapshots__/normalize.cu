namespace lanewise {
namespace kernel_instancenorm_nchw_resident_t8x4s1v4_f32 {

__device__ __forceinline__ u32 member_of(u32 lane) {
  return lane % 8u;
}

constexpr u32 GRID_X = 2u;

constexpr u32 LANES = 4u;

__device__ __forceinline__ u32 slot_of(u32 lane) {
  return lane / 8u;
}

__device__ __forceinline__ u32 x_kept(u32 k) {
  return k * 5u;
}

constexpr u32 KEPT = 6u;

constexpr u32 STEPS = 1u;

__device__ __forceinline__ u32 x_row(u32 r) {
  return r;
}

constexpr u32 TEAM = 8u;

constexpr u32 ROW = 5u;

__device__ __forceinline__ vec4<bool> row_mask(u32 r) {
  return splat<4>(r < ROW);
}

constexpr bool CENTRED = true;

__device__ __forceinline__ u32 team_base(u32 lane) {
  return slot_of(lane) * 8u;
}

constexpr u32 GATHER = 1u;

constexpr u32 HEADS = 8u;

__device__ __forceinline__ f32 pair_sum(f32 a, f32 b) {
  return a + b;
}

constexpr u32 MEMBER_STRIDE = 1u;

__device__ __forceinline__ f32 team_sum(f32 value, u32 lane, Array<f32, 32>& scratch) {
  if (TEAM == 1u) {
    return value;
  }
  const u32 base = team_base(lane);
  const u32 member = member_of(lane);
  __syncthreads();
  scratch[lane] = value;
  __syncthreads();
  if (GATHER > 1u) {
    if (member < HEADS) {
      f32 column = value;
#pragma unroll
      for (u32 j = 1u; j < GATHER; j += 1u) {
        column = pair_sum(column, scratch[base + (member + j * HEADS) * MEMBER_STRIDE]);
      }
      scratch[lane] = column;
    }
    __syncthreads();
  }
  f32 total = scratch[base];
#pragma unroll
  for (u32 j = 1u; j < HEADS; j += 1u) {
    total = pair_sum(total, scratch[base + j * MEMBER_STRIDE]);
  }
  return total;
}

__device__ __forceinline__ f32 fold_sum(vec4<f32> v) {
  return pair_sum(pair_sum(v.x, v.y), pair_sum(v.z, v.w));
}

constexpr f32 RECIPROCAL = 0.05f;

constexpr bool ABSOLUTE = false;

__device__ __forceinline__ vec4<f32> magnitude(vec4<f32> v) {
  return select(v * v, abs(v), ABSOLUTE);
}

constexpr bool NORM = false;

constexpr f32 EPSILON = 0.00001f;

constexpr bool EPSILON_OUTSIDE = false;

__device__ __forceinline__ f32 factor_of(f32 total) {
  if (NORM) {
    const f32 norm = select(sqrt(total), total, ABSOLUTE);
    return select(1.0f / norm, 1.0f, norm == 0.0f);
  }
  const f32 p = total * RECIPROCAL;
  return select(1.0f / sqrt(p + EPSILON), 1.0f / (sqrt(p) + EPSILON), EPSILON_OUTSIDE);
}

__device__ __forceinline__ void put_statistics(u32 k, f32 mean, f32 factor) {
}

__device__ __forceinline__ u32 y_kept(u32 k) {
  return k * 5u;
}

__device__ __forceinline__ vec4<f32> scale_at(u32 k, u32 r, const f32* __restrict__ scale) {
  return splat<4>(scale[k % 3u + 0u]);
}

__device__ __forceinline__ vec4<f32> bias_at(u32 k, u32 r, const f32* __restrict__ bias) {
  return splat<4>(bias[k % 3u + 0u]);
}

__device__ __forceinline__ u32 y_row(u32 r) {
  return r;
}

__device__ __forceinline__ vec4<bool> kept_mask(u32 k) {
  return splat<4>(true);
}

extern "C" __global__ void __launch_bounds__(32) lanewise_kernel_instancenorm_nchw_resident_t8x4s1v4_f32(const vec4<f32>* __restrict__ x, const f32* __restrict__ scale, const f32* __restrict__ bias, vec4<f32>* __restrict__ y) {
  wait_for_earlier_kernels();
  __shared__ Array<f32, 32> scratch;
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 lane = threadIdx.x;
  const u32 member = member_of(lane);
  const u32 k = (wid.x + wid.y * GRID_X) * LANES + slot_of(lane);
  const u32 origin = x_kept(min(k, KEPT - 1u));
  Array<vec4<f32>, 1> v = Array<vec4<f32>, 1>{};
#pragma unroll
  for (u32 i = 0u; i < STEPS; i += 1u) {
    v[i] = x[origin + x_row(min(member + i * TEAM, ROW - 1u))];
  }
  vec4<f32> total = splat<4>(0.0f);
#pragma unroll
  for (u32 i = 0u; i < STEPS; i += 1u) {
    v[i] = select(splat<4>(0.0f), v[i], row_mask(member + i * TEAM));
    total = total + v[i];
  }
  f32 mean = 0.0f;
  if (CENTRED) {
    mean = team_sum(fold_sum(total), lane, scratch) * RECIPROCAL;
    total = splat<4>(0.0f);
#pragma unroll
    for (u32 i = 0u; i < STEPS; i += 1u) {
      v[i] = select(splat<4>(0.0f), v[i] - splat<4>(mean), row_mask(member + i * TEAM));
      total = total + v[i];
    }
    const f32 drift = team_sum(fold_sum(total), lane, scratch) * RECIPROCAL;
#pragma unroll
    for (u32 i = 0u; i < STEPS; i += 1u) {
      v[i] = select(splat<4>(0.0f), v[i] - splat<4>(drift), row_mask(member + i * TEAM));
    }
    mean += drift;
  }
  total = splat<4>(0.0f);
#pragma unroll
  for (u32 i = 0u; i < STEPS; i += 1u) {
    total = total + magnitude(v[i]);
  }
  const f32 factor = factor_of(team_sum(fold_sum(total), lane, scratch));
  if (k >= KEPT) {
    return;
  }
  if (member == 0u) {
    put_statistics(k, mean, factor);
  }
  const u32 to = y_kept(k);
#pragma unroll
  for (u32 i = 0u; i < STEPS; i += 1u) {
    const u32 r = member + i * TEAM;
    if (r < ROW) {
      const vec4<f32> value = v[i] * splat<4>(factor) * scale_at(k, r, scale) + bias_at(k, r, bias);
      y[to + y_row(r)] = select(splat<4>(0.0f), value, row_mask(r) & kept_mask(k));
    }
  }
}

}  // namespace kernel_instancenorm_nchw_resident_t8x4s1v4_f32
}  // namespace lanewise
