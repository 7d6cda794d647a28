// What CUDA has and a host compiler has not, so that kernels run on the CPU: a block's threads are fibers that change
// places at barriers and shuffles, blocks run one after another. In front of every text that the fake NVRTC compiles.
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <stdlib.h>
#include <ucontext.h>

#define __device__
#define __global__
#define __shared__ static
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))

struct FakeIndex {
  unsigned x, y, z;
};
static FakeIndex threadIdx, blockIdx, blockDim, gridDim;

namespace fake {

struct Barrier {
  unsigned members = 0, arrived = 0, round = 0;
  void release() {
    arrived = 0;
    round++;
  }
  void leave() {
    members--;
    if (arrived > 0 && arrived == members) release();
  }
};

struct Warp {
  Barrier barrier;
  uint64_t slots[32];
};

struct Fiber {
  ucontext_t context;
  FakeIndex index;
  bool done;
  char* stack;
};

static const size_t STACK_BYTES = 256 * 1024;
static Fiber fibers[1024];
static Warp warps[32];
static Barrier block;
static ucontext_t scheduler;
static unsigned current;
static void* kernel;
static const uint64_t* values;

inline void wait(Barrier& barrier) {
  const unsigned round = barrier.round;
  if (++barrier.arrived == barrier.members) barrier.release();
  while (barrier.round == round) swapcontext(&fibers[current].context, &scheduler);
}

inline Warp& warp() { return warps[current / 32]; }

template <class T> T shuffle(T value, unsigned from) {
  static_assert(sizeof(T) <= 8, "a shuffle of more than 64 bits");
  Warp& w = warp();
  memcpy(&w.slots[current % 32], &value, sizeof(T));
  wait(w.barrier);
  T result = value;
  if (from < 32) memcpy(&result, &w.slots[from], sizeof(T));
  wait(w.barrier);
  return result;
}

static void thread() {
  using P = uint64_t;
  const P* v = values;
  ((void (*)(P, P, P, P, P, P, P, P, P, P, P, P))kernel)(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9],
                                                           v[10], v[11]);
  fibers[current].done = true;
  warp().barrier.leave();
  block.leave();
}

static void runBlock(FakeIndex size) {
  const unsigned threads = size.x * size.y * size.z;
  for (Warp& warp : warps) warp.barrier = Barrier();
  block = Barrier();
  block.members = threads;
  for (unsigned i = 0; i < threads; i++) {
    Fiber& fiber = fibers[i];
    warps[i / 32].barrier.members++;
    if (!fiber.stack) fiber.stack = (char*)malloc(STACK_BYTES);
    fiber.done = false;
    fiber.index = {i % size.x, i / size.x % size.y, i / size.x / size.y};
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack;
    fiber.context.uc_stack.ss_size = STACK_BYTES;
    fiber.context.uc_link = &scheduler;
    makecontext(&fiber.context, thread, 0);
  }
  for (bool more = true; more;) {
    more = false;
    for (current = 0; current < threads; current++) {
      if (fibers[current].done) continue;
      threadIdx = fibers[current].index;
      swapcontext(&scheduler, &fibers[current].context);
      more = true;
    }
  }
}

}  // namespace fake

// The fake driver's way in.
extern "C" void fake_launch(void* kernel, const uint64_t* values, const unsigned* grid, const unsigned* size) {
  fake::kernel = kernel;
  fake::values = values;
  gridDim = {grid[0], grid[1], grid[2]};
  blockDim = {size[0], size[1], size[2]};
  for (unsigned z = 0; z < grid[2]; z++)
    for (unsigned y = 0; y < grid[1]; y++)
      for (unsigned x = 0; x < grid[0]; x++) {
        blockIdx = {x, y, z};
        fake::runBlock(blockDim);
      }
}

// When the library is unloaded.
__attribute__((destructor)) static void freeStacks() {
  for (fake::Fiber& fiber : fake::fibers) free(fiber.stack);
}

inline void __syncthreads() { fake::wait(fake::block); }
inline void __syncwarp(unsigned = ~0u) { fake::wait(fake::warp().barrier); }
inline long long clock64() {
  static long long now = 0;
  return now += 1000000;
}
template <class T> T __shfl_sync(unsigned, T x, unsigned from) { return fake::shuffle(x, from % 32); }
template <class T> T __shfl_xor_sync(unsigned, T x, unsigned by) { return fake::shuffle(x, fake::current % 32 ^ by); }
template <class T> T __shfl_up_sync(unsigned, T x, unsigned by) { return fake::shuffle(x, fake::current % 32 - by); }
template <class T> T __shfl_down_sync(unsigned, T x, unsigned by) { return fake::shuffle(x, fake::current % 32 + by); }
inline int __all_sync(unsigned, int x) {
  for (unsigned by = 16; by > 0; by /= 2) x = fake::shuffle(x, fake::current % 32 ^ by) && x;
  return x;
}
inline int __any_sync(unsigned, int x) {
  for (unsigned by = 16; by > 0; by /= 2) x = fake::shuffle(x, fake::current % 32 ^ by) || x;
  return x;
}
template <class T> T atomicExch(T* p, T x) { T old = *p; *p = x; return old; }
template <class T> T atomicAdd(T* p, T x) { T old = *p; *p = old + x; return old; }
template <class T> T atomicSub(T* p, T x) { T old = *p; *p = old - x; return old; }
template <class T> T atomicMin(T* p, T x) { T old = *p; if (x < old) *p = x; return old; }
template <class T> T atomicMax(T* p, T x) { T old = *p; if (old < x) *p = x; return old; }
template <class T> T atomicAnd(T* p, T x) { T old = *p; *p = old & x; return old; }
template <class T> T atomicOr(T* p, T x) { T old = *p; *p = old | x; return old; }
template <class T> T atomicXor(T* p, T x) { T old = *p; *p = old ^ x; return old; }
inline int __float2int_rz(float x) {
  return x >= 2147483648.0f ? 2147483647 : x <= -2147483648.0f ? -2147483647 - 1 : x == x ? int(x) : 0;
}
inline unsigned __float2uint_rz(float x) {
  return x >= 4294967296.0f ? 4294967295u : x > 0.0f ? unsigned(x) : 0u;
}
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(unsigned(x)); }
inline unsigned __brev(unsigned x) {
  unsigned r = 0;
  for (int i = 0; i < 32; i++) r |= (x >> i & 1u) << (31 - i);
  return r;
}
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline float __uint_as_float(unsigned x) { float f; memcpy(&f, &x, 4); return f; }
inline unsigned __float_as_uint(float x) { unsigned u; memcpy(&u, &x, 4); return u; }
inline int __float_as_int(float x) { int i; memcpy(&i, &x, 4); return i; }
inline float __int_as_float(int x) { float f; memcpy(&f, &x, 4); return f; }
template <class T> T __ldg(const T* p) { return *p; }

// Halves and tensor cores.
#include "../translate-host.h"
