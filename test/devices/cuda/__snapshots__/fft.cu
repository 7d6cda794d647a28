namespace lanewise {
namespace kernel_conv_nchw_fft_16x16_t32x32x16r4_f32_weights {

constexpr u32 GRID_X = 3u;

constexpr u32 GROUPS = 3u;

constexpr u32 SIZE = 16u;

constexpr u32 PAIRS = 4u;

constexpr bool PAIRS_FASTEST = true;

__device__ __forceinline__ vec2<f32> times(vec2<f32> a, vec2<f32> b) {
  return vec2<f32>{a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x};
}

__device__ __forceinline__ Array<vec2<f32>, 16> fft(Array<vec2<f32>, 16> x) {
  const vec2<f32> z0_0 = x[0];
  const vec2<f32> z0_1 = x[8];
  const vec2<f32> z0_2 = x[4];
  const vec2<f32> z0_3 = x[12];
  const vec2<f32> z0_4 = x[2];
  const vec2<f32> z0_5 = x[10];
  const vec2<f32> z0_6 = x[6];
  const vec2<f32> z0_7 = x[14];
  const vec2<f32> z0_8 = x[1];
  const vec2<f32> z0_9 = x[9];
  const vec2<f32> z0_10 = x[5];
  const vec2<f32> z0_11 = x[13];
  const vec2<f32> z0_12 = x[3];
  const vec2<f32> z0_13 = x[11];
  const vec2<f32> z0_14 = x[7];
  const vec2<f32> z0_15 = x[15];
  const vec2<f32> z1_0 = z0_0 + z0_1;
  const vec2<f32> z1_1 = z0_0 - z0_1;
  const vec2<f32> z1_2 = z0_2 + z0_3;
  const vec2<f32> z1_3 = z0_2 - z0_3;
  const vec2<f32> z1_4 = z0_4 + z0_5;
  const vec2<f32> z1_5 = z0_4 - z0_5;
  const vec2<f32> z1_6 = z0_6 + z0_7;
  const vec2<f32> z1_7 = z0_6 - z0_7;
  const vec2<f32> z1_8 = z0_8 + z0_9;
  const vec2<f32> z1_9 = z0_8 - z0_9;
  const vec2<f32> z1_10 = z0_10 + z0_11;
  const vec2<f32> z1_11 = z0_10 - z0_11;
  const vec2<f32> z1_12 = z0_12 + z0_13;
  const vec2<f32> z1_13 = z0_12 - z0_13;
  const vec2<f32> z1_14 = z0_14 + z0_15;
  const vec2<f32> z1_15 = z0_14 - z0_15;
  const vec2<f32> z2_0 = z1_0 + z1_2;
  const vec2<f32> z2_2 = z1_0 - z1_2;
  const vec2<f32> t1_3 = vec2<f32>{z1_3.y, -z1_3.x};
  const vec2<f32> z2_1 = z1_1 + t1_3;
  const vec2<f32> z2_3 = z1_1 - t1_3;
  const vec2<f32> z2_4 = z1_4 + z1_6;
  const vec2<f32> z2_6 = z1_4 - z1_6;
  const vec2<f32> t1_7 = vec2<f32>{z1_7.y, -z1_7.x};
  const vec2<f32> z2_5 = z1_5 + t1_7;
  const vec2<f32> z2_7 = z1_5 - t1_7;
  const vec2<f32> z2_8 = z1_8 + z1_10;
  const vec2<f32> z2_10 = z1_8 - z1_10;
  const vec2<f32> t1_11 = vec2<f32>{z1_11.y, -z1_11.x};
  const vec2<f32> z2_9 = z1_9 + t1_11;
  const vec2<f32> z2_11 = z1_9 - t1_11;
  const vec2<f32> z2_12 = z1_12 + z1_14;
  const vec2<f32> z2_14 = z1_12 - z1_14;
  const vec2<f32> t1_15 = vec2<f32>{z1_15.y, -z1_15.x};
  const vec2<f32> z2_13 = z1_13 + t1_15;
  const vec2<f32> z2_15 = z1_13 - t1_15;
  const vec2<f32> z3_0 = z2_0 + z2_4;
  const vec2<f32> z3_4 = z2_0 - z2_4;
  const vec2<f32> t2_5 = times(z2_5, vec2<f32>{0.70710677f, -0.70710677f});
  const vec2<f32> z3_1 = z2_1 + t2_5;
  const vec2<f32> z3_5 = z2_1 - t2_5;
  const vec2<f32> t2_6 = vec2<f32>{z2_6.y, -z2_6.x};
  const vec2<f32> z3_2 = z2_2 + t2_6;
  const vec2<f32> z3_6 = z2_2 - t2_6;
  const vec2<f32> t2_7 = times(z2_7, vec2<f32>{-0.70710677f, -0.70710677f});
  const vec2<f32> z3_3 = z2_3 + t2_7;
  const vec2<f32> z3_7 = z2_3 - t2_7;
  const vec2<f32> z3_8 = z2_8 + z2_12;
  const vec2<f32> z3_12 = z2_8 - z2_12;
  const vec2<f32> t2_13 = times(z2_13, vec2<f32>{0.70710677f, -0.70710677f});
  const vec2<f32> z3_9 = z2_9 + t2_13;
  const vec2<f32> z3_13 = z2_9 - t2_13;
  const vec2<f32> t2_14 = vec2<f32>{z2_14.y, -z2_14.x};
  const vec2<f32> z3_10 = z2_10 + t2_14;
  const vec2<f32> z3_14 = z2_10 - t2_14;
  const vec2<f32> t2_15 = times(z2_15, vec2<f32>{-0.70710677f, -0.70710677f});
  const vec2<f32> z3_11 = z2_11 + t2_15;
  const vec2<f32> z3_15 = z2_11 - t2_15;
  const vec2<f32> z4_0 = z3_0 + z3_8;
  const vec2<f32> z4_8 = z3_0 - z3_8;
  const vec2<f32> t3_9 = times(z3_9, vec2<f32>{0.9238795f, -0.38268343f});
  const vec2<f32> z4_1 = z3_1 + t3_9;
  const vec2<f32> z4_9 = z3_1 - t3_9;
  const vec2<f32> t3_10 = times(z3_10, vec2<f32>{0.70710677f, -0.70710677f});
  const vec2<f32> z4_2 = z3_2 + t3_10;
  const vec2<f32> z4_10 = z3_2 - t3_10;
  const vec2<f32> t3_11 = times(z3_11, vec2<f32>{0.38268343f, -0.9238795f});
  const vec2<f32> z4_3 = z3_3 + t3_11;
  const vec2<f32> z4_11 = z3_3 - t3_11;
  const vec2<f32> t3_12 = vec2<f32>{z3_12.y, -z3_12.x};
  const vec2<f32> z4_4 = z3_4 + t3_12;
  const vec2<f32> z4_12 = z3_4 - t3_12;
  const vec2<f32> t3_13 = times(z3_13, vec2<f32>{-0.38268343f, -0.9238795f});
  const vec2<f32> z4_5 = z3_5 + t3_13;
  const vec2<f32> z4_13 = z3_5 - t3_13;
  const vec2<f32> t3_14 = times(z3_14, vec2<f32>{-0.70710677f, -0.70710677f});
  const vec2<f32> z4_6 = z3_6 + t3_14;
  const vec2<f32> z4_14 = z3_6 - t3_14;
  const vec2<f32> t3_15 = times(z3_15, vec2<f32>{-0.9238795f, -0.38268343f});
  const vec2<f32> z4_7 = z3_7 + t3_15;
  const vec2<f32> z4_15 = z3_7 - t3_15;
  return Array<vec2<f32>, 16>{{z4_0, z4_1, z4_2, z4_3, z4_4, z4_5, z4_6, z4_7, z4_8, z4_9, z4_10, z4_11, z4_12, z4_13, z4_14, z4_15}};
}

struct Source {
  u32 a;
  u32 b;
  bool both;
  u32 h;
};

constexpr u32 BEYOND = 2147483648u;

constexpr u32 W_ROW = 75u;

__device__ __forceinline__ vec2<f32> sample(Source source, u32 i, const f32* __restrict__ w) {
  if (source.h == BEYOND) {
    return vec2<f32>{};
  }
  const f32 b = w[source.b + i * W_ROW];
  return vec2<f32>{w[source.a + i * W_ROW], select(0.0f, b, source.both)};
}

__device__ __forceinline__ Array<vec2<f32>, 16> load_line(Source source, const f32* __restrict__ w) {
  return Array<vec2<f32>, 16>{{sample(source, 0u, w), sample(source, 1u, w), sample(source, 2u, w), sample(source, 3u, w), sample(source, 4u, w), vec2<f32>{}, vec2<f32>{}, vec2<f32>{}, vec2<f32>{}, vec2<f32>{}, vec2<f32>{}, vec2<f32>{}, vec2<f32>{}, vec2<f32>{}, vec2<f32>{}, vec2<f32>{}}};
}

constexpr u32 ACROSS = 3u;

constexpr u32 COUNT = 12u;

constexpr u32 CHANNELS = 3u;

constexpr u32 KERNEL_W = 5u;

constexpr u32 OUT_CHANNELS = 5u;

__device__ __forceinline__ u32 w_index(u32 n, u32 c, u32 d, u32 h, u32 w_2) {
  return n + c * 5u + h * 75u + w_2 * 15u;
}

__device__ __forceinline__ Source source_of(u32 q, u32 column) {
  const u32 m = q % ACROSS * 2u;
  const u32 c = q / ACROSS;
  const bool there = q < COUNT && c < CHANNELS && column < KERNEL_W;
  const bool both = m + 1u < OUT_CHANNELS;
  const u32 a = w_index(m, c, 0u, 0u, column);
  return Source{a, select(a, w_index(m + 1u, c, 0u, 0u, column), both), both, select(BEYOND, 0u, there)};
}

__device__ __forceinline__ void write_line(u32 at_, u32 step_, Array<vec2<f32>, 16> z, Array<vec2<f32>, 1104>& held) {
  held[at_] = z[0];
  held[at_ + 1u * step_] = z[1];
  held[at_ + 2u * step_] = z[2];
  held[at_ + 3u * step_] = z[3];
  held[at_ + 4u * step_] = z[4];
  held[at_ + 5u * step_] = z[5];
  held[at_ + 6u * step_] = z[6];
  held[at_ + 7u * step_] = z[7];
  held[at_ + 8u * step_] = z[8];
  held[at_ + 9u * step_] = z[9];
  held[at_ + 10u * step_] = z[10];
  held[at_ + 11u * step_] = z[11];
  held[at_ + 12u * step_] = z[12];
  held[at_ + 13u * step_] = z[13];
  held[at_ + 14u * step_] = z[14];
  held[at_ + 15u * step_] = z[15];
}

constexpr u32 PITCH = 276u;

constexpr u32 ROW = 17u;

__device__ __forceinline__ Array<vec2<f32>, 16> read_line(u32 at_, u32 step_, Array<vec2<f32>, 1104>& held) {
  return Array<vec2<f32>, 16>{{held[at_], held[at_ + 1u * step_], held[at_ + 2u * step_], held[at_ + 3u * step_], held[at_ + 4u * step_], held[at_ + 5u * step_], held[at_ + 6u * step_], held[at_ + 7u * step_], held[at_ + 8u * step_], held[at_ + 9u * step_], held[at_ + 10u * step_], held[at_ + 11u * step_], held[at_ + 12u * step_], held[at_ + 13u * step_], held[at_ + 14u * step_], held[at_ + 15u * step_]}};
}

constexpr u32 FREQUENCIES = 130u;

constexpr u32 THREADS = 64u;

__device__ __forceinline__ vec2<u32> frequency(u32 f) {
  const u32 whole = SIZE * (SIZE / 2u - 1u);
  if (f < whole) {
    return vec2<u32>{1u + f / SIZE, f % SIZE};
  }
  const u32 g = f - whole;
  return vec2<u32>{g / (SIZE / 2u + 1u) * (SIZE / 2u), g % (SIZE / 2u + 1u)};
}

__device__ __forceinline__ u32 place_of(vec2<u32> frequency_2) {
  return frequency_2.y * ROW + frequency_2.x;
}

__device__ __forceinline__ vec2<u32> mirrored(vec2<u32> frequency_2) {
  return (SIZE - frequency_2) % SIZE;
}

constexpr f32 SCALE = 0.00390625f;

__device__ __forceinline__ void put(u32 f, u32 q, vec2<f32> a, vec2<f32> b, vec4<f32>* __restrict__ w_spectra) {
  w_spectra[f * COUNT + q] = SCALE * vec4<f32>{a.x, -a.y, b.x, -b.y};
}

extern "C" __global__ void __launch_bounds__(64) lanewise_kernel_conv_nchw_fft_16x16_t32x32x16r4_f32_weights(const f32* __restrict__ w, vec4<f32>* __restrict__ w_spectra) {
  wait_for_earlier_kernels();
  __shared__ Array<vec2<f32>, 1104> held;
  const vec3<u32> wid = {blockIdx.x, blockIdx.y, blockIdx.z};
  const u32 t = threadIdx.x;
  const u32 group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) {
    return;
  }
  const u32 pair = select(t / SIZE, t % PAIRS, PAIRS_FASTEST);
  const u32 line = select(t % SIZE, t / PAIRS, PAIRS_FASTEST);
  const Array<vec2<f32>, 16> columns = fft(load_line(source_of(group * PAIRS + pair, line), w));
  write_line(pair * PITCH + line, ROW, columns, held);
  __syncthreads();
  const u32 row = pair * PITCH + line * ROW;
  write_line(row, 1u, fft(read_line(row, 1u, held)), held);
  __syncthreads();
  for (u32 i = t; i < FREQUENCIES * PAIRS; i += THREADS) {
    const u32 first = i % PAIRS * PITCH;
    const vec2<u32> f = frequency(i / PAIRS);
    const vec2<f32> z = held[first + place_of(f)];
    const vec2<f32> m = held[first + place_of(mirrored(f))];
    const u32 q = group * PAIRS + i % PAIRS;
    if (q < COUNT) {
      put(i / PAIRS, q, 0.5f * vec2<f32>{z.x + m.x, z.y - m.y}, 0.5f * vec2<f32>{z.y + m.y, m.x - z.x}, w_spectra);
    }
  }
}

}  // namespace kernel_conv_nchw_fft_16x16_t32x32x16r4_f32_weights
}  // namespace lanewise
