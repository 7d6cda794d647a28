/**
 * A software device that has half precision and subgroup matrices, by rewriting: halves become f32 (buffers of them are
 * unpacked in front of a launch and packed again behind it), and a subgroup matrix becomes what each of 32 invocations
 * needs of it. So kernels in f16 run whole, staging, guards, layouts and stores included, where no GPU is.
 */
import {
  wgslOf,
  type GpuBuffer,
  type GpuDevice,
  type GpuDispatch,
  type GpuKernel,
  type GpuRecording,
  type GpuSlice,
  type KernelFeature,
  type KernelSource,
  type SubmitOptions,
} from '../../src/devices/gpu.js';

// Left and right matrices stay where they were loaded from, as kernels multiply them before they write there again: a
// matrix is where it begins and its steps from row to row and column to column, in halves. Of the sums each of 32
// invocations keeps eight neighbours. Offsets and strides are in vectors of the array, as the builtin functions have them:
// eight halves or four sums.
const MATRIX_TEXT = /* wgsl */ `
struct EmulatedOperand { at: u32, row: u32, col: u32 }
struct EmulatedSums { v: array<f32, 8> }
var<private> emulated_lane: u32;

fn emulated_row_major(at: u32, stride: u32) -> EmulatedOperand { return EmulatedOperand(8u * at, 8u * stride, 1u); }

fn emulated_col_major(at: u32, stride: u32) -> EmulatedOperand { return EmulatedOperand(8u * at, 1u, 8u * stride); }

fn emulated_half(i: u32) -> f32 { return unpack2x16float(ARRAY[i / 8u][i % 8u / 2u])[i % 2u]; }

fn emulated_multiply(left: EmulatedOperand, right: EmulatedOperand, sums: EmulatedSums) -> EmulatedSums {
  var result = sums;
  for (var k = 0u; k < 16u; k++) {
    let l = emulated_half(left.at + emulated_lane / 2u * left.row + k * left.col);
    for (var j = 0u; j < 8u; j++) {
      result.v[j] += l * emulated_half(right.at + k * right.row + (emulated_lane % 2u * 8u + j) * right.col);
    }
  }
  return result;
}

fn emulated_store(offset: u32, m: EmulatedSums, stride: u32) {
  let at = offset + emulated_lane / 2u * stride + emulated_lane % 2u * 2u;
  ARRAY[at] = bitcast<vec4<u32>>(vec4<f32>(m.v[0], m.v[1], m.v[2], m.v[3]));
  ARRAY[at + 1u] = bitcast<vec4<u32>>(vec4<f32>(m.v[4], m.v[5], m.v[6], m.v[7]));
}
`;

/** The emulation's name of each kind of matrix. */
const KINDS: Readonly<Record<string, string>> = { left: 'Operand', right: 'Operand', result: 'Sums' };

/**
 * A kernel's text without halves and subgroup matrices.
 * @throws Error for a use of matrices that the emulation has no text for
 */
export function emulatedText(wgsl: string): string {
  const arrays = new Set<string>();
  const called = (name: string) => (_: string, array: string) => {
    arrays.add(array);
    return `${name}(`;
  };
  const text = wgsl
    .replaceAll(/enable (f16|subgroups|chromium_experimental_subgroup_matrix);\n/g, '')
    .replaceAll(/diagnostic\(.*\);\n/g, '')
    .replaceAll(/subgroup_matrix_(\w+)<f\d+, 16, 16>/g, (_, kind: string) => `Emulated${KINDS[kind]}`)
    .replaceAll(/subgroupMatrixLoad<\w+, row_major>\(&(\w+), /g, called('emulated_row_major'))
    .replaceAll(/subgroupMatrixLoad<\w+, col_major>\(&(\w+), /g, called('emulated_col_major'))
    .replaceAll(/subgroupMatrixStore<row_major>\(&(\w+), /g, called('emulated_store'))
    .replaceAll('subgroupMatrixMultiplyAccumulate(', 'emulated_multiply(')
    .replaceAll('bitcast<u32>(vec2<f16>(', 'pack2x16float(vec2<f16>(')
    .replaceAll(/\bf16\b/g, 'f32');
  if (text.includes('subgroupMatrix') || arrays.size > 1) {
    throw new Error('the emulation has no text for some use of matrices');
  }
  const lane = text.replace(/(fn main\([^{]*\{)/, '$1\n  emulated_lane = t % 32u;');
  return arrays.size === 0 ? text : MATRIX_TEXT.replaceAll('ARRAY', [...arrays][0]) + lane;
}

/** Which bindings hold halves that the text names as such; vectors of packed halves are words. */
function halfBindings(source: KernelSource): boolean[] {
  const { bindings } = source;
  const wgsl = wgslOf(source);
  const aliases = new Map(
    Array.from(wgsl.matchAll(/alias (\w+) = (.*);/g), ([, name, type]) => [name, type]),
  );
  return bindings.map((_, i) => {
    const type = new RegExp(`@binding\\(${i}\\) var<.*> \\w+: array<(.*)>;`).exec(wgsl)?.[1] ?? '';
    return (aliases.get(type) ?? type).includes('f16');
  });
}

/** Halves and floats of equal number; a last word of one half keeps its other one. NaN is the harness's poison. */
function conversion(id: string, [from, to]: readonly [string, string], body: string): KernelSource {
  return {
    id,
    wgsl: /* wgsl */ `
@group(0) @binding(0) var<storage, ${from === 'words' ? 'read' : 'read_write'}> words: array<u32>;
@group(0) @binding(1) var<storage, ${to === 'floats' ? 'read_write' : 'read'}> floats: array<f32>;

fn half_of(x: f32) -> u32 {
  if ((bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u) { return 0xffffu; }
  return pack2x16float(vec2<f32>(x, 0.0)) & 0xffffu;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
${body}
}
`,
    bindings: [
      { name: 'words', access: from === 'words' ? 'read' : 'read_write' },
      { name: 'floats', access: to === 'floats' ? 'read_write' : 'read' },
    ],
    workgroup: [64, 1, 1],
    grid: [16, 1, 1],
    features: [],
    workgroupBytes: 0,
    flops: 0,
    bytes: 0,
  };
}

const UNPACK = conversion(
  'unpack',
  ['words', 'floats'],
  /* wgsl */ `
  for (var i = id.x; i < arrayLength(&floats); i += 1024u) {
    floats[i] = unpack2x16float(words[i / 2u])[i % 2u];
  }`,
);

const PACK = conversion(
  'pack',
  ['floats', 'words'],
  /* wgsl */ `
  for (var i = 2u * id.x; i < arrayLength(&floats); i += 2048u) {
    var high = words[i / 2u] >> 16u;
    if (i + 1u < arrayLength(&floats)) { high = half_of(floats[i + 1u]); }
    words[i / 2u] = half_of(floats[i]) | (high << 16u);
  }`,
);

/** The device; what is not rewritten is the wrapped device's. */
export class EmulatedDevice implements GpuDevice {
  readonly kind;
  readonly description;
  readonly identity;
  readonly software = true;
  readonly limits;
  readonly features: ReadonlySet<KernelFeature>;
  readonly #device: GpuDevice;
  readonly #halves = new WeakMap<GpuKernel, readonly boolean[]>();
  readonly #floats = new WeakMap<GpuRecording, readonly GpuBuffer[]>();

  constructor(device: GpuDevice) {
    this.#device = device;
    this.kind = device.kind;
    this.description = device.description;
    this.identity = device.identity;
    this.limits = device.limits;
    this.features = new Set([...device.features, 'f16', 'subgroup-matrix']);
  }

  get lost(): boolean {
    return this.#device.lost;
  }

  get allocatedBytes(): number {
    return this.#device.allocatedBytes;
  }

  async allocate(bytes: number, label: string): Promise<GpuBuffer> {
    return this.#device.allocate(bytes, label);
  }

  write(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void {
    this.#device.write(buffer, offset, data);
  }

  async compile(sources: readonly KernelSource[]): Promise<GpuKernel[]> {
    const rewritten = sources.map((source): KernelSource => ({
      ...source,
      wgsl: emulatedText(wgslOf(source)),
    }));
    const kernels = await this.#device.compile(rewritten);
    for (const [i, kernel] of kernels.entries()) this.#halves.set(kernel, halfBindings(sources[i]));
    return kernels;
  }

  async record(
    dispatches: readonly GpuDispatch[],
    readbacks: readonly GpuSlice[] = [],
  ): Promise<GpuRecording> {
    const [unpack, pack] = await this.#device.compile([UNPACK, PACK]);
    const floats: GpuBuffer[] = [];
    const all: GpuDispatch[] = [];
    for (const { kernel, slices } of dispatches) {
      const { bindings } = kernel.source;
      const behind: GpuDispatch[] = [];
      const bound: GpuSlice[] = [];
      for (const [i, slice] of slices.entries()) {
        if (!this.#halves.get(kernel)?.[i]) {
          bound.push(slice);
          continue;
        }
        const buffer = await this.#device.allocate(
          2 * slice.bytes,
          `${kernel.source.id}: ${bindings[i].name}`,
        );
        const shadow = { buffer, offset: 0, bytes: 2 * slice.bytes };
        floats.push(buffer);
        bound.push(shadow);
        all.push({ kernel: unpack, slices: [slice, shadow] });
        if (bindings[i].access === 'read_write') behind.push({ kernel: pack, slices: [slice, shadow] });
      }
      all.push({ kernel, slices: bound }, ...behind);
    }
    const recording = await this.#device.record(all, readbacks);
    this.#floats.set(recording, floats);
    return recording;
  }

  release(recording: GpuRecording): void {
    this.#device.release(recording);
    for (const buffer of this.#floats.get(recording) ?? []) buffer.destroy();
  }

  async submit(recording: GpuRecording, options?: SubmitOptions): Promise<Uint8Array<ArrayBuffer>[]> {
    return this.#device.submit(recording, options);
  }

  async time(recording: GpuRecording): Promise<number[]> {
    return this.#device.time(recording);
  }

  destroy(): void {
    this.#device.destroy();
  }
}
