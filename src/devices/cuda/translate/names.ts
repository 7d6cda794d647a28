/** Names: what a kernel's identifiers are called in CUDA. */
import { PRELUDE_NAMES } from './prelude.js';

/** Words of C++, and macros and variables that CUDA's and the C library's headers bring. */
const RESERVED = new Set(
  (
    'alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class ' +
    'compl concept const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype ' +
    'default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline ' +
    'int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public ' +
    'register reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast ' +
    'struct switch template this thread_local throw true try typedef typeid typename typeof union unsigned using ' +
    'virtual void volatile wchar_t while xor xor_eq ' +
    'f16 f32 i32 u32 vec2 vec3 vec4 ' +
    'threadIdx blockIdx blockDim gridDim warpSize main memory lanewise half linux unix ' +
    'NULL NAN INFINITY HUGE_VAL EOF assert errno signgam major minor stdin stdout stderr ' +
    'DOMAIN SING OVERFLOW UNDERFLOW PLOSS TLOSS RAND_MAX BUFSIZ CHAR_BIT INT_MAX INT_MIN UINT_MAX FLT_MAX'
  ).split(' '),
);

/** A name that C++ accepts and that hides nothing of CUDA's or the prelude's. */
export function safeName(name: string): string {
  if (RESERVED.has(name) || PRELUDE_NAMES.has(name)) return `${name}_`;
  // Names with two underscores belong to the compiler.
  return name.startsWith('_') || name.includes('__') ? `u_${name.replace(/_+/g, '_')}` : name;
}

/** A name not in use. */
export function uniqueName(name: string, taken: (name: string) => boolean): string {
  const safe = safeName(name);
  if (!taken(safe)) return safe;
  for (let i = 2; ; i++) {
    const candidate = `${safe}_${i}`;
    if (!taken(candidate)) return candidate;
  }
}
