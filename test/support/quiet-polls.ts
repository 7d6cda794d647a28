/**
 * Dawn for Node asks for finished work in every turn of the event loop while any is under way, and compiles kernels on
 * another thread meanwhile: the asking takes a core, and half of the CPU time of the kernel tests (71 s became 33 s
 * in conv.test.ts). Here it asks a few times at once, so that short work is answered as soon as ever, and then
 * every millisecond.
 */
const atOnce = globalThis.setImmediate;
const later = globalThis.setTimeout;

/** Turns of the loop that follow one another before polls wait: launches of small kernels need fewer. */
const EAGER = 30;
/** Milliseconds without a poll that end a row of them. */
const PAUSE = 3;

let last = 0;
let row = 0;

type Callback = (...args: unknown[]) => void;

/** Whether it is Dawn that asks: a function in C++, called without arguments. */
function isPoll(callback: Callback, args: readonly unknown[]): boolean {
  return args.length === 0 && Function.prototype.toString.call(callback).includes('[native code]');
}

function patientImmediate(callback: Callback, ...args: unknown[]): unknown {
  if (!isPoll(callback, args)) return atOnce(callback, ...args);
  const now = performance.now();
  row = now - last > PAUSE ? 1 : row + 1;
  last = now;
  return row > EAGER ? later(callback, 1) : atOnce(callback);
}

// Files of one process each come here.
if (atOnce.name !== patientImmediate.name) Object.assign(globalThis, { setImmediate: patientImmediate });
