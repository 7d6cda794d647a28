// What both fake libraries share: numbers as GPUs store them, settings from outside, and counts.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace fake {

// cudaDataType and cudnnDataType_t number types differently.
enum class Type { f32, f16, bf16 };

inline float fromBits(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, 4);
  return x;
}

inline uint32_t toBits(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  return bits;
}

// Drops bits of the fraction, rounding to the nearest, ties to even.
inline float rounded(float x, int dropped) {
  if (!std::isfinite(x)) return x;
  const uint32_t bits = toBits(x), unit = 1u << dropped;
  return fromBits((bits + unit / 2 - 1 + (bits >> dropped & 1)) & ~(unit - 1));
}

inline float tf32(float x) { return rounded(x, 13); }

inline float halfToFloat(uint16_t h) {
  const int exponent = h >> 10 & 31, fraction = h & 1023;
  const float sign = h & 0x8000 ? -1.0f : 1.0f;
  if (exponent == 31) return fraction ? NAN : sign * INFINITY;
  return sign * (exponent ? std::ldexp(1024.0f + fraction, exponent - 25) : std::ldexp(float(fraction), -24));
}

inline uint16_t floatToHalf(float x) {
  const uint16_t sign = std::signbit(x) ? 0x8000 : 0;
  const float size = std::fabs(x);
  if (std::isnan(x)) return sign | 0x7e00;
  if (size >= 65520.0f) return sign | 0x7c00;
  if (size == 0) return sign;
  int exponent = 0;
  std::frexp(size, &exponent);
  const int step = std::max(exponent - 11, -24);
  const float count = std::nearbyint(std::ldexp(size, -step));
  // Counts of the smallest step add up to the code: a carry goes into the exponent.
  return sign | (step == -24 ? uint16_t(count) : uint16_t(count - 1024.0f) + uint16_t((step + 25) << 10));
}

inline float load(const void* base, int64_t at, Type type) {
  if (type == Type::f32) return static_cast<const float*>(base)[at];
  const uint16_t code = static_cast<const uint16_t*>(base)[at];
  return type == Type::f16 ? halfToFloat(code) : fromBits(uint32_t(code) << 16);
}

inline void store(void* base, int64_t at, Type type, float x) {
  if (type == Type::f32) static_cast<float*>(base)[at] = x;
  else if (type == Type::f16) static_cast<uint16_t*>(base)[at] = floatToHalf(x);
  else static_cast<uint16_t*>(base)[at] = uint16_t(toBits(rounded(x, 16)) >> 16);
}

inline std::map<std::string, int64_t>& state() {
  static std::map<std::string, int64_t> values;
  return values;
}

// Settings that tests make, and counts that they read.
inline int64_t get(const char* name) { return state()[name]; }
inline void set(const char* name, int64_t value) { state()[name] = value; }

// The status that a test wants of a function, once.
inline int injected(const char* function) {
  const int64_t status = get(function);
  if (status) set(function, 0);
  return int(status);
}

}  // namespace fake

extern "C" {
void fake_set(const char* name, int64_t value) { fake::set(name, value); }
int64_t fake_get(const char* name) { return fake::get(name); }
void fake_clear() { fake::state().clear(); }
}
