// Kernels on the CPU whose every access is checked: storage knows how much is bound and workgroup memory what it holds, and
// an access outside ends the process with the names of the kernel and of the variable, and the index. In front of the
// translator's prelude as checked-device.ts changes it.
#pragma once
#include "fake/shim.h"
#include <stdio.h>
#include <type_traits>

namespace fake {

// A binding, or a variable in workgroup memory.
struct Region {
  const char* name;
  char* at;
  uint64_t bytes;
};

static const char* kernel_name;
static Region regions[64];
static unsigned regions_used, bindings_used;

[[noreturn]] inline void outside(const char* name, long long index, unsigned long long count) {
  fprintf(stderr, "kernel %s: index %lld of %s, which has %llu (workgroup %u %u %u, invocation %u)\n", kernel_name, index,
          name, count, blockIdx.x, blockIdx.y, blockIdx.z, current);
  _Exit(3);
}

inline const Region* region_of(const void* p) {
  for (unsigned i = 0; i < regions_used; i++) {
    const Region& region = regions[i];
    if ((const char*)p >= region.at && (const char*)p < region.at + region.bytes) return &region;
  }
  return nullptr;
}

// An element of an array whose size its type has.
inline void check_array(const void* array, unsigned i, unsigned count) {
  if (i < count) return;
  const Region* region = region_of(array);
  char name[200];
  snprintf(name, sizeof(name), region ? "%s" : "an array in a function", region ? region->name : "");
  outside(name, (int)i, count);
}

inline void check_component(unsigned i, unsigned count) {
  if (i >= count) outside("a vector", (int)i, count);
}

// Bytes that lie some way behind an element that was checked.
inline void check_span(const void* from, uint64_t offset, uint64_t bytes) {
  const Region* region = region_of(from);
  if (!region) outside("unknown memory", (long long)offset, 0);
  const uint64_t first = (const char*)from - region->at + offset;
  if (first + bytes > region->bytes) outside(region->name, (long long)first, region->bytes);
}

template <class T> const T* checked_line(const T* from, unsigned i) {
  check_span(from, uint64_t(i) * sizeof(T), sizeof(T));
  return from + i;
}

// An array in storage.
template <class T> struct Checked {
  T* at;
  uint64_t count;
  const char* name;
  T& operator[](long long i) const {
    if (uint64_t(i) >= count) outside(name, i, count);
    return at[i];
  }
  T& operator*() const { return (*this)[0]; }
};

// What is bound, as a kernel's parameter of any type.
struct Bound : Region {
  template <class T> operator Checked<T>() const { return {(T*)at, bytes / sizeof(T), name}; }
};
static Bound bound[12];

// A variable in workgroup memory; nothing has written there.
struct Shared {
  template <class T> Shared(const char* name, T& variable) {
    regions[regions_used++] = {name, (char*)&variable, sizeof(T)};
    memset((void*)&variable, 0xff, sizeof(T));
  }
};

struct Kernel {
  const char* name;
  void (*enter)();
  unsigned bindings;
  const char* names[12];
  unsigned grid[3], size[3];
};

inline bool read_all(void* to, size_t bytes) { return fread(to, 1, bytes, stdin) == bytes; }

// Input: the kernel's number, how many pieces of memory; of each its bytes, and them; the piece of each binding. Output: the
// pieces.
inline int run_one(const Kernel* kernels) {
  unsigned head[2], sizes[12], piece;
  char* pieces[12];
  if (!read_all(head, 8)) return 1;
  for (unsigned i = 0; i < head[1]; i++) {
    if (!read_all(sizes + i, 4)) return 1;
    pieces[i] = (char*)aligned_alloc(256, sizes[i] / 256 * 256 + 256);
    if (!read_all(pieces[i], sizes[i])) return 1;
  }
  const Kernel& one = kernels[head[0]];
  kernel_name = one.name;
  for (unsigned i = 0; i < one.bindings; i++) {
    if (!read_all(&piece, 4)) return 1;
    static_cast<Region&>(bound[i]) = {one.names[i], pieces[piece], sizes[piece]};
    regions[regions_used++] = bound[i];
  }
  bindings_used = regions_used;
  kernel = (void*)one.enter;
  static const uint64_t none[12] = {};
  values = none;
  gridDim = {one.grid[0], one.grid[1], one.grid[2]};
  blockDim = {one.size[0], one.size[1], one.size[2]};
  for (unsigned z = 0; z < gridDim.z; z++)
    for (unsigned y = 0; y < gridDim.y; y++)
      for (unsigned x = 0; x < gridDim.x; x++) {
        blockIdx = {x, y, z};
        for (unsigned i = bindings_used; i < regions_used; i++) memset(regions[i].at, 0xff, regions[i].bytes);
        runBlock(blockDim);
      }
  for (unsigned i = 0; i < head[1]; i++) fwrite(pieces[i], 1, sizes[i], stdout);
  return 0;
}

}  // namespace fake
