/** What goes wrong on a real GPU is a clear error: no memory, a kernel that does not compile, one that faults. Comes last. */
import { openCuda } from '../../../../src/host/cuda.js';
import type { CudaDevice } from '../../../../src/devices/cuda/index.js';
import type { CudaKernel } from '../../../../src/devices/gpu.js';
import { counter } from '../../webgpu/kernels.js';
import type { Tally } from './tally.js';

const FRAME = {
  bindings: [{ name: 'x', access: 'read_write' }],
  workgroup: [1, 1, 1],
  grid: [1, 1, 1],
  features: [],
  workgroupBytes: 0,
  flops: 0,
  bytes: 0,
} as const;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function native(id: string, body: string): CudaKernel {
  return { ...FRAME, id, cuda: `extern "C" __global__ void main_kernel(float* x) { ${body} }` };
}

export async function checkErrors(device: CudaDevice, tally: Tally, ordinal: number): Promise<void> {
  const fails = async (what: string, work: Promise<unknown>, message: RegExp): Promise<void> => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const said = error instanceof Error ? error.message : 'nothing failed';
    tally.count(what, message.test(said) ? undefined : said);
  };
  const works = async (what: string, on: CudaDevice): Promise<void> => {
    try {
      const { step, recording, buffer } = await counter(on);
      const values = [await step(), await step()].join();
      on.release(recording);
      buffer.destroy();
      tally.count(what, values === '1,2' ? undefined : `counted ${values}`);
    } catch (error) {
      tally.count(what, String(error));
    }
  };
  const { limits } = device;
  await fails(
    'more than all memory',
    device.allocate(limits.maxBufferBytes + 4, 'w'),
    /^w takes \d+ bytes, over/,
  );
  await fails(
    'all memory',
    device.allocate(limits.maxBufferBytes, 'w'),
    /^w: \d+ bytes could not be allocated/,
  );
  await works('a device without memory left', device);
  const wrong = native('wrong', 'x[0] = ;');
  await fails('wrong syntax', device.compile([wrong]), /^kernel wrong does not compile \(line 1: expected/);
  await works('a device that did not compile something', device);

  const other = await openCuda(ordinal);
  await works('a second device on the GPU', other);
  const { recording, step } = await counter(other);
  const running = other.submit(recording);
  other.destroy();
  // The GPU may have been faster.
  const ended = await running.then(
    () => undefined,
    (error: unknown) =>
      messageOf(error).startsWith('the GPU device was destroyed') ? undefined : messageOf(error),
  );
  tally.count('a run on a device that is destroyed', ended);
  await fails('a run later', step(), /^the GPU device was destroyed/);
  await works('the first device', device);

  // An address that nobody has.
  const [faulty] = await device.compile([native('faulty', '*(volatile float*)16 = 1.0f;')]);
  const buffer = await device.allocate(256, 'x');
  const fault = await device.record([{ kernel: faulty, slices: [{ buffer, offset: 0, bytes: 256 }] }]);
  const lost = /^the GPU device was lost \(.*CUDA_ERROR_ILLEGAL_ADDRESS/;
  await fails('a kernel that faults', device.submit(fault), lost);
  await fails('the next run', device.submit(fault), lost);
  await fails('memory then', device.allocate(4, 'x'), lost);
  await fails(
    'another device while the lost one is held',
    openCuda(ordinal),
    /^the GPU device was lost before/,
  );
  device.destroy();
  tally.count('a lost device tells so', device.lost ? undefined : 'it does not');
  // A driver may give the process a new context then; that of an H200 does not.
  try {
    const next = await openCuda(ordinal);
    await works('a device opened once the lost one is gone', next);
    next.destroy();
  } catch (error) {
    const told = messageOf(error).startsWith('the GPU device was lost before');
    tally.count('a device opened once the lost one is gone', told ? undefined : messageOf(error));
  }
}
