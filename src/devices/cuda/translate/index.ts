/** WGSL kernels as CUDA C++: docs/cuda.md. */
import { FormatError, LanewiseError } from '../../../errors.js';
import { wgslOf, type KernelFeature, type KernelSource } from '../../gpu.js';
import { WAIT_CALL } from '../dependent-launch.js';
import type { FunctionNode } from './ast.js';
import { unsupported } from './errors.js';
import { layoutOf, roundUp } from './memory.js';
import { Module, parameterOf } from './module.js';
import { parseModule } from './parse.js';
import type { HalfType } from './prelude-halves.js';
import { prelude } from './prelude.js';
import { FunctionScope, type ModuleVariable } from './scope.js';
import { bodyLines } from './statements.js';
import { cudaType, sameType, scalarType, vectorType, VOID, type Type } from './types.js';
import { primary } from './value.js';

/** A kernel's parameter: a pointer to device memory. */
export interface CudaBinding {
  readonly name: string;
  readonly access: 'read' | 'read_write';
}

/** A kernel in CUDA C++. */
export interface CudaSource {
  readonly id: string;
  /** One compilation unit for NVRTC or nvcc (C++17); it includes nothing. */
  readonly cuda: string;
  /** The kernel's name, unmangled. */
  readonly entry: string;
  /** The kernel's first parameters, in order. */
  readonly bindings: readonly CudaBinding[];
  /** The bindings whose bytes follow, 64 bits each: those of which the text asks for `arrayLength`. */
  readonly lengths: readonly number[];
  /** Threads of a block. */
  readonly workgroup: readonly [number, number, number];
  /** Blocks. */
  readonly grid: readonly [number, number, number];
  /** Bytes of shared memory, static or dynamic. */
  readonly workgroupBytes: number;
  /**
   * Bytes of dynamic shared memory to launch with, 0 where it is static: above 48 KiB, for which the kernel's
   * attribute for the largest dynamic size must be raised first.
   */
  readonly dynamicBytes: number;
  readonly features: readonly KernelFeature[];
}

export interface TranslateOptions {
  /** What WGSL's f16 stands for, in the functions that pack halves too: f16 when left out. */
  readonly half?: HalfType;
}

/** Static shared memory of one block on every NVIDIA GPU. */
const STATIC_BYTES = 48 * 1024;

/**
 * The kernel in CUDA C++.
 * @throws FormatError where the text is not WGSL, or does not have the bindings that the source names
 * @throws UnsupportedError naming the construct that has no translation
 */
export function translate(source: KernelSource, options: TranslateOptions = {}): CudaSource {
  try {
    return translated(source, options);
  } catch (error) {
    throw error instanceof LanewiseError ? error.in(`kernel ${source.id}`) : error;
  }
}

function translated(source: KernelSource, { half = 'f16' }: TranslateOptions): CudaSource {
  const { id, workgroup, grid, features } = source;
  const invocations = workgroup[0] * workgroup[1] * workgroup[2];
  const module = new Module(parseModule(wgslOf(source)), invocations);
  const { storage } = module;
  checkBindings(source, storage);
  const space = `kernel_${id.replace(/[^A-Za-z0-9]+/g, '_')}`;
  const entry = `lanewise_${space}`;
  const { lines, workgroupBytes, lengths } = entryLines(module, source, entry, storage);
  const body = [...module.definitions, lines.join('\n')].join('\n\n');
  const matrices = /\bMatrix(?:Left|Right|Sums)\b/.test(body);
  const halves = matrices || /\b(?:f16|to_half|(?:un)?pack2x16float)\b/.test(body);
  const kernel = `namespace lanewise {\nnamespace ${space} {\n\n${body}\n\n}  // namespace ${space}\n}  // namespace lanewise\n`;
  return {
    id,
    cuda: `${prelude({ half: halves ? half : undefined, matrices })}\n${kernel}`,
    entry,
    bindings: source.bindings.map(({ name, access }) => ({ name, access })),
    lengths,
    workgroup,
    grid,
    workgroupBytes,
    dynamicBytes: workgroupBytes > STATIC_BYTES ? workgroupBytes : 0,
    features,
  };
}

function access(readOnly: boolean): string {
  return readOnly ? 'read' : 'read_write';
}

function checkBindings({ bindings }: KernelSource, storage: readonly ModuleVariable[]): void {
  const described = bindings.map((one) => one.access).join(', ');
  const declared = storage.map((one) => access(one.readOnly)).join(', ');
  if (described !== declared) {
    throw new FormatError(`the text binds ${declared || 'nothing'}, the kernel ${described || 'nothing'}`, {
      remedy: 'Make the bindings of the kernel those of its text, in order.',
    });
  }
}

function entryLines(
  module: Module,
  { workgroup }: KernelSource,
  name: string,
  storage: readonly ModuleVariable[],
): { lines: string[]; workgroupBytes: number; lengths: number[] } {
  const { entry, invocations } = module;
  const scope = new FunctionScope(module);
  const builtins = builtinLines(entry, scope, module, workgroup);
  const body = bodyLines(entry.body, scope, VOID);
  const shared = scope.uses.filter((variable) => variable.space === 'workgroup');
  const own = scope.uses.filter((variable) => variable.space === 'private');
  const { lines: memory, bytes } = sharedLines(shared);
  const uses = new Set(scope.uses);
  const lengths = storage.flatMap((variable, i) => (uses.has(module.lengthOf(variable)) ? [i] : []));
  const counts = lengths.map((i) => module.lengthOf(storage[i]));
  const parameters = [...storage, ...counts].map((variable) => parameterOf(variable)).join(', ');
  const lines = [
    `extern "C" __global__ void __launch_bounds__(${invocations}) ${name}(${parameters}) {`,
    `  ${WAIT_CALL}`,
    ...memory,
    ...own.map((variable) => `  ${cudaType(variable.type)} ${variable.name}{};`),
    ...builtins,
    ...body,
    '}',
  ];
  return { lines, workgroupBytes: bytes, lengths };
}

/** Workgroup variables: static up to 48 KiB, above it pieces of the dynamic shared memory. */
function sharedLines(variables: readonly ModuleVariable[]): { lines: string[]; bytes: number } {
  let bytes = 0;
  const pieces = variables.map(({ name, type }) => {
    const { bytes: size, alignment } = layoutOf(type);
    const offset = roundUp(bytes, alignment);
    bytes = offset + size;
    return { name, type: cudaType(type), offset };
  });
  if (bytes <= STATIC_BYTES) {
    return { lines: pieces.map(({ name, type }) => `  __shared__ ${type} ${name};`), bytes };
  }
  const lines = pieces.map(
    ({ name, type, offset }) => `  ${type}& ${name} = *reinterpret_cast<${type}*>(memory + ${offset});`,
  );
  return { lines: ['  extern __shared__ __align__(16) unsigned char memory[];', ...lines], bytes };
}

function builtinLines(
  { parameters }: FunctionNode,
  scope: FunctionScope,
  module: Module,
  workgroup: readonly [number, number, number],
): string[] {
  return parameters.map((parameter) => {
    const { builtin = '' } = parameter.attributes;
    const found = builtinValue(builtin, workgroup);
    if (!found)
      throw unsupported(`entry point parameter ${parameter.name} (${builtin || 'no built-in value'})`);
    const type = module.resolve(parameter.type);
    if (!sameType(type, found.type)) throw unsupported(`built-in value ${builtin} of another type`);
    const safe = scope.name(parameter.name);
    scope.declare(parameter.name, safe, primary(safe, type));
    return `  const ${cudaType(type)} ${safe} = ${found.code};`;
  });
}

function builtinValue(
  name: string,
  [width, height, depth]: readonly [number, number, number],
): { readonly type: Type; readonly code: string } | undefined {
  const vec3 = vectorType(3, 'u32');
  const u32 = scalarType('u32');
  const line = height === 1 && depth === 1;
  const index = line ? 'threadIdx.x' : `threadIdx.x + ${width}u * (threadIdx.y + ${height}u * threadIdx.z)`;
  switch (name) {
    case 'workgroup_id':
      return { type: vec3, code: '{blockIdx.x, blockIdx.y, blockIdx.z}' };
    case 'num_workgroups':
      return { type: vec3, code: '{gridDim.x, gridDim.y, gridDim.z}' };
    case 'local_invocation_id':
      return { type: vec3, code: '{threadIdx.x, threadIdx.y, threadIdx.z}' };
    case 'global_invocation_id': {
      const axes = ['x', 'y', 'z'].map((axis) => `blockIdx.${axis} * blockDim.${axis} + threadIdx.${axis}`);
      return { type: vec3, code: `{${axes.join(', ')}}` };
    }
    case 'local_invocation_index':
      return { type: u32, code: index };
    case 'subgroup_invocation_id':
      return { type: u32, code: `(${index}) % 32u` };
    case 'subgroup_id':
      return { type: u32, code: `(${index}) / 32u` };
    case 'subgroup_size':
      return { type: u32, code: '32u' };
    default:
      return undefined;
  }
}
