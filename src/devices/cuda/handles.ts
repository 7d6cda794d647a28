/** What the driver gives out, told apart by the compiler: all of them are pointers or numbers to it. */

type Handle<Kind extends string> = bigint & { readonly cuda: Kind };

export type Context = Handle<'context'>;
export type Stream = Handle<'stream'>;
export type Event = Handle<'event'>;
export type Module = Handle<'module'>;
export type KernelFunction = Handle<'function'>;
export type Graph = Handle<'graph'>;
export type GraphExec = Handle<'executable graph'>;
/** An address in the device's memory. */
export type DevicePointer = Handle<'device memory'>;
/** An address in host memory that the device reads and writes directly. */
export type PinnedPointer = Handle<'pinned memory'>;
/** A device by number, as `cuDeviceGet` answers. */
export type DeviceNumber = number & { readonly cuda: 'device' };
