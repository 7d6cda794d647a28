/** Dispatches as CUDA graphs: captured from a stream once, launched as one. */
import type { CudaContext } from './context.js';
import type { CudaDriver } from './driver.js';
import type { GraphExec, Stream } from './handles.js';
import type { Launchable } from './compiler.js';

/** A dispatch with everything that the launch takes. */
export interface BoundLaunch {
  readonly launchable: Launchable;
  readonly grid: readonly [number, number, number];
  readonly block: readonly [number, number, number];
  /** Addresses, and the bytes that a kernel asks for behind them. */
  readonly pointers: readonly bigint[];
}

/**
 * A graph of launches that run one after another, `times` over.
 * @param workspace memory for calls of libraries, enough for each
 * @throws CudaFailure; DeviceError of a library
 */
export function captureLaunches(
  context: CudaContext,
  launches: readonly BoundLaunch[],
  times: number,
  workspace: bigint,
): GraphExec {
  return context.run((driver) => {
    // A stream of its own: work that is under way on the device's goes on meanwhile.
    const stream = driver.createStream();
    try {
      driver.beginCapture(stream);
      try {
        for (let i = 0; i < times; i++) {
          for (const launch of launches) put(driver, stream, launch, workspace);
        }
      } catch (error) {
        abandon(driver, stream);
        throw error;
      }
      const graph = driver.endCapture(stream);
      try {
        const exec = driver.instantiate(graph);
        driver.uploadGraph(exec, context.stream);
        return exec;
      } finally {
        driver.destroyGraph(graph);
      }
    } finally {
      driver.destroyStream(stream);
    }
  });
}

function put(
  driver: CudaDriver,
  stream: Stream,
  { launchable, grid, block, pointers }: BoundLaunch,
  workspace: bigint,
): void {
  if (launchable.kind === 'call') {
    launchable.call.launch(stream, pointers, launchable.call.workspaceBytes > 0 ? workspace : 0n);
  } else {
    const { sharedBytes, dependent } = launchable;
    driver.launch(launchable.function, { grid, block, sharedBytes, pointers, dependent }, stream);
  }
}

/** Ends a capture whose graph nobody wants; the reason is known already. */
function abandon(driver: CudaDriver, stream: Stream): void {
  try {
    driver.destroyGraph(driver.endCapture(stream));
  } catch {
    // A capture that failed gives no graph.
  }
}
