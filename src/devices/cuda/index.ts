/** The GPU contract on CUDA: the driver's API, kernels by NVRTC, a recording as one CUDA graph. */
import { DeviceError } from '../../errors.js';
import type {
  GpuBuffer,
  GpuCopy,
  GpuDevice,
  GpuDispatch,
  GpuIdentity,
  GpuKernel,
  GpuLimits,
  GpuRecording,
  GpuSlice,
  KernelFeature,
  KernelSource,
  SubmitOptions,
  TimeOptions,
} from '../gpu.js';
import {
  COPY_ALIGNMENT,
  alignUp,
  checkAlive,
  checkBinding,
  checkGrid,
  copiesOf,
  nameOf,
  sizeFor,
  stagingBytes,
  tooLarge,
} from '../gpu-memory.js';
import { CudaCompiler, librariesOf, type CudaGpuKernel } from './compiler.js';
import { CudaContext } from './context.js';
import { DELAY, delayCycles } from './delay.js';
import { CudaDriver } from './driver.js';
import { captureLaunches, type BoundLaunch } from './graphs.js';
import type { GraphExec } from './handles.js';
import type { LibraryRunner } from './library-runner.js';
import { factsOf, featuresOf, identityOf, type DeviceFacts } from './limits.js';
import { CudaBuffer, PinnedPool, addressOf, type PinnedPiece } from './memory.js';
import { Nvrtc } from './nvrtc.js';
import { openRunners } from './runners.js';
import type { CudaPlatform } from './platform.js';
import { CudaFailure, OUT_OF_MEMORY } from './status.js';
import { PassTimer } from './timing.js';

interface CudaRecording extends GpuRecording {
  /** Undefined when there are no dispatches. */
  readonly exec: GraphExec | undefined;
  readonly launches: readonly BoundLaunch[];
  readonly timer: PassTimer;
  /** Host memory for all readbacks, one after another; undefined when there are none. */
  readonly staging: PinnedPiece | undefined;
  /** Memory for calls of libraries. */
  readonly workspace: CudaBuffer | undefined;
  /** Every buffer that it uses, with the name of a slice there. */
  readonly buffers: ReadonlyMap<CudaBuffer, string>;
  released: boolean;
}

/** Larger writes go from the caller's memory: they are weights, written once, and pinning so much takes longer. */
const MAX_PINNED_WRITE = 64 * 2 ** 20;

export class CudaDevice implements GpuDevice {
  readonly kind = 'cuda';
  readonly description: string;
  readonly identity: GpuIdentity;
  readonly software = false;
  readonly limits: GpuLimits;
  readonly features: ReadonlySet<KernelFeature>;
  readonly facts: DeviceFacts;
  readonly #context: CudaContext;
  readonly #compiler: CudaCompiler;
  readonly #runners: readonly LibraryRunner[];
  readonly #pinned: PinnedPool;
  readonly #buffers = new Set<CudaBuffer>();
  readonly #recordings = new Set<CudaRecording>();
  #allocatedBytes = 0;
  #destroyed = false;

  private constructor(platform: CudaPlatform, context: CudaContext, facts: DeviceFacts, nvrtc: Nvrtc) {
    const { ffi, driverVersion, cubins, includes, turn } = platform;
    this.#context = context;
    this.facts = facts;
    this.#runners = openRunners(platform, context, facts);
    this.#pinned = new PinnedPool(context, ffi);
    this.#compiler = new CudaCompiler({
      context,
      nvrtc,
      cubins,
      facts,
      options: { target: nvrtc.targetFor(facts.capability), includes },
      runners: this.#runners,
      turn,
    });
    this.limits = facts.limits;
    this.features = featuresOf(facts.capability, librariesOf(this.#runners));
    const libraries = this.#runners.map(({ library, version }) => `${library} ${version}`);
    this.identity = identityOf(facts, driverVersion, [`nvrtc ${nvrtc.version}`, ...libraries]);
    this.description = `${facts.name} (CUDA)`;
  }

  /**
   * Opens a device.
   * @param ordinal its number, as CUDA counts them: `CUDA_VISIBLE_DEVICES` hides others
   * @throws DeviceError when a library does not load, or there is no such device
   */
  static create(platform: CudaPlatform, ordinal = 0): CudaDevice {
    const driver = new CudaDriver(platform.ffi, platform.driverPath);
    const count = driver.deviceCount;
    if (ordinal >= count) {
      throw new DeviceError(`there is no CUDA device ${ordinal}`, {
        remedy:
          count === 0
            ? 'CUDA sees no device: check nvidia-smi and CUDA_VISIBLE_DEVICES.'
            : `Use an ordinal from 0 to ${count - 1}; \`lanewise devices\` lists them.`,
      });
    }
    const nvrtc = new Nvrtc(platform.ffi, platform.nvrtcPath, platform.compilers);
    const facts = factsOf(driver, ordinal);
    const context = new CudaContext(driver, driver.device(ordinal), platform.turn);
    try {
      return new CudaDevice(platform, context, facts, nvrtc);
    } catch (error) {
      context.release();
      throw error;
    }
  }

  get allocatedBytes(): number {
    return this.#allocatedBytes;
  }

  get lost(): boolean {
    return this.#destroyed || this.#context.lost;
  }

  allocate(bytes: number, label: string): Promise<GpuBuffer> {
    return Promise.resolve().then(() => this.#allocate(bytes, label));
  }

  write(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void {
    this.#context.check();
    const bytes = data.byteLength;
    const target = addressOf(buffer, offset, bytes, buffer.label);
    if (bytes === 0) return;
    const source = new Uint8Array(data.buffer, data.byteOffset, bytes);
    const { stream } = this.#context;
    if (bytes > MAX_PINNED_WRITE) {
      this.#context.run((driver) => {
        driver.copyIn(target, source, bytes, stream);
      });
      return;
    }
    const piece = this.#pinned.take(bytes);
    piece.view.set(source);
    this.#context.run((driver) => {
      driver.copyIn(target, piece.pointer, bytes, stream);
    });
    this.#pinned.giveBackLater(piece);
  }

  async compile(sources: readonly KernelSource[]): Promise<GpuKernel[]> {
    this.#context.check();
    // All settle first: what fails must not leave others under way on a device that its owner then destroys.
    const compiled = await Promise.allSettled(sources.map((source) => this.#compiler.get(source)));
    this.#context.check();
    return compiled.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  async record(
    dispatches: readonly GpuDispatch[],
    readbacks: readonly GpuSlice[] = [],
  ): Promise<GpuRecording> {
    this.#context.check();
    const launches = dispatches.map((dispatch) => this.#bind(dispatch));
    const needed = launches.map(({ launchable }) =>
      launchable.kind === 'call' ? launchable.call.workspaceBytes : 0,
    );
    const most = needed.reduce((a, b) => Math.max(a, b), 0);
    const workspace = most > 0 ? await this.#allocate(most, 'the workspace of library calls') : undefined;
    const address = workspace?.pointer ?? 0n;
    try {
      const exec = launches.length > 0 ? captureLaunches(this.#context, launches, 1, address) : undefined;
      const bytes = stagingBytes(readbacks);
      const recording: CudaRecording = {
        dispatches,
        readbacks,
        exec,
        launches,
        timer: new PassTimer(this.#context, launches, address),
        staging: bytes > 0 ? this.#pinned.take(bytes) : undefined,
        workspace,
        buffers: buffersOf([...dispatches.flatMap(({ slices }) => slices), ...readbacks]),
        released: false,
      };
      this.#recordings.add(recording);
      return recording;
    } catch (error) {
      workspace?.destroy();
      throw error;
    }
  }

  release(recording: GpuRecording): void {
    const own = recording as CudaRecording;
    if (own.released) return;
    own.released = true;
    this.#recordings.delete(own);
    const { exec, staging, timer, workspace } = own;
    this.#context.onceIdle(() => {
      if (staging) this.#pinned.giveBack(staging);
      timer.release();
      workspace?.destroy();
      if (exec === undefined) return;
      this.#context.free((driver) => {
        driver.destroyGraphExec(exec);
      });
    });
  }

  async submit(
    recording: GpuRecording,
    { before = [], after = [], readback = true }: SubmitOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>[]> {
    const own = this.#usable(recording);
    const { exec, readbacks, staging } = own;
    const target = readback ? staging : undefined;
    const { stream } = this.#context;
    const done = this.#context.run((driver) => {
      for (const copy of before) this.#copy(copy);
      if (exec !== undefined) driver.launchGraph(exec, stream);
      for (const copy of after) this.#copy(copy);
      let offset = 0;
      for (const { buffer, offset: from, bytes, label = buffer.label } of target ? readbacks : []) {
        const source = addressOf(buffer, from, bytes, label);
        if (target && bytes > 0) {
          driver.copyOut(target.pointer + BigInt(offset), source, sizeFor(bytes), stream);
        }
        offset += alignUp(bytes, COPY_ALIGNMENT);
      }
      const event = driver.createEvent(false);
      driver.recordEvent(event, stream);
      return event;
    });
    try {
      await this.#context.wait(done);
    } finally {
      this.#context.free((driver) => {
        driver.destroyEvent(done);
      });
    }
    return target ? copiesOf(target.view, readbacks) : readbacks.map(() => new Uint8Array(0));
  }

  async time(recording: GpuRecording, { passes, repeats = 1 }: TimeOptions = {}): Promise<number[]> {
    const { timer, launches } = this.#usable(recording);
    const { launchable } = await this.#compiler.get(DELAY);
    this.#usable(recording);
    const { stream } = this.#context;
    return timer.time(passes ?? launches.map(() => 1), repeats, (count) => {
      if (launchable.kind !== 'kernel') return;
      const { workgroup: block, grid } = DELAY;
      const pointers = [BigInt(delayCycles(count))];
      this.#context.driver.launch(launchable.function, { grid, block, sharedBytes: 0, pointers }, stream);
    });
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    for (const recording of this.#recordings) this.release(recording);
    for (const buffer of this.#buffers) buffer.destroy();
    this.#context.finish();
    this.#compiler.clear();
    for (const runner of this.#runners)
      this.#context.free(() => {
        runner.destroy();
      });
    this.#pinned.clear();
    this.#context.release();
  }

  async #allocate(bytes: number, label: string): Promise<CudaBuffer> {
    this.#context.check();
    const size = sizeFor(bytes);
    if (size > this.limits.maxBufferBytes) throw tooLarge(label, size, this.limits.maxBufferBytes);
    const { stream } = this.#context;
    try {
      const pointer = this.#context.run((driver) => {
        const fresh = driver.allocate(size);
        // As WebGPU does: what another process left there is nobody's business.
        driver.fill(fresh, 0, size, stream);
        return fresh;
      });
      return this.#track(new CudaBuffer(pointer, size, label, (own) => this.#forget(own)));
    } catch (error) {
      if (!(error instanceof CudaFailure) || error.code !== OUT_OF_MEMORY) throw error;
      const free = this.#context.run((driver) => driver.freeBytes);
      throw new DeviceError(`${label}: ${size} bytes could not be allocated (${free} are free)`, {
        remedy: 'Use a smaller batch, dispose other sessions, or run on the CPU.',
        cause: error,
      });
    }
  }

  #track(buffer: CudaBuffer): CudaBuffer {
    this.#allocatedBytes += buffer.bytes;
    this.#buffers.add(buffer);
    return buffer;
  }

  #forget(buffer: CudaBuffer): void {
    this.#allocatedBytes -= buffer.bytes;
    this.#buffers.delete(buffer);
    this.#context.onceIdle(() => {
      this.#context.free((driver) => {
        driver.free(buffer.pointer);
      });
    });
  }

  #bind({ kernel, slices }: GpuDispatch): BoundLaunch {
    const { source, launchable } = kernel as CudaGpuKernel;
    checkGrid(source, this.limits);
    if (slices.length !== source.bindings.length) {
      throw new TypeError(`kernel ${source.id} has ${source.bindings.length} bindings, not ${slices.length}`);
    }
    const pointers = slices.map((slice) => {
      const what = `${nameOf(slice)} in kernel ${source.id}`;
      const { buffer, offset, bytes } = slice;
      checkBinding(slice, what, this.limits);
      return addressOf(buffer, offset, bytes, what);
    });
    const lengths = launchable.kind === 'kernel' ? launchable.lengths : [];
    const parameters = [...pointers, ...lengths.map((i) => BigInt(slices[i].bytes))];
    return { launchable, grid: source.grid, block: source.workgroup, pointers: parameters };
  }

  /** A recording whose memory is all there. */
  #usable(recording: GpuRecording): CudaRecording {
    this.#context.check();
    const own = recording as CudaRecording;
    if (own.released) {
      throw new DeviceError('the recording was released', { remedy: 'Create a new session.' });
    }
    for (const [buffer, name] of own.buffers) checkAlive(buffer, name);
    return own;
  }

  #copy({ from, to }: GpuCopy): void {
    if (from.bytes === 0) return;
    const { driver, stream } = this.#context;
    const source = addressOf(from.buffer, from.offset, from.bytes, nameOf(from));
    const target = addressOf(to.buffer, to.offset, from.bytes, nameOf(to));
    driver.copy(target, source, sizeFor(from.bytes), stream);
  }
}

function buffersOf(slices: readonly GpuSlice[]): Map<CudaBuffer, string> {
  const buffers = new Map<CudaBuffer, string>();
  for (const slice of slices) {
    if (slice.buffer instanceof CudaBuffer) buffers.set(slice.buffer, nameOf(slice));
  }
  return buffers;
}
