/** What becomes of the buffers that are created on a device. */

/** Runs `work` and returns the buffers that were created on the device meanwhile. */
export async function buffersMadeBy(device: GPUDevice, work: () => Promise<unknown>): Promise<GPUBuffer[]> {
  const made: GPUBuffer[] = [];
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    made.push(buffer);
    return buffer;
  };
  try {
    await work();
  } finally {
    device.createBuffer = create;
  }
  return made;
}

/** Whether a buffer with the usage COPY_DST was destroyed: the device refuses to write into it then. */
export async function isDestroyed(device: GPUDevice, buffer: GPUBuffer): Promise<boolean> {
  device.pushErrorScope('validation');
  device.queue.writeBuffer(buffer, 0, new Uint8Array(4));
  return /destroyed/.test((await device.popErrorScope())?.message ?? '');
}
