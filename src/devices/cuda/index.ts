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
import { hasDependentLaunch } from './dependent-launch.js';
import { CudaDriver } from './driver.js';
import { captureLaunches, type BoundLaunch } from './graphs.js';
import type { Event, GraphExec } from './handles.js';
import type { LibraryRunner } from './library-runner.js';
import { factsOf, featuresOf, identityOf, type DeviceFacts } from './limits.js';
import { CudaBuffer, PinnedPool, addressOf, type PinnedPiece } from './memory.js';
import { Nvrtc } from './nvrtc.js';
import { openRunners } from './runners.js';
import type { CudaPlatform } from './platform.js';
import { isOutOfMemory } from './status.js';
import { PassTimer } from './timing.js';

interface CudaRecording extends GpuRecording {
  /** Undefined when there are no dispatches. */
  readonly exec: GraphExec | undefined;
  readonly launches: readonly BoundLaunch[];
  readonly timer: PassTimer;
  /** Host memory for all readbacks, one after another; undefined when there are none. */
  readonly staging: PinnedPiece | undefined;
  /** Whether a submission under way reads back to there. */
  staged: boolean;
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
    const dependentLaunch = platform.dependentLaunch && hasDependentLaunch(facts.capability);
    const target = nvrtc.targetFor(facts.capability);
    this.#context = context;
    this.facts = facts;
    this.#runners = openRunners(platform, context, facts);
    this.#pinned = new PinnedPool(context, ffi);
    this.#compiler = new CudaCompiler({
      context,
      nvrtc,
      cubins,
      facts,
      options: { target, includes },
      dependentLaunch,
      runners: this.#runners,
      turn,
    });
    this.limits = facts.limits;
    this.features = featuresOf(facts.capability, librariesOf(this.#runners));
    const libraries = this.#runners.map(({ library, version }) => `${library} ${version}`);
    const launches = dependentLaunch ? ['dependent launch'] : [];
    this.identity = identityOf(facts, driverVersion, [`nvrtc ${nvrtc.version}`, ...libraries, ...launches]);
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
    if (!(Number.isInteger(ordinal) && ordinal >= 0 && ordinal < count)) {
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
        // Where the device reads the host's pages itself it may not have read them yet.
        driver.synchronise(stream);
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
      if (result.status === 'fulfilled') return result.value;
      this.#context.probe();
      throw result.reason;
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
    let staging: PinnedPiece | undefined;
    try {
      const bytes = stagingBytes(readbacks);
      staging = bytes > 0 ? this.#pinned.take(bytes) : undefined;
      const exec = launches.length > 0 ? captureLaunches(this.#context, launches, 1, address) : undefined;
      const recording: CudaRecording = {
        dispatches,
        readbacks,
        exec,
        launches,
        timer: new PassTimer(this.#context, launches, address),
        staging,
        staged: false,
        workspace,
        buffers: buffersOf([...dispatches.flatMap(({ slices }) => slices), ...readbacks]),
        released: false,
      };
      this.#recordings.add(recording);
      return recording;
    } catch (error) {
      if (staging) this.#pinned.giveBack(staging);
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
    this.#context.onceDone(() => {
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
    const { exec, readbacks } = own;
    const { stream } = this.#context;
    const target = readback ? this.#takeStaging(own) : undefined;
    let done: Event | undefined;
    try {
      done = this.#context.run((driver) => {
        for (const copy of before) this.#copy(copy);
        if (exec !== undefined) driver.launchGraph(exec, stream);
        for (const copy of after) this.#copy(copy);
        if (target) this.#readBack(readbacks, target);
        return this.#context.mark();
      });
      return await this.#context.wait(done, () =>
        target ? copiesOf(target.view, readbacks) : readbacks.map(() => new Uint8Array(0)),
      );
    } finally {
      if (done !== undefined) this.#context.destroyEvents([done]);
      if (target) this.#leaveStaging(own, target);
    }
  }

  async time(recording: GpuRecording, { passes, repeats = 1, signal }: TimeOptions = {}): Promise<number[]> {
    const { timer, launches } = this.#usable(recording);
    const { launchable } = await this.#compiler.get(DELAY);
    const { stream } = this.#context;
    const check = (): void => {
      this.#usable(recording);
    };
    const delay = (count: number): void => {
      if (launchable.kind !== 'kernel') return;
      const { workgroup: block, grid } = DELAY;
      const pointers = [BigInt(delayCycles(count))];
      this.#context.driver.launch(launchable.function, { grid, block, sharedBytes: 0, pointers }, stream);
    };
    return timer.time(passes ?? launches.map(() => 1), { repeats, signal, check, delay });
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    for (const recording of this.#recordings) this.release(recording);
    for (const buffer of this.#buffers) buffer.destroy();
    try {
      this.#context.finish();
      this.#compiler.clear();
      for (const runner of this.#runners)
        this.#context.free(() => {
          runner.destroy();
        });
      this.#pinned.clear();
    } finally {
      this.#context.release();
    }
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
      if (!isOutOfMemory(error)) throw error;
      const free = this.#context.run((driver) => driver.freeBytes);
      throw new DeviceError(`${label}: ${size} bytes could not be allocated (${free} are free)`, {
        remedy: 'Use a smaller batch, dispose other sessions, or run on the CPU.',
        cause: error,
      });
    }
  }

  /** Where a submission reads back to: a piece of its own, while another one that is under way has the recording's. */
  #takeStaging(recording: CudaRecording): PinnedPiece | undefined {
    const { staging, staged } = recording;
    if (staging && staged) return this.#pinned.take(staging.view.length);
    recording.staged = true;
    return staging;
  }

  #leaveStaging(recording: CudaRecording, piece: PinnedPiece): void {
    if (piece === recording.staging) recording.staged = false;
    else this.#pinned.giveBack(piece);
  }

  #track(buffer: CudaBuffer): CudaBuffer {
    this.#allocatedBytes += buffer.bytes;
    this.#buffers.add(buffer);
    return buffer;
  }

  #forget(buffer: CudaBuffer): void {
    this.#allocatedBytes -= buffer.bytes;
    this.#buffers.delete(buffer);
    this.#context.onceDone(() => {
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

  /** Puts copies to the host on the stream, one after another in its memory. */
  #readBack(slices: readonly GpuSlice[], { pointer }: PinnedPiece): void {
    const { driver, stream } = this.#context;
    let at: bigint = pointer;
    for (const { buffer, offset, bytes, label = buffer.label } of slices) {
      const source = addressOf(buffer, offset, bytes, label);
      if (bytes > 0) driver.copyOut(at, source, sizeFor(bytes), stream);
      at += BigInt(alignUp(bytes, COPY_ALIGNMENT));
    }
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
