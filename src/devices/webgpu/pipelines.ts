/** Compute pipelines from kernel texts, compiled asynchronously and shared between equal texts. */
import { CompileError } from '../../errors.js';
import { wgslOf, type GpuKernel, type KernelSource } from '../gpu.js';
import { STAGE_COMPUTE } from './constants.js';
import { firstLine, guarded } from './scopes.js';

export interface WebGpuKernel extends GpuKernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Pipelines kept for whoever asks next; what recordings use lives on without the cache. */
const CAPACITY = 512;

export class PipelineCache {
  readonly #device: GPUDevice;
  /** By text, in the order of their last use. */
  readonly #pipelines = new Map<string, Promise<Compiled>>();
  /** Bind group layouts by the accesses of their bindings. */
  readonly #layouts = new Map<string, GPUBindGroupLayout>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** @throws CompileError naming the kernel, when it does not compile */
  async get(source: KernelSource): Promise<WebGpuKernel> {
    const wgsl = wgslOf(source);
    const compiled = this.#pipelines.get(wgsl) ?? this.#compile(source);
    this.#pipelines.delete(wgsl);
    this.#pipelines.set(wgsl, compiled);
    this.#evict();
    try {
      return { source, ...(await compiled) };
    } catch (error) {
      if (this.#pipelines.get(wgsl) === compiled) this.#pipelines.delete(wgsl);
      throw error;
    }
  }

  clear(): void {
    this.#pipelines.clear();
    this.#layouts.clear();
  }

  #evict(): void {
    for (const text of this.#pipelines.keys()) {
      if (this.#pipelines.size <= CAPACITY) return;
      this.#pipelines.delete(text);
    }
  }

  async #compile(source: KernelSource): Promise<Compiled> {
    const key = source.bindings.map(({ access }) => access).join();
    const { value, error } = guarded(this.#device, () => {
      const layout = this.#layoutOf(source, key);
      const module = this.#device.createShaderModule({ label: source.id, code: wgslOf(source) });
      const whole = this.#device.createPipelineLayout({ bindGroupLayouts: [layout] });
      return { layout, module, whole };
    });
    const { layout, module, whole } = value;
    const invalid = await error;
    if (invalid) {
      this.#layouts.delete(key);
      throw failed(source, (await compilerMessages(module)) || firstLine(invalid));
    }
    try {
      const pipeline = await this.#device.createComputePipelineAsync({
        label: source.id,
        layout: whole,
        compute: { module, entryPoint: 'main' },
      });
      return { pipeline, layout };
    } catch (cause) {
      throw failed(source, firstLine(cause as Error), cause);
    }
  }

  #layoutOf(source: KernelSource, key: string): GPUBindGroupLayout {
    let layout = this.#layouts.get(key);
    if (!layout) {
      layout = this.#device.createBindGroupLayout({
        label: key,
        entries: source.bindings.map(({ access }, binding) => ({
          binding,
          visibility: STAGE_COMPUTE,
          buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
        })),
      });
      this.#layouts.set(key, layout);
    }
    return layout;
  }
}

async function compilerMessages(module: GPUShaderModule): Promise<string> {
  const { messages } = await module.getCompilationInfo();
  return messages
    .filter(({ type }) => type === 'error')
    .map(({ lineNum, linePos, message }) => `${lineNum}:${linePos} ${message}`)
    .join('; ');
}

function failed(source: KernelSource, why: string, cause?: unknown): CompileError {
  return new CompileError(source.id, wgslOf(source), why, cause);
}
