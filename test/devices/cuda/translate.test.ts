/** WGSL constructs and the CUDA C++ that they become. */
import { describe, expect, it } from 'vitest';
import { translate } from '../../../src/devices/cuda/translate/index.js';
import { FormatError, UnsupportedError } from '../../../src/errors.js';
import { sourceOf } from './translate-support.js';

const STORAGE = `
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
`;

/** The kernel's part of the CUDA text, without the prelude. */
function kernelOf(body: string, declarations = '', workgroup = 64): string {
  const wgsl = `${STORAGE}${declarations}
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) lane: u32) { ${body} }`;
  const { cuda } = translate(sourceOf('k', wgsl, workgroup));
  return cuda.slice(cuda.indexOf('namespace kernel_k {'));
}

const cases: readonly (readonly [
  name: string,
  wgsl: string,
  cuda: string,
  declarations?: string,
  workgroup?: number,
])[] = [
  ['a let', 'let a = 1; y[0] = u32(a);', 'const i32 a = 1;'],
  ['unsigned literals', 'let a = 0xffffffffu; y[0] = a;', 'const u32 a = 4294967295u;'],
  ['abstract operands', 'var a = 2u; a = 3 * a + 1; y[0] = a;', 'a = 3u * a + 1u;'],
  ['division by a constant', 'y[0] = lane / 3u;', 'y[0] = lane / 3u;'],
  ['division by a variable', 'var d = 3u; y[0] = lane / d;', 'y[0] = div(lane, d);'],
  ['i32 arithmetic', 'var a = 1i; a = a - 2 * a;', 'a = sub(a, mul(2, a));'],
  ['shifts', 'y[0] = lane << 3u;', 'y[0] = lane << 3u;'],
  ['shifts by a variable', 'y[0] = lane >> lane;', 'y[0] = shr(lane, lane);'],
  ['parentheses', 'y[0] = (lane + 1u) * 2u;', 'y[0] = (lane + 1u) * 2u;'],
  ['vectors', 'let v = vec4<f32>(1.0, 2, x[0].y, 0.5);', 'vec4<f32>{1.0f, 2.0f, x[0].y, 0.5f}'],
  ['splats', 'let v = vec3<f32>(1.0);', 'const vec3<f32> v = splat<3>(1.0f);'],
  ['compositions', 'let v = vec4<f32>(x[0].xyz, 1.0);', 'join(swizzle<0, 1, 2>(x[0]), 1.0f)'],
  ['conversions', 'let v = vec4<u32>(x[0]);', 'convert<u32>(x[0])'],
  ['selections', 'let v = select(x[0], x[1], x[0] < x[1]);', 'select(x[0], x[1], x[0] < x[1])'],
  ['component writes', 'var v = x[0]; v.y = 2.0;', 'v.y = 2.0f;'],
  ['zero initialisation', 'var a: array<vec4<f32>, 2>;', 'Array<vec4<f32>, 2> a = Array<vec4<f32>, 2>{};'],
  ['arrays', 'let a = array(1u, 2u); y[0] = a[lane];', 'Array<u32, 2>{{1u, 2u}}'],
  ['bitcast', 'y[0] = bitcast<u32>(x[0].x);', 'bitcast<u32>(x[0].x)'],
  [
    'structs',
    'let t = T(1u, false); y[0] = t.a;',
    'const T t = T{1u, false};',
    'struct T { a: u32, b: bool }',
  ],
  ['aliases', 'var a = V(); a = x[0];', 'vec4<f32> a = vec4<f32>{};', 'alias V = vec4<f32>;'],
  ['constants', 'y[0] = N;', 'constexpr u32 N = M * 2u;', 'const M = 3u; const N = M * 2u;'],
  ['negative constants', 'y[0] = u32(N);', 'constexpr i32 N = -1;', 'const N = i32(-1);'],
  ['overrides', 'y[0] = N;', 'constexpr u32 N = 3u;', 'override N: u32 = 3;'],
  [
    'constant loops',
    'for (var i = 0u; i < 4u; i++) { y[i] = i; }',
    '#pragma unroll\n  for (u32 i = 0u; i < 4u; i += 1u) {',
  ],
  ['while', 'var i = 0u; while (i < 3u) { i++; }', 'while (i < 3u) {'],
  ['loop', 'var i = 0u; loop { i++; continuing { break if i > 3u; } }', 'if (i > 3u) break;'],
  [
    'switch',
    'switch lane { case 1u, 2u: { y[0] = 1u; } default: { } }',
    'case 1u: case 2u: {\n      y[0] = 1u;\n      break;\n    }',
  ],
  [
    'else if',
    'if (lane == 0u) { y[0] = 1u; } else if (lane == 1u) { y[1] = 1u; } else { return; }',
    '} else if (lane == 1u) {',
  ],
  [
    'compound assignment to i32',
    'var a: array<i32, 2>; a[lane] += 2;',
    'i32& place = a[lane];\n    place = add(place, 2);',
  ],
  [
    'workgroup memory',
    'm[lane] = 1.0; workgroupBarrier();',
    '__shared__ Array<f32, 64> m;',
    'var<workgroup> m: array<f32, 64>;',
  ],
  ['private variables', 'p = lane; y[0] = p;', 'u32 p{};', 'var<private> p: u32;'],
  ['pointers', 'var a = 1u; f(&a); y[0] = a;', 'f(&a);', 'fn f(p: ptr<function, u32>) { *p = 2u; }'],
  ['atomics', 'atomicAdd(&c, 1u);', 'atomicAdd(&c, 1u);', 'var<workgroup> c: atomic<u32>;'],
  ['subgroups', 'y[0] = subgroupAdd(lane);', 'subgroupAdd(lane)'],
  [
    'matrices in workgroup memory',
    'let a = subgroupMatrixLoad<Left, row_major>(&m, 2u * lane, 3u); y[0] = lane;',
    'const MatrixLeft a = staged_left<true>(&m[2u * lane], 3u);',
    'var<workgroup> m: array<vec4<u32>, 64>; alias Left = subgroup_matrix_left<f16, 16, 16>;',
  ],
  [
    'matrices in storage',
    'var a: Sums; subgroupMatrixStore<col_major>(&y, lane, a, 16u);',
    'matrix_store<false>(&y[lane], a, 16u);',
    'alias Sums = subgroup_matrix_result<f32, 16, 16>;',
  ],
  [
    'subgroups of a workgroup smaller than a warp',
    'y[lane] = subgroupAdd(lane) + subgroupShuffleXor(lane, 1u);',
    'y[lane] = subgroupAdd<8u>(lane) + subgroupShuffleXor<8u>(lane, 1u);',
    '',
    8,
  ],
  ['packed halves', 'y[0] = pack2x16float(x[0].xy);', 'y[0] = pack2x16float(swizzle<0, 1>(x[0]));'],
  ['rounding', 'let r = round(x[0].x);', 'const f32 r = round(x[0].x);'],
  ['names of C++', 'let double = lane; y[0] = double;', 'const u32 double_ = lane;'],
  [
    'names of the prelude',
    'y[0] = join(lane);',
    'y[0] = join_(lane);',
    'fn join(a: u32) -> u32 { return a; }',
  ],
  ['shadowing', 'let x = x[0].x; y[0] = u32(x);', 'const f32 x_2 = x[0].x;'],
  ['the name block', 'let block = lane; y[block] = 1u;', 'const u32 block = lane;'],
  ['module variables in functions', 'f();', 'u32 f(u32* __restrict__ y) {', 'fn f() -> u32 { return y[0]; }'],
];

const MATRICES = `alias Left = subgroup_matrix_left<f16, 16, 16>;
alias Sums = subgroup_matrix_result<f32, 16, 16>;`;
const MATRIX_USE = 'var a: Left; var c: Sums; c = subgroupMatrixMultiplyAccumulate(a, a, c);';

describe('translate', () => {
  const named = cases.map(([name, wgsl, cuda, declarations = '', workgroup = 64]) => ({
    name,
    wgsl,
    cuda,
    declarations,
    workgroup,
  }));
  it.each(named)('$name', ({ wgsl, cuda, declarations, workgroup }) => {
    expect(kernelOf(wgsl, declarations, workgroup)).toContain(cuda);
  });

  it('makes an entry point with pointers and launch bounds', () => {
    expect(kernelOf('y[0] = u32(x[lane].x);')).toContain(
      'extern "C" __global__ void __launch_bounds__(64) lanewise_kernel_k(' +
        'const vec4<f32>* __restrict__ x, u32* __restrict__ y) {',
    );
  });

  it('takes workgroup memory above 48 KiB as dynamic memory', () => {
    const wgsl = `${STORAGE} var<workgroup> a: array<f32, 3>; var<workgroup> b: array<vec4<f32>, 4096>;
      @compute @workgroup_size(64) fn main() { a[0] = 1.0; b[0] = x[0]; y[0] = u32(a[0] + b[1].x); }`;
    const { cuda, dynamicBytes } = translate(sourceOf('k', wgsl));
    expect(dynamicBytes).toBe(16 + 4096 * 16);
    expect(cuda).toContain(
      'Array<vec4<f32>, 4096>& b = *reinterpret_cast<Array<vec4<f32>, 4096>*>(memory + 16);',
    );
  });

  it.each<readonly [name: string, body: string, declarations: string, construct: string]>([
    [
      'lengths of local arrays',
      'var a: array<u32, 3>; y[0] = arrayLength(&a);',
      '',
      'function arrayLength of anything but a binding',
    ],
    ['mat2x2', 'var m: mat2x2<f32>;', '', 'type mat2x2'],
    ['subgroup scans', 'y[0] = subgroupExclusiveAdd(lane);', '', 'function subgroupExclusiveAdd'],
    ['textures', 'y[0] = 1u;', '@group(0) @binding(2) var t: texture_2d<f32>;', 'var<> t'],
    [
      'a matrix of sums as an operand',
      MATRIX_USE,
      MATRICES,
      'subgroupMatrixMultiplyAccumulate of left, left, result',
    ],
    ['uniform variables', 'y[0] = u;', '@group(0) @binding(2) var<uniform> u: u32;', 'var<uniform> u'],
    [
      'continue',
      'loop { continue; continuing { y[0] = 1u; } }',
      '',
      'continue in a loop with a continuing block',
    ],
  ])('refuses %s by name', (_, body, declarations, construct) => {
    expect(() => kernelOf(body, declarations)).toThrow(UnsupportedError);
    expect(() => kernelOf(body, declarations)).toThrow(`${construct} in a kernel for CUDA is not supported`);
  });

  it('names kernel and line of what it refuses', () => {
    const wgsl = `${STORAGE}fn f() {\n  y[0] = 1u;\n  if (y[1] > 0u) {\n    y[2] = ldexp(y[1], 2);\n  }\n}
@compute @workgroup_size(1) fn main() { f(); }`;
    expect(() => translate(sourceOf('k', wgsl, 1))).toThrow('kernel k, line 7: function ldexp in a kernel');
  });

  it('refuses matrices of other types and sizes', () => {
    const main = '@compute @workgroup_size(32) fn main() { var m: M; y[0] = 1u; }';
    const of =
      (type: string): (() => unknown) =>
      () =>
        translate(sourceOf('k', `${STORAGE}alias M = ${type};\n${main}`, 32));
    expect(of('subgroup_matrix_left<f32, 16, 16>')).toThrow('type subgroup_matrix_left<f32, 16, 16>');
    expect(of('subgroup_matrix_result<f32, 8, 8>')).toThrow('type subgroup_matrix_result<f32, 8, 8>');
    expect(of('subgroup_matrix_result<f32, 16, 16>')).not.toThrow();
  });

  it('compiles halves as bf16 where that is asked for', () => {
    const wgsl = `enable f16; @group(0) @binding(0) var<storage, read_write> y: array<f16>;
      @compute @workgroup_size(1) fn main() { y[0] = 0.5h; }`;
    expect(translate(sourceOf('k', wgsl, 1)).cuda).toContain('cvt.rn.f16.f32');
    const { cuda } = translate(sourceOf('k', wgsl, 1), { half: 'bf16' });
    expect(cuda).toContain('cvt.rn.bf16.f32');
    expect(cuda).toContain('y[0] = to_half(0.5f);');
  });

  it('includes no header', () => {
    const wgsl = `enable f16; @group(0) @binding(0) var<storage, read_write> y: array<f16>;
      @compute @workgroup_size(1) fn main() { y[0] += 1.0h; }`;
    expect(translate(sourceOf('k', wgsl, 1)).cuda).not.toContain('#include');
  });

  it('refuses subgroups in part of a warp', () => {
    expect(() => kernelOf('y[0] = subgroupAdd(lane);', '', 48)).toThrow('a workgroup of 48 invocations');
    expect(() => kernelOf('y[0] = subgroupAdd(lane);', '', 12)).toThrow('a workgroup of 12 invocations');
  });

  it('refuses what is not WGSL, and other bindings than it was told', () => {
    expect(() => kernelOf('let = ;')).toThrow(FormatError);
    const source = sourceOf('k', `${STORAGE} @compute @workgroup_size(1) fn main() { y[0] = 1u; }`);
    expect(() => translate({ ...source, bindings: [] })).toThrow(
      'the text binds read, read_write, the kernel nothing',
    );
  });
});
