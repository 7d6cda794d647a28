namespace lanewise {
namespace kernel_conv_nhwc_implicit_t32x32x16r4_f32 {

constexpr u32 GRID_X = 5u;

constexpr u32 GROUPS = 5u;

struct Place {
  u32 row;
  u32 col;
  u32 batch;
  u32 part;
};

constexpr u32 ROW_TILES = 5u;

constexpr u32 COL_TILES = 1u;

constexpr bool ROWS_FIRST = false;

constexpr u32 TILE_ROWS = 32u;

constexpr u32 TILE_COLS = 32u;

constexpr u32 BATCHES = 1u;

__device__ __forceinline__ Place place_of(u32 group) {
  const u32 slot = group / (ROW_TILES * COL_TILES);
  const u32 tile = group % (ROW_TILES * COL_TILES);
  const u32 row_tile_2 = select(tile / COL_TILES, tile % ROW_TILES, ROWS_FIRST);
  const u32 col_tile_2 = select(tile % COL_TILES, tile / ROW_TILES, ROWS_FIRST);
  return Place{row_tile_2 * TILE_ROWS, col_tile_2 * TILE_COLS, slot % BATCHES, slot / BATCHES};
}

constexpr u32 ROW_PITCH = 8u;

constexpr u32 ROW_SWIZZLE = 2u;

struct RowState {
  vec4<u32> at_;
  vec4<u32> d;
  vec4<u32> h;
  vec4<u32> w;
};

__device__ __forceinline__ u32 group_of(u32 batch) {
  return batch;
}

constexpr u32 GROUP_CHANNELS = 8u;

__device__ __forceinline__ vec4<u32> position_of(u32 i) {
  u32 rest = i;
  const u32 w_2 = rest % 6u;
  rest = rest / 6u;
  const u32 h = rest % 6u;
  rest = rest / 6u;
  const u32 d = rest % 1u;
  rest = rest / 1u;
  const u32 n = rest;
  return vec4<u32>{n, d, h, w_2};
}

constexpr u32 POSITIONS = 144u;

constexpr u32 POSITION_STEP = 1u;

constexpr u32 STRIDE_D = 1u;

constexpr u32 PAD_D = 0u;

constexpr u32 STRIDE_H = 1u;

constexpr u32 PAD_H = 1u;

constexpr u32 STRIDE_W = 1u;

constexpr u32 PAD_W = 1u;

__device__ __forceinline__ vec3<u32> window_origin(vec4<u32> position) {
  return vec3<u32>{position.y * STRIDE_D - PAD_D, position.z * STRIDE_H - PAD_H, position.w * STRIDE_W - PAD_W};
}

__device__ __forceinline__ u32 x_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 72u + c / 4u + h * 12u + w_2 * 2u;
}

__device__ __forceinline__ RowState row_setup(u32 first, u32 batch) {
  const u32 c = group_of(batch) * GROUP_CHANNELS;
  const vec4<u32> p = position_of(min(first, POSITIONS - 1u));
  const vec4<u32> q = position_of(min(first + POSITION_STEP, POSITIONS - 1u));
  const vec4<u32> r = position_of(min(first + 2u * POSITION_STEP, POSITIONS - 1u));
  const vec4<u32> s = position_of(min(first + 3u * POSITION_STEP, POSITIONS - 1u));
  const vec3<u32> a = window_origin(p);
  const vec3<u32> b = window_origin(q);
  const vec3<u32> e = window_origin(r);
  const vec3<u32> f = window_origin(s);
  return RowState{vec4<u32>{x_index(p.x, c, a.x, a.y, a.z), x_index(q.x, c, b.x, b.y, b.z), x_index(r.x, c, e.x, e.y, e.z), x_index(s.x, c, f.x, f.y, f.z)}, vec4<u32>{a.x, b.x, e.x, f.x}, vec4<u32>{a.y, b.y, e.y, f.y}, vec4<u32>{a.z, b.z, e.z, f.z}};
}

constexpr u32 COL_PITCH = 8u;

struct ColState {
  u32 row;
  u32 first;
};

constexpr u32 W_GROUP_ROWS = 0u;

constexpr u32 W_GROUP_COLS = 12u;

__device__ __forceinline__ ColState col_setup(u32 first, u32 batch) {
  const u32 group = group_of(batch);
  return ColState{group * W_GROUP_ROWS, group * W_GROUP_COLS + first};
}

constexpr u32 X_THREADS = 8u;

constexpr u32 X_LANES = 8u;

struct Block {
  vec4<f32> d0;
  vec4<f32> d1;
  vec4<f32> d2;
  vec4<f32> d3;
};

constexpr u32 PART_DEPTH = 80u;

constexpr u32 DEPTH = 72u;

struct Tap {
  vec3<u32> offset;
  u32 weight;
  bool used;
};

constexpr u32 TAPS_W = 3u;

constexpr u32 TAPS_H = 3u;

constexpr u32 DILATION_D = 1u;

constexpr u32 DILATION_H = 1u;

constexpr u32 DILATION_W = 1u;

__device__ __forceinline__ Tap tap_at(u32 i, u32 batch) {
  const u32 w_2 = i % TAPS_W;
  const u32 h = i / TAPS_W % TAPS_H;
  const u32 d = i / (TAPS_W * TAPS_H);
  return Tap{vec3<u32>{d * DILATION_D, h * DILATION_H, w_2 * DILATION_W}, i, true};
}

constexpr u32 DEPTH_CHANNELS = 8u;

__device__ __forceinline__ u32 x_step(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 72u + c / 4u + h * 12u + w_2 * 2u;
}

constexpr bool CHECKED = true;

constexpr u32 IN_D = 1u;

constexpr u32 IN_H = 6u;

constexpr u32 IN_W = 6u;

__device__ __forceinline__ vec4<bool> row_inside(RowState state, Tap tap) {
  if (!CHECKED) {
    return splat<4>(true);
  }
  return ((state.d + tap.offset.x < splat<4>(IN_D)) & (state.h + tap.offset.y < splat<4>(IN_H))) & (state.w + tap.offset.z < splat<4>(IN_W));
}

__device__ __forceinline__ Block transposed(vec4<f32> a, vec4<f32> b, vec4<f32> c, vec4<f32> d) {
  return Block{vec4<f32>{a.x, b.x, c.x, d.x}, vec4<f32>{a.y, b.y, c.y, d.y}, vec4<f32>{a.z, b.z, c.z, d.z}, vec4<f32>{a.w, b.w, c.w, d.w}};
}

__device__ __forceinline__ vec4<f32> row_fetch(u32 at_, bool inside, const vec4<f32>* __restrict__ x) {
  if (!inside) {
    return vec4<f32>{};
  }
  return x[at_];
}

__device__ __forceinline__ Block row_load(RowState state, u32 k, u32 batch, const vec4<f32>* __restrict__ x) {
  const Tap tap = tap_at(k / DEPTH_CHANNELS, batch);
  if (k >= DEPTH || !tap.used) {
    return Block{};
  }
  const vec4<u32> at_ = state.at_ + x_step(0u, k % DEPTH_CHANNELS, tap.offset.x, tap.offset.y, tap.offset.z);
  const vec4<bool> inside = row_inside(state, tap);
  return transposed(row_fetch(at_.x, inside.x, x), row_fetch(at_.y, inside.y, x), row_fetch(at_.z, inside.z, x), row_fetch(at_.w, inside.w, x));
}

constexpr u32 W_TAP_ROWS = 8u;

constexpr u32 W_COLS = 12u;

__device__ __forceinline__ vec4<f32> col_vector(ColState state, Tap tap, u32 c, const vec4<f32>* __restrict__ w) {
  if (c >= GROUP_CHANNELS) {
    return vec4<f32>{};
  }
  return w[((tap.weight * W_TAP_ROWS + state.row + c) * W_COLS + min(state.first, W_COLS - 4u)) / 4u];
}

__device__ __forceinline__ Block col_load(ColState state, u32 k, u32 batch, const vec4<f32>* __restrict__ w) {
  const Tap tap = tap_at(k / DEPTH_CHANNELS, batch);
  if (k >= DEPTH || !tap.used) {
    return Block{};
  }
  const u32 c = k % DEPTH_CHANNELS;
  return Block{col_vector(state, tap, c, w), col_vector(state, tap, c + 1u, w), col_vector(state, tap, c + 2u, w), col_vector(state, tap, c + 3u, w)};
}

constexpr u32 ROWS = 144u;

constexpr u32 COLS = 12u;

__device__ __forceinline__ vec3<u32> output_position(vec4<u32> position, u32 batch) {
  return swizzle<1, 2, 3>(position);
}

constexpr u32 OUT_D = 1u;

constexpr u32 OUT_H = 6u;

constexpr u32 OUT_W = 6u;

__device__ __forceinline__ bool beyond(vec3<u32> o) {
  return o.x >= OUT_D || o.y >= OUT_H || o.z >= OUT_W;
}

constexpr u32 GROUP_OUT = 12u;

__device__ __forceinline__ u32 residual_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 432u + c + h * 72u + w_2 * 12u;
}

__device__ __forceinline__ vec4<f32> begin(u32 batch, u32 row, u32 col, const vec4<f32>* __restrict__ residual) {
  if (row >= ROWS || col >= COLS) {
    return vec4<f32>{};
  }
  const vec4<u32> p = position_of(row);
  const vec3<u32> o = output_position(p, batch);
  if (beyond(o)) {
    return vec4<f32>{};
  }
  const u32 c = group_of(batch) * GROUP_OUT + col;
  return residual[residual_index(p.x, c, o.x, o.y, o.z) / 4u];
}

constexpr u32 Y_THREADS = 8u;

__device__ __forceinline__ void put_row(Block block, u32 at_, Array<vec4<f32>, 128>& row_tile) {
  row_tile[at_] = block.d0;
  row_tile[at_ + ROW_PITCH] = block.d1;
  row_tile[at_ + 2u * ROW_PITCH] = block.d2;
  row_tile[at_ + 3u * ROW_PITCH] = block.d3;
}

__device__ __forceinline__ void put_col(Block block, u32 at_, Array<vec4<f32>, 128>& col_tile) {
  col_tile[at_] = block.d0;
  col_tile[at_ + COL_PITCH] = block.d1;
  col_tile[at_ + 2u * COL_PITCH] = block.d2;
  col_tile[at_ + 3u * COL_PITCH] = block.d3;
}

constexpr u32 TILE_DEPTH = 16u;

__device__ __forceinline__ vec4<f32> residual_at(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return vec4<f32>{};
}

__device__ __forceinline__ f32 activation(f32 x_2) {
  return select(x_2, 0.0f, x_2 < 0.0f);
}

constexpr u32 OUT_CHANNELS = 12u;

__device__ __forceinline__ f32 bias_at(u32 c, const f32* __restrict__ bias) {
  return bias[min(c, OUT_CHANNELS - 1u)];
}

__device__ __forceinline__ u32 y_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n * 432u + c + h * 72u + w_2 * 12u;
}

__device__ __forceinline__ void store(u32 batch, u32 row, u32 col, vec4<f32> v, const f32* __restrict__ bias, vec4<f32>* __restrict__ y) {
  if (row >= ROWS || col >= COLS) {
    return;
  }
  const vec4<u32> p = position_of(row);
  const vec3<u32> o = output_position(p, batch);
  if (beyond(o)) {
    return;
  }
  const u32 c = group_of(batch) * GROUP_OUT + col;
  const vec4<f32> added = residual_at(p.x, c, o.x, o.y, o.z);
  const vec4<f32> result = vec4<f32>{activation(v.x + bias_at(c, bias) + added.x), activation(v.y + bias_at(c + 1u, bias) + added.y), activation(v.z + bias_at(c + 2u, bias) + added.z), activation(v.w + bias_at(c + 3u, bias) + added.w)};
  const vec4<bool> real = c + vec4<u32>{0u, 1u, 2u, 3u} < splat<4>(OUT_CHANNELS);
  y[y_index(p.x, c, o.x, o.y, o.z) / 4u] = select(vec4<f32>{}, result, real);
}

extern "C" __global__ void __launch_bounds__(64) lanewise_kernel_conv_nhwc_implicit_t32x32x16r4_f32(const vec4<f32>* __restrict__ x, const vec4<f32>* __restrict__ w, const f32* __restrict__ bias, const vec4<f32>* __restrict__ residual, vec4<f32>* __restrict__ y) {
  wait_for_earlier_kernels();
  __shared__ Array<vec4<f32>, 128> row_tile;
  __shared__ Array<vec4<f32>, 128> col_tile;
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 t = threadIdx.x;
  const u32 group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) {
    return;
  }
  const Place place = place_of(group);
  const u32 row0_four = t / 4u;
  const u32 row0_k = 4u * (t % 4u);
  const u32 row0_at = row0_k * ROW_PITCH + (row0_four ^ (row0_k / 4u * ROW_SWIZZLE));
  const RowState row0_state = row_setup(place.row + 4u * row0_four, place.batch);
  const u32 col0_four = (t - 32u) % 8u;
  const u32 col0_k = 4u * ((t - 32u) / 8u);
  const u32 col0_at = col0_k * COL_PITCH + col0_four;
  const ColState col0_state = col_setup(place.col + 4u * col0_four, place.batch);
  const u32 x_2 = t / 32u % (X_THREADS / X_LANES) * X_LANES + t % X_LANES;
  const u32 y_2 = t / 32u / (X_THREADS / X_LANES) * (32u / X_LANES) + t % 32u / X_LANES;
  Block row0 = Block{};
  Block col0 = Block{};
  const u32 first = place.part * PART_DEPTH;
  const u32 end = min(first + PART_DEPTH, DEPTH);
  if (t < 32u) {
    row0 = row_load(row0_state, first + row0_k, place.batch, x);
  }
  if (t >= 32u) {
    col0 = col_load(col0_state, first + col0_k, place.batch, w);
  }
  const u32 row = place.row + 4u * y_2;
  const u32 col = place.col + 4u * x_2;
  const u32 batch = place.batch + place.part * BATCHES;
  vec4<f32> c0_0 = begin(batch, row + 0u * (4u * Y_THREADS) + 0u, col, residual);
  vec4<f32> c1_0 = begin(batch, row + 0u * (4u * Y_THREADS) + 1u, col, residual);
  vec4<f32> c2_0 = begin(batch, row + 0u * (4u * Y_THREADS) + 2u, col, residual);
  vec4<f32> c3_0 = begin(batch, row + 0u * (4u * Y_THREADS) + 3u, col, residual);
  for (u32 k = first;;) {
    if (t < 32u) {
      put_row(row0, row0_at, row_tile);
    }
    if (t >= 32u) {
      put_col(col0, col0_at, col_tile);
    }
    __syncthreads();
    const u32 next = k + TILE_DEPTH;
    if (next < end) {
      if (t < 32u) {
        row0 = row_load(row0_state, next + row0_k, place.batch, x);
      }
      if (t >= 32u) {
        col0 = col_load(col0_state, next + col0_k, place.batch, w);
      }
    }
    const vec4<f32> a0_0 = row_tile[0u * ROW_PITCH + y_2];
    const vec4<f32> b0_0 = col_tile[0u * COL_PITCH + x_2];
    const vec4<f32> a1_0 = row_tile[1u * ROW_PITCH + y_2];
    const vec4<f32> b1_0 = col_tile[1u * COL_PITCH + x_2];
    c0_0 = c0_0 + a0_0.x * b0_0;
    c1_0 = c1_0 + a0_0.y * b0_0;
    c2_0 = c2_0 + a0_0.z * b0_0;
    c3_0 = c3_0 + a0_0.w * b0_0;
    const vec4<f32> a2_0 = row_tile[2u * ROW_PITCH + y_2];
    const vec4<f32> b2_0 = col_tile[2u * COL_PITCH + x_2];
    c0_0 = c0_0 + a1_0.x * b1_0;
    c1_0 = c1_0 + a1_0.y * b1_0;
    c2_0 = c2_0 + a1_0.z * b1_0;
    c3_0 = c3_0 + a1_0.w * b1_0;
    const vec4<f32> a3_0 = row_tile[3u * ROW_PITCH + y_2];
    const vec4<f32> b3_0 = col_tile[3u * COL_PITCH + x_2];
    c0_0 = c0_0 + a2_0.x * b2_0;
    c1_0 = c1_0 + a2_0.y * b2_0;
    c2_0 = c2_0 + a2_0.z * b2_0;
    c3_0 = c3_0 + a2_0.w * b2_0;
    const vec4<f32> a4_0 = row_tile[4u * ROW_PITCH + (y_2 ^ 2u)];
    const vec4<f32> b4_0 = col_tile[4u * COL_PITCH + x_2];
    c0_0 = c0_0 + a3_0.x * b3_0;
    c1_0 = c1_0 + a3_0.y * b3_0;
    c2_0 = c2_0 + a3_0.z * b3_0;
    c3_0 = c3_0 + a3_0.w * b3_0;
    const vec4<f32> a5_0 = row_tile[5u * ROW_PITCH + (y_2 ^ 2u)];
    const vec4<f32> b5_0 = col_tile[5u * COL_PITCH + x_2];
    c0_0 = c0_0 + a4_0.x * b4_0;
    c1_0 = c1_0 + a4_0.y * b4_0;
    c2_0 = c2_0 + a4_0.z * b4_0;
    c3_0 = c3_0 + a4_0.w * b4_0;
    const vec4<f32> a6_0 = row_tile[6u * ROW_PITCH + (y_2 ^ 2u)];
    const vec4<f32> b6_0 = col_tile[6u * COL_PITCH + x_2];
    c0_0 = c0_0 + a5_0.x * b5_0;
    c1_0 = c1_0 + a5_0.y * b5_0;
    c2_0 = c2_0 + a5_0.z * b5_0;
    c3_0 = c3_0 + a5_0.w * b5_0;
    const vec4<f32> a7_0 = row_tile[7u * ROW_PITCH + (y_2 ^ 2u)];
    const vec4<f32> b7_0 = col_tile[7u * COL_PITCH + x_2];
    c0_0 = c0_0 + a6_0.x * b6_0;
    c1_0 = c1_0 + a6_0.y * b6_0;
    c2_0 = c2_0 + a6_0.z * b6_0;
    c3_0 = c3_0 + a6_0.w * b6_0;
    const vec4<f32> a8_0 = row_tile[8u * ROW_PITCH + (y_2 ^ 4u)];
    const vec4<f32> b8_0 = col_tile[8u * COL_PITCH + x_2];
    c0_0 = c0_0 + a7_0.x * b7_0;
    c1_0 = c1_0 + a7_0.y * b7_0;
    c2_0 = c2_0 + a7_0.z * b7_0;
    c3_0 = c3_0 + a7_0.w * b7_0;
    const vec4<f32> a9_0 = row_tile[9u * ROW_PITCH + (y_2 ^ 4u)];
    const vec4<f32> b9_0 = col_tile[9u * COL_PITCH + x_2];
    c0_0 = c0_0 + a8_0.x * b8_0;
    c1_0 = c1_0 + a8_0.y * b8_0;
    c2_0 = c2_0 + a8_0.z * b8_0;
    c3_0 = c3_0 + a8_0.w * b8_0;
    const vec4<f32> a10_0 = row_tile[10u * ROW_PITCH + (y_2 ^ 4u)];
    const vec4<f32> b10_0 = col_tile[10u * COL_PITCH + x_2];
    c0_0 = c0_0 + a9_0.x * b9_0;
    c1_0 = c1_0 + a9_0.y * b9_0;
    c2_0 = c2_0 + a9_0.z * b9_0;
    c3_0 = c3_0 + a9_0.w * b9_0;
    const vec4<f32> a11_0 = row_tile[11u * ROW_PITCH + (y_2 ^ 4u)];
    const vec4<f32> b11_0 = col_tile[11u * COL_PITCH + x_2];
    c0_0 = c0_0 + a10_0.x * b10_0;
    c1_0 = c1_0 + a10_0.y * b10_0;
    c2_0 = c2_0 + a10_0.z * b10_0;
    c3_0 = c3_0 + a10_0.w * b10_0;
    const vec4<f32> a12_0 = row_tile[12u * ROW_PITCH + (y_2 ^ 6u)];
    const vec4<f32> b12_0 = col_tile[12u * COL_PITCH + x_2];
    c0_0 = c0_0 + a11_0.x * b11_0;
    c1_0 = c1_0 + a11_0.y * b11_0;
    c2_0 = c2_0 + a11_0.z * b11_0;
    c3_0 = c3_0 + a11_0.w * b11_0;
    const vec4<f32> a13_0 = row_tile[13u * ROW_PITCH + (y_2 ^ 6u)];
    const vec4<f32> b13_0 = col_tile[13u * COL_PITCH + x_2];
    c0_0 = c0_0 + a12_0.x * b12_0;
    c1_0 = c1_0 + a12_0.y * b12_0;
    c2_0 = c2_0 + a12_0.z * b12_0;
    c3_0 = c3_0 + a12_0.w * b12_0;
    const vec4<f32> a14_0 = row_tile[14u * ROW_PITCH + (y_2 ^ 6u)];
    const vec4<f32> b14_0 = col_tile[14u * COL_PITCH + x_2];
    c0_0 = c0_0 + a13_0.x * b13_0;
    c1_0 = c1_0 + a13_0.y * b13_0;
    c2_0 = c2_0 + a13_0.z * b13_0;
    c3_0 = c3_0 + a13_0.w * b13_0;
    const vec4<f32> a15_0 = row_tile[15u * ROW_PITCH + (y_2 ^ 6u)];
    const vec4<f32> b15_0 = col_tile[15u * COL_PITCH + x_2];
    c0_0 = c0_0 + a14_0.x * b14_0;
    c1_0 = c1_0 + a14_0.y * b14_0;
    c2_0 = c2_0 + a14_0.z * b14_0;
    c3_0 = c3_0 + a14_0.w * b14_0;
    c0_0 = c0_0 + a15_0.x * b15_0;
    c1_0 = c1_0 + a15_0.y * b15_0;
    c2_0 = c2_0 + a15_0.z * b15_0;
    c3_0 = c3_0 + a15_0.w * b15_0;
    k = next;
    if (k >= end) {
      break;
    }
    __syncthreads();
  }
  store(batch, row + 0u * (4u * Y_THREADS) + 0u, col, c0_0, bias, y);
  store(batch, row + 0u * (4u * Y_THREADS) + 1u, col, c1_0, bias, y);
  store(batch, row + 0u * (4u * Y_THREADS) + 2u, col, c2_0, bias, y);
  store(batch, row + 0u * (4u * Y_THREADS) + 3u, col, c3_0, bias, y);
}

}  // namespace kernel_conv_nhwc_implicit_t32x32x16r4_f32
}  // namespace lanewise
