/**
 * The instructions that CUDA C++ has no words for, as functions: asynchronous copies, matrices of shared memory, products
 * of a warp and of a warpgroup, conversions. Nothing else in these kernels is machine code, so that a test can run a
 * kernel's text on a CPU with other functions of these names. Numbers of sections are PTX ISA 8.5's.
 */

/** How elements are stored, and what the tensor cores make of them: `tf32` is f32 in memory. */
export type MmaType = 'f16' | 'bf16' | 'tf32';

/** Bytes of an element in memory. */
export const MMA_BYTES: Readonly<Record<MmaType, number>> = { f16: 2, bf16: 2, tf32: 4 };

const COPIES = /* cuda */ `
__device__ __forceinline__ unsigned shared_address(const void* pointer) {
  return (unsigned)__cvta_generic_to_shared(pointer);
}

// 16 bytes to shared memory, past the first-level cache; zeros where there are none to be had (9.7.8.25.3.1).
__device__ __forceinline__ void copy_async(unsigned to, const void* from, bool inside) {
  const unsigned bytes = inside ? 16u : 0u;
  asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(bytes) : "memory");
}

__device__ __forceinline__ void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Until all but the latest PENDING groups of this thread's copies have arrived.
template <unsigned PENDING>
__device__ __forceinline__ void await_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory");
}
`;

// Lane l gives the address of row l % 8 of matrix l / 8; of every matrix it gets elements 2 * (l % 4) and the next of row
// l / 4, transposed: of column l / 4 (9.7.14.5.15).
const MATRICES = /* cuda */ `
__device__ __forceinline__ void load_matrices(unsigned (&to)[4], unsigned from) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(from)
               : "memory");
}

__device__ __forceinline__ void load_matrices_transposed(unsigned (&to)[4], unsigned from) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(from)
               : "memory");
}
`;

/** The product of fragments, sums += a * b (9.7.14.5.8: m16n8k16, 9.7.14.5.6: m16n8k8). */
function multiplyText(type: MmaType): string {
  const [shape, name] = type === 'tf32' ? ['m16n8k8', 'tf32'] : ['m16n8k16', type];
  return /* cuda */ `
__device__ __forceinline__ void multiply(float (&sums)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
  asm volatile(
      "mma.sync.aligned.${shape}.row.col.f32.${name}.${name}.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
`;
}

const HALF = /* cuda */ `
typedef unsigned short Element;

__device__ __forceinline__ float widened(unsigned short bits) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}

// Two numbers, the first in the low half.
__device__ __forceinline__ unsigned packed(float low, float high) {
  unsigned bits;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
  return bits;
}
`;

const BRAIN = /* cuda */ `
typedef unsigned short Element;

__device__ __forceinline__ float widened(unsigned short bits) { return __uint_as_float((unsigned)bits << 16u); }

// Two numbers, the first in the low half.
__device__ __forceinline__ unsigned packed(float low, float high) {
  unsigned bits;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
  return bits;
}
`;

// Without rounding the tensor cores cut off thirteen bits, and every product would be too small.
const TENSOR_FLOAT = /* cuda */ `
typedef float Element;

__device__ __forceinline__ unsigned rounded(unsigned bits) {
  unsigned result;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(result) : "f"(__uint_as_float(bits)));
  return result;
}
`;

/** What every kernel of a type uses. */
export function instructionsText(type: MmaType): string {
  const element = { f16: HALF, bf16: BRAIN, tf32: TENSOR_FLOAT }[type];
  return COPIES + MATRICES + multiplyText(type) + element;
}

const GROUP_ORDER = /* cuda */ `
// What this thread wrote to shared memory is there for the tensor cores' own reads.
__device__ __forceinline__ void publish_shared() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

__device__ __forceinline__ void begin_products() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }

__device__ __forceinline__ void commit_products() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }

// Until all but the latest PENDING groups of this warpgroup's products are done.
template <unsigned PENDING>
__device__ __forceinline__ void await_products() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(PENDING) : "memory");
}
`;

/**
 * The product of a warpgroup, sums += a * b over 32 bytes of the depth, 64 rows by `cols` (9.7.15.5.2). Operands are
 * descriptors of shared memory. Done only when `await_products` says so.
 * @param cols a multiple of 8 up to 256
 */
export function groupInstructionsText(type: MmaType, cols: number): string {
  const fragments = cols / 8;
  const depth = type === 'tf32' ? 8 : 16;
  const name = type;
  const sums = Array.from({ length: 4 * fragments }, (_, i) => `%${i}`).join(', ');
  const bound = Array.from({ length: fragments }, (_, j) =>
    [0, 1, 2, 3].map((i) => `"+f"(sums[${j}][${i}])`).join(', '),
  ).join(',\n        ');
  const [a, b] = [4 * fragments, 4 * fragments + 1];
  // Scale of the sums and of both operands, and for 16 bits whether an operand lies across.
  const flags = type === 'tf32' ? 'p, 1, 1' : 'p, 1, 1, 0, 0';
  return /* cuda */ `${GROUP_ORDER}
__device__ __forceinline__ void multiply_group(float (&sums)[${fragments}][4], unsigned long long a, unsigned long long b) {
  asm volatile(
      "{ .reg .pred p; setp.eq.u32 p, 1, 1; "
      "wgmma.mma_async.sync.aligned.m64n${cols}k${depth}.f32.${name}.${name} {${sums}}, %${a}, %${b}, ${flags}; }"
      : ${bound}
      : "l"(a), "l"(b));
}
`;
}
