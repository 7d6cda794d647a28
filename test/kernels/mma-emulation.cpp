// CUDA's blocks on one thread of a CPU, for the texts of src/kernels/mma: every thread of a block is a fibre, and what they do
// together (barriers, matrices of a warp, products of a warpgroup) happens when the last one has come. The instructions
// follow PTX ISA 8.5, sections as in src/kernels/mma/instructions.ts.
// Copies are as asynchronous as they may be: their place is destroyed at once and filled when they are awaited; so are the
// products of warpgroups. A missing wait, barrier or stage shows as NaN.
#include "mma-headers.h"
// A compiled header allows no definitions in front of it.
#include "options.inc"

#define __device__
#define __global__
#define __shared__
#define __forceinline__ inline
#define __launch_bounds__(n)
#define __align__(n) __attribute__((aligned(n)))
#define __restrict__

struct Index { unsigned x, y, z; };
static Index threadIdx, blockIdx;
struct float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

alignas(1024) unsigned char shared_memory[SHARED_BYTES];

[[noreturn]] static void fail(const char* what) {
  fprintf(stderr, "%s (block %u, thread %u)\n", what, blockIdx.x, threadIdx.x);
  fflush(stderr);
  _Exit(3);
}

static unsigned bits_of(float x) { unsigned b; memcpy(&b, &x, 4); return b; }
static float float_of(unsigned b) { float x; memcpy(&x, &b, 4); return x; }

// --- Fibres
struct Copy { unsigned to; const void* from; bool inside; };
struct Fibre {
  ucontext_t context;
  std::unique_ptr<char[]> stack;
  bool done = false;
  std::vector<Copy> open;
  std::deque<std::vector<Copy>> committed;
};
static std::vector<Fibre> fibres;
static ucontext_t scheduler;
static unsigned long progress = 0;

static Fibre& self() { return fibres[threadIdx.x]; }
static void yield() {
  const Index mine = threadIdx;
  swapcontext(&fibres[mine.x].context, &scheduler);
  threadIdx = mine;
}

struct Meeting { unsigned arrived = 0, phase = 0; };
template <class Last> static void meet(Meeting& meeting, unsigned members, Last last) {
  const unsigned phase = meeting.phase;
  progress++;
  if (++meeting.arrived == members) {
    last();
    meeting.arrived = 0;
    meeting.phase++;
  } else {
    while (meeting.phase == phase) yield();
  }
}
static Meeting block_meeting, warp_meetings[64], group_meetings[16];
inline void __syncthreads() { meet(block_meeting, fibres.size(), [] {}); }
inline void __syncwarp() { meet(warp_meetings[threadIdx.x / 32], 32, [] {}); }

// --- Copies
static unsigned char* shared_at(unsigned at, unsigned bytes, unsigned alignment) {
  if (at % alignment != 0) fail("shared memory is not aligned");
  if (at + bytes > SHARED_BYTES) fail("beyond shared memory");
  return shared_memory + at;
}
inline unsigned shared_address(const void* pointer) { return (const unsigned char*)pointer - shared_memory; }
inline void copy_async(unsigned to, const void* from, bool inside) {
  memset(shared_at(to, 16, 16), 0xff, 16);
  if (inside && (unsigned long long)from % 16 != 0) fail("a copy's source is not aligned");
  self().open.push_back({to, from, inside});
}
inline void commit_copies() {
  self().committed.push_back(std::move(self().open));
  self().open.clear();
}
template <unsigned PENDING> inline void await_copies() {
  auto& groups = self().committed;
  while (groups.size() > PENDING) {
    for (const Copy& copy : groups.front()) {
      if (copy.inside) memcpy(shared_memory + copy.to, copy.from, 16);
      else memset(shared_memory + copy.to, 0, 16);
    }
    groups.pop_front();
  }
}

// --- Matrices
static unsigned long conflicts = 0;
struct Load { unsigned (*to)[4]; unsigned from; };
static Load loads[64][32];
static unsigned half_at(unsigned at) { unsigned short h; memcpy(&h, shared_memory + at, 2); return h; }
static void load_warp(unsigned warp, bool transposed) {
  for (unsigned i = 0; i < 4; i++) {
    unsigned banks = 0;
    for (unsigned row = 0; row < 8; row++) {
      const unsigned from = loads[warp][8 * i + row].from;
      shared_at(from, 16, 16);
      if (banks >> (from / 16 % 8) & 1) conflicts++;
      banks |= 1u << (from / 16 % 8);
    }
    for (unsigned lane = 0; lane < 32; lane++) {
      unsigned low, high;
      if (transposed) {
        low = half_at(loads[warp][8 * i + lane % 4 * 2].from + lane / 4 * 2);
        high = half_at(loads[warp][8 * i + lane % 4 * 2 + 1].from + lane / 4 * 2);
      } else {
        low = half_at(loads[warp][8 * i + lane / 4].from + lane % 4 * 4);
        high = half_at(loads[warp][8 * i + lane / 4].from + lane % 4 * 4 + 2);
      }
      (*loads[warp][lane].to)[i] = low | high << 16;
    }
  }
}
static void load_any(unsigned (&to)[4], unsigned from, bool transposed) {
  const unsigned warp = threadIdx.x / 32;
  loads[warp][threadIdx.x % 32] = {&to, from};
  meet(warp_meetings[warp], 32, [=] { load_warp(warp, transposed); });
}
inline void load_matrices(unsigned (&to)[4], unsigned from) { load_any(to, from, false); }
inline void load_matrices_transposed(unsigned (&to)[4], unsigned from) { load_any(to, from, true); }

// --- Numbers: TYPE is 0 for f16, 1 for bf16, 2 for tf32
static float half_number(unsigned bits) {
  if (TYPE == 1) return float_of(bits << 16);
  const unsigned short low = bits;
  _Float16 h;
  memcpy(&h, &low, 2);
  return (float)h;
}
#if TYPE == 2
typedef float Element;
inline unsigned rounded(unsigned bits) {
  if ((bits & 0x7fffffffu) > 0x7f800000u) return bits;
  return (bits + 0x1000u) & ~0x1fffu;
}
#else
typedef unsigned short Element;
inline float widened(unsigned short bits) { return half_number(bits); }
static unsigned narrowed(float x) {
  if (TYPE == 1) {
    const unsigned bits = bits_of(x);
    if (x != x) return 0x7fff;
    return (bits + 0x7fffu + (bits >> 16 & 1)) >> 16;
  }
  const _Float16 h = (_Float16)x;
  unsigned short result;
  memcpy(&result, &h, 2);
  return result;
}
inline unsigned packed(float low, float high) { return narrowed(low) | narrowed(high) << 16; }
#endif
// Numbers of a register, and the i-th.
constexpr unsigned PER_REGISTER = TYPE == 2 ? 1 : 2;
static float number_of(unsigned bits, unsigned i) {
  return TYPE == 2 ? float_of(bits & ~0x1fffu) : half_number(bits >> 16 * i & 0xffffu);
}

// --- Products of warps
struct Product { float (*sums)[4]; unsigned a[4], b[2]; };
static Product products[64][32];
static void multiply_warp(unsigned warp) {
  constexpr unsigned DEPTH_ = 8 * PER_REGISTER;
  float a[16][16], b[16][8];
  for (unsigned lane = 0; lane < 32; lane++) {
    const unsigned g = lane / 4, t = lane % 4;
    const Product& p = products[warp][lane];
    for (unsigned i = 0; i < PER_REGISTER; i++) {
      for (unsigned r = 0; r < 4; r++) a[g + r % 2 * 8][t * PER_REGISTER + i + r / 2 * (DEPTH_ / 2)] = number_of(p.a[r], i);
      for (unsigned r = 0; r < 2; r++) b[t * PER_REGISTER + i + r * (DEPTH_ / 2)][g] = number_of(p.b[r], i);
    }
  }
  for (unsigned lane = 0; lane < 32; lane++) {
    for (unsigned c = 0; c < 4; c++) {
      float& sum = (*products[warp][lane].sums)[c];
      for (unsigned k = 0; k < DEPTH_; k++) sum += a[lane / 4 + c / 2 * 8][k] * b[k][lane % 4 * 2 + c % 2];
    }
  }
}
inline void multiply(float (&sums)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
  const unsigned warp = threadIdx.x / 32;
  products[warp][threadIdx.x % 32] = {&sums, {a[0], a[1], a[2], a[3]}, {b0, b1}};
  meet(warp_meetings[warp], 32, [=] { multiply_warp(warp); });
}

// --- Products of warpgroups
struct GroupProduct { float* sums[128]; unsigned fragments; unsigned long long a, b; };
static GroupProduct arriving[16];
static std::vector<GroupProduct> open_products[16];
static std::deque<std::vector<GroupProduct>> committed_products[16];
static bool published[2048];
inline void publish_shared() { published[threadIdx.x] = true; }
inline void begin_products() {}
// The number at a row and a place of the depth of an operand whose depth is contiguous (9.7.15.5.1).
static float operand_at(unsigned long long descriptor, unsigned row, unsigned k) {
  const unsigned mode = descriptor >> 62, width = mode == 1 ? 128 : 64;
  if (mode != 1 && mode != 2) fail("no such swizzle");
  const unsigned start = (descriptor & 0x3fff) << 4, eight_lines = (descriptor >> 32 & 0x3fff) << 4;
  unsigned at = start + row / 8 * eight_lines + row % 8 * width + k * (4 / PER_REGISTER);
  at ^= (at >> 7 & (mode == 1 ? 7u : 3u)) << 4;
  if (PER_REGISTER == 2) { shared_at(at, 2, 2); return half_number(half_at(at)); }
  unsigned bits;
  memcpy(&bits, shared_at(at, 4, 4), 4);
  return number_of(bits, 0);
}
static void run(const GroupProduct& p) {
  constexpr unsigned DEPTH_ = 8 * PER_REGISTER;
  const unsigned cols = p.fragments * 8;
  std::vector<float> a(64 * DEPTH_), b(cols * DEPTH_);
  for (unsigned r = 0; r < 64; r++) for (unsigned k = 0; k < DEPTH_; k++) a[r * DEPTH_ + k] = operand_at(p.a, r, k);
  for (unsigned c = 0; c < cols; c++) for (unsigned k = 0; k < DEPTH_; k++) b[c * DEPTH_ + k] = operand_at(p.b, c, k);
  for (unsigned t = 0; t < 128; t++) {
    for (unsigned i = 0; i < 4 * p.fragments; i++) {
      const unsigned row = t / 32 * 16 + t % 32 / 4 + i % 4 / 2 * 8, col = i / 4 * 8 + t % 4 * 2 + i % 2;
      for (unsigned k = 0; k < DEPTH_; k++) p.sums[t][i] += a[row * DEPTH_ + k] * b[col * DEPTH_ + k];
    }
  }
}
template <unsigned FRAGMENTS>
inline void multiply_group(float (&sums)[FRAGMENTS][4], unsigned long long a, unsigned long long b) {
  if (!published[threadIdx.x]) fail("shared memory was not published");
  const unsigned group = threadIdx.x / 128;
  GroupProduct& product = arriving[group];
  product.sums[threadIdx.x % 128] = &sums[0][0];
  if (threadIdx.x % 128 != 0 && product.a != 0 && (product.a != a || product.b != b)) fail("descriptors differ");
  product.a = a;
  product.b = b;
  product.fragments = FRAGMENTS;
  meet(group_meetings[group], 128, [=] {
    open_products[group].push_back(arriving[group]);
    arriving[group] = {};
  });
}
inline void commit_products() {
  const unsigned group = threadIdx.x / 128;
  published[threadIdx.x] = false;
  meet(group_meetings[group], 128, [=] {
    committed_products[group].push_back(std::move(open_products[group]));
    open_products[group].clear();
  });
}
template <unsigned PENDING> inline void await_products() {
  const unsigned group = threadIdx.x / 128;
  meet(group_meetings[group], 128, [=] {
    auto& groups = committed_products[group];
    while (groups.size() > PENDING) {
      for (const GroupProduct& product : groups.front()) run(product);
      groups.pop_front();
    }
  });
}

#include "kernel.inc"

// --- The grid: arguments are a file of the buffers one behind another, and their bytes
static std::vector<unsigned char*> buffers;
template <class... T> static void call(void (*kernel)(T...)) {
  unsigned i = 0;
  std::tuple<T...> arguments{(T)(buffers.at(i++))...};
  std::apply(kernel, arguments);
}
static void thread_main() {
  call(&main_kernel);
  if (!self().open.empty() || !self().committed.empty()) fail("copies were not awaited");
  self().done = true;
  progress++;
  swapcontext(&self().context, &scheduler);
}

static void run_block(bool reversed) {
  memset(shared_memory, 0xff, SHARED_BYTES);
  constexpr size_t STACK = 1 << 17;
  for (unsigned i = 0; i < fibres.size(); i++) {
    Fibre& fibre = fibres[i];
    fibre.done = false;
    if (!fibre.stack) fibre.stack.reset(new char[STACK]);
    getcontext(&fibre.context);
    fibre.context.uc_stack.ss_sp = fibre.stack.get();
    fibre.context.uc_stack.ss_size = STACK;
    fibre.context.uc_link = nullptr;
    makecontext(&fibre.context, thread_main, 0);
  }
  // A warp goes as far as it can before the next one does: to where the block meets.
  const unsigned warps = fibres.size() / 32;
  size_t left = fibres.size();
  while (left > 0) {
    const unsigned long before = progress;
    for (unsigned j = 0; j < warps; j++) {
      const unsigned warp = reversed ? warps - 1 - j : j;
      unsigned long seen;
      do {
        seen = progress;
        for (unsigned i = 32 * warp; i < 32 * warp + 32; i++) {
          if (fibres[i].done) continue;
          threadIdx = {i, 0, 0};
          swapcontext(&scheduler, &fibres[i].context);
          if (fibres[i].done) left--;
        }
      } while (progress != seen);
    }
    if (progress == before) fail("threads wait for each other");
  }
}

int main(int count, char** arguments) {
  FILE* file = fopen(arguments[1], "r+b");
  for (int i = 2; i < count; i++) {
    const size_t bytes = strtoull(arguments[i], nullptr, 10);
    buffers.push_back((unsigned char*)aligned_alloc(256, (bytes + 255) / 256 * 256 + 256));
    if (fread(buffers.back(), 1, bytes, file) != bytes) fail("the buffers are not all there");
  }
  fibres.resize(BLOCK_THREADS);
  // Every other block backwards: what one thread reads of another's work is late either way.
  for (unsigned y = 0; y < GRID_ROWS; y++) {
    for (unsigned x = 0; x < GRID_COLS; x++) {
      blockIdx = {x, y, 0};
      run_block((x + y) % 2 == 1);
    }
  }
  rewind(file);
  for (int i = 2; i < count; i++) fwrite(buffers[i - 2], 1, strtoull(arguments[i], nullptr, 10), file);
  fclose(file);
  printf("%lu", conflicts);
}
