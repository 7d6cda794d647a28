/** The fixed texts of products on tensor cores (product.ts): who computes what, the walk along the depth, the store. */

/** Blocks that run together: neighbours in a band of row tiles share what they read in the second-level cache. */
export const PLACE_TEXT = /* cuda */ `
struct Place {
  unsigned row, col, batch, part;
};

__device__ __forceinline__ Place place_of(unsigned group) {
  const unsigned slot = group / (ROW_TILES * COL_TILES);
  const unsigned tile = group % (ROW_TILES * COL_TILES);
  const unsigned band = tile / (BAND * COL_TILES) * BAND;
  const unsigned height = ROW_TILES - band < BAND ? ROW_TILES - band : BAND;
  const unsigned within = tile % (BAND * COL_TILES);
  return {(band + within % height) * TILE_ROWS, within / height * TILE_COLS, slot % BATCHES, slot / BATCHES};
}
`;

/** Warps: `Sums`, `Work` with `step(slot)`, which adds a step's product, and places of the sums. */
export const WARP_WORK_TEXT = /* cuda */ `
constexpr unsigned ROW_FRAGMENTS = TILE_ROWS / ROW_UNITS / 16u;
constexpr unsigned COL_FRAGMENTS = TILE_COLS / COL_UNITS / 8u;
// Steps that are known to be read when a step begins: the last one.
constexpr unsigned READING = 1u;
// Rows from one fragment of a warp to the next.
constexpr unsigned FRAGMENT_STEP = 16u;

// Where a lane finds its row of the matrices of fragments of sixteen rows (columns) and 32 bytes of the depth; matrices in
// the order in which the product wants them: the depth last for rows, first for columns.
template <unsigned TILE, unsigned COUNT, bool ACROSS, bool COLUMNS>
struct Fragments {
  static constexpr unsigned WIDTH = !ACROSS ? LINE : TILE * sizeof(Element) < 128u ? TILE * sizeof(Element) : 128u;
  static constexpr unsigned PER_LINE = WIDTH / 16u;
  unsigned at[ACROSS ? COUNT : 1u];

  __device__ __forceinline__ Fragments(unsigned first, unsigned lane) {
    const unsigned line = ACROSS == COLUMNS ? lane & 15u : (lane & 7u) | lane >> 4u << 3u;
    const unsigned half = ACROSS == COLUMNS ? lane >> 4u : lane >> 3u & 1u;
    if constexpr (ACROSS) {
#pragma unroll
      for (unsigned i = 0u; i < COUNT; i++) {
        const unsigned chunk = (first + i * 16u) / 8u + half;
        at[i] = (chunk / PER_LINE * TILE_DEPTH + line) * WIDTH + ((chunk % PER_LINE ^ swizzle<WIDTH>(line)) << 4u);
      }
    } else {
      at[0] = (first + line) * LINE + ((half ^ swizzle<LINE>(first + line)) << 4u);
    }
  }

  // Fragment i of the k-th 32 bytes of the depth.
  __device__ __forceinline__ void read(unsigned (&to)[4], unsigned slot, unsigned k, unsigned i) const {
    if constexpr (ACROSS) {
      load_matrices_transposed(to, slot + at[i] + k * (16u * WIDTH));
    } else {
      // Lines begin at multiples of their length: XOR adds to the chunk's number, as it was exchanged.
      load_matrices(to, ((slot + at[0]) ^ k * 32u) + i * (16u * LINE));
    }
#ifdef ROUNDED
#pragma unroll
    for (unsigned j = 0u; j < 4u; j++) to[j] = rounded(to[j]);
#endif
  }
};

struct Work {
  Fragments<TILE_ROWS, ROW_FRAGMENTS, ROWS_ACROSS, false> rows;
  Fragments<TILE_COLS, COL_FRAGMENTS / 2u, COLS_ACROSS, true> cols;

  static __device__ __forceinline__ unsigned first_row(unsigned t) {
    return t / 32u / COL_UNITS * (TILE_ROWS / ROW_UNITS);
  }
  static __device__ __forceinline__ unsigned first_col(unsigned t) {
    return t / 32u % COL_UNITS * (TILE_COLS / COL_UNITS);
  }

  __device__ __forceinline__ Work(unsigned t) : rows(first_row(t), t % 32u), cols(first_col(t), t % 32u) {}

  // The fragments of the next 32 bytes come while these are multiplied.
  __device__ __forceinline__ void step(float (&sums)[ROW_FRAGMENTS][COL_FRAGMENTS][4], unsigned slot) const {
    unsigned a[2][ROW_FRAGMENTS][4], b[2][COL_FRAGMENTS / 2u][4];
    read(a[0], b[0], slot, 0u);
#pragma unroll
    for (unsigned k = 0u; k < LINE / 32u; k++) {
      if (k + 1u < LINE / 32u) read(a[(k + 1u) % 2u], b[(k + 1u) % 2u], slot, k + 1u);
#pragma unroll
      for (unsigned i = 0u; i < ROW_FRAGMENTS; i++) {
#pragma unroll
        for (unsigned j = 0u; j < COL_FRAGMENTS; j++) {
          const unsigned(&pair)[4] = b[k % 2u][j / 2u];
          multiply(sums[i][j], a[k % 2u][i], pair[j % 2u * 2u], pair[j % 2u * 2u + 1u]);
        }
      }
    }
  }

  __device__ __forceinline__ void read(unsigned (&a)[ROW_FRAGMENTS][4], unsigned (&b)[COL_FRAGMENTS / 2u][4],
                                       unsigned slot, unsigned k) const {
#pragma unroll
    for (unsigned i = 0u; i < ROW_FRAGMENTS; i++) rows.read(a[i], slot, k, i);
#pragma unroll
    for (unsigned j = 0u; j < COL_FRAGMENTS / 2u; j++) cols.read(b[j], slot + COL_BASE, k, j);
  }

  __device__ __forceinline__ void finish() const {}
};
`;

/** The same of warpgroups, whose products run on while the next step's copies are asked for. */
export const GROUP_WORK_TEXT = /* cuda */ `
constexpr unsigned ROW_FRAGMENTS = TILE_ROWS / ROW_UNITS / 64u;
constexpr unsigned COL_FRAGMENTS = TILE_COLS / COL_UNITS / 8u;
// Products of the last step may still be reading when a step begins: only the one before is done.
constexpr unsigned READING = 2u;
constexpr unsigned FRAGMENT_STEP = 64u;

// A descriptor without its address: eight lines are 8 * LINE bytes, and lie swizzled as the loaders put them.
constexpr unsigned long long DESCRIPTOR =
    (LINE == 128u ? 1ull : 2ull) << 62u | (unsigned long long)(8u * LINE / 16u) << 32u | 1ull << 16u;

__device__ __forceinline__ unsigned long long descriptor(unsigned at) {
  return DESCRIPTOR | (at & 0x3ffffu) >> 4u;
}

struct Work {
  unsigned row, col;

  static __device__ __forceinline__ unsigned first_row(unsigned t) {
    return t / 128u / COL_UNITS * (TILE_ROWS / ROW_UNITS) + t / 32u % 4u * 16u;
  }
  static __device__ __forceinline__ unsigned first_col(unsigned t) {
    return t / 128u % COL_UNITS * (TILE_COLS / COL_UNITS);
  }

  __device__ __forceinline__ Work(unsigned t) {
    row = t / 128u / COL_UNITS * (TILE_ROWS / ROW_UNITS) * LINE;
    col = COL_BASE + first_col(t) * LINE;
  }

  __device__ __forceinline__ void step(float (&sums)[ROW_FRAGMENTS][COL_FRAGMENTS][4], unsigned slot) const {
    begin_products();
#pragma unroll
    for (unsigned k = 0u; k < LINE / 32u; k++) {
#pragma unroll
      for (unsigned i = 0u; i < ROW_FRAGMENTS; i++) {
        multiply_group(sums[i], descriptor(slot + row + i * (64u * LINE) + k * 32u), descriptor(slot + col + k * 32u));
      }
    }
    commit_products();
  }

  __device__ __forceinline__ void finish() const { await_products<0u>(); }
};
`;

/**
 * The kernel behind its parameters. A block computes tiles BLOCKS apart, and copies the first steps of the next one before it
 * stores the sums of the last. With READING steps possibly being read, a step's slot is free again READING steps later, after
 * the block has met: STAGES - READING steps are under way ahead of the one that is multiplied.
 */
export const MAIN_TEXT = /* cuda */ `
  const unsigned t = threadIdx.x;
  unsigned group = blockIdx.x + blockIdx.y * GRID_X;
  if (group >= GROUPS) return;
  const unsigned shared = shared_address(shared_memory);
  const Work work(t);
  Place place = place_of(group);
  Rows rows(row_data, place.row, place.part * PART_DEPTH, place.batch, t);
  Cols cols(col_data, place.col, place.part * PART_DEPTH, place.batch, t);
  begin_tile(rows, cols, shared, steps_of(place.part));
  while (true) {
    const unsigned steps = steps_of(place.part);
    float sums[ROW_FRAGMENTS][COL_FRAGMENTS][4] = {};
    unsigned reading = 0u, writing = AHEAD;
    for (unsigned i = 0u; i < steps; i++) {
      await_copies<AHEAD - 1u>();
      AFTER_COPIES
      __syncthreads();
      FIRST_LOADS
      work.step(sums, shared + reading * SLOT);
      LAST_LOADS
      reading = reading + 1u == STAGES ? 0u : reading + 1u;
      writing = writing + 1u == STAGES ? 0u : writing + 1u;
    }
    work.finish();
    const Place done = place;
    group += BLOCKS;
    if (group < GROUPS) {
      __syncthreads();
      place = place_of(group);
      rows = Rows(row_data, place.row, place.part * PART_DEPTH, place.batch, t);
      cols = Cols(col_data, place.col, place.part * PART_DEPTH, place.batch, t);
      begin_tile(rows, cols, shared, steps_of(place.part));
    }
    store_sums(sums, done, t, ending);
    if (group >= GROUPS) break;
  }
  await_copies<0u>();
}
`;

/** The first copies of a tile. */
export const BEGIN_TEXT = /* cuda */ `
constexpr unsigned AHEAD = STAGES - READING;

__device__ __forceinline__ unsigned steps_of(unsigned part) {
  const unsigned first = part * PART_DEPTH;
  const unsigned last = first + PART_DEPTH < DEPTH ? first + PART_DEPTH : DEPTH;
  return (last - first + TILE_DEPTH - 1u) / TILE_DEPTH;
}

__device__ __forceinline__ void begin_tile(Rows& rows, Cols& cols, unsigned shared, unsigned steps) {
#pragma unroll
  for (unsigned i = 0u; i < AHEAD; i++) {
    if (i < steps) {
      rows.load(shared + i * SLOT);
      cols.load(shared + i * SLOT + COL_BASE);
    }
    commit_copies();
  }
}
`;

/** The copies of the step AHEAD steps on. */
export const LOADS_TEXT = /* cuda */ `if (i + AHEAD < steps) {
        rows.load(shared + writing * SLOT);
        cols.load(shared + writing * SLOT + COL_BASE);
      }
      commit_copies();`;

/** The sums leave by strips of sixteen rows per warp through shared memory, where a lane finds neighbours of a row. */
export const STORE_TEXT = /* cuda */ `
__device__ __forceinline__ void store_sums(const float (&sums)[ROW_FRAGMENTS][COL_FRAGMENTS][4], const Place& place,
                                           unsigned t, const Ending& ending) {
  const unsigned lane = t % 32u;
  float* const strip = reinterpret_cast<float*>(shared_memory + STAGES * SLOT) + t / 32u * (16u * STRIP_PITCH);
#pragma unroll
  for (unsigned i = 0u; i < ROW_FRAGMENTS; i++) {
#pragma unroll
    for (unsigned j = 0u; j < COL_FRAGMENTS; j += STRIP_COLS / 8u) {
      __syncwarp();
#pragma unroll
      for (unsigned q = 0u; q < STRIP_COLS / 8u; q++) {
        float* const at = strip + lane / 4u * STRIP_PITCH + q * 8u + lane % 4u * 2u;
        *reinterpret_cast<float2*>(at) = make_float2(sums[i][j + q][0], sums[i][j + q][1]);
        *reinterpret_cast<float2*>(at + 8u * STRIP_PITCH) = make_float2(sums[i][j + q][2], sums[i][j + q][3]);
      }
      __syncwarp();
      store_strip(strip, place, place.row + Work::first_row(t) + i * FRAGMENT_STEP,
                  place.col + Work::first_col(t) + j * 8u, lane, ending);
    }
  }
}
`;

export const STRIP_TEXT = /* cuda */ `
__device__ __forceinline__ void store_strip(const float* strip, const Place& place, unsigned first_row,
                                            unsigned first_col, unsigned lane, const Ending& ending) {
#pragma unroll
  for (unsigned v = lane; v < 16u * STRIP_COLS / WIDTH; v += 32u) {
    const unsigned at = v / (STRIP_COLS / WIDTH), across = v % (STRIP_COLS / WIDTH) * WIDTH;
    const unsigned row = first_row + at, col = first_col + across;
    if (row >= ROWS || col >= COLS) continue;
    float values[WIDTH];
#pragma unroll
    for (unsigned q = 0u; q < WIDTH; q += 4u) {
      const float4 four = *reinterpret_cast<const float4*>(strip + at * STRIP_PITCH + across + q);
      values[q] = four.x;
      values[q + 1u] = four.y;
      values[q + 2u] = four.z;
      values[q + 3u] = four.w;
    }
    store(ending, place, row, col, values);
  }
}
`;
