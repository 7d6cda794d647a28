/**
 * A run in the Trace Event Format (the "JSON Array" kind of complete events), which Perfetto and chrome://tracing open.
 * Steps are timed one by one and stand one after the other.
 */
import { figuresOf, type ViewData } from './data.js';

export interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  /** Complete event, or metadata. */
  readonly ph: 'X' | 'M';
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts: number;
  readonly dur?: number;
  readonly args: Readonly<Record<string, string | number>>;
}

export interface TraceDocument {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: 'ns';
  readonly otherData: Readonly<Record<string, string>>;
}

export function traceDocument(data: ViewData): TraceDocument {
  const { plan, device, model, measured, timing } = data;
  const figures = figuresOf(data);
  const what = measured ? 'measured' : 'expected';
  let ts = 0;
  const steps = plan.steps.map(
    ({ op, name, kernel, outputLayout, bytes, movedBytes, flops }, i): TraceEvent => {
      const dur = figures[i].time / 1000;
      const { expected, ofRoof, bound } = figures[i];
      const args = {
        kernel,
        layout: outputLayout,
        bytes,
        movedBytes,
        flops,
        times: what,
        expectedMicroseconds: expected / 1000,
        ofRoof,
        bound,
      };
      const event = { name: `${op} ${name}`, cat: 'step', ph: 'X' as const, pid: 1, tid: 1, ts, dur, args };
      ts += dur;
      return event;
    },
  );
  return {
    traceEvents: [named('process_name', device), named('thread_name', `${model} (${what})`), ...steps],
    displayTimeUnit: 'ns',
    otherData: { model, device, policy: plan.policy, times: what, ...(timing && { timing }) },
  };
}

/** What a process or thread is called. */
function named(name: string, text: string): TraceEvent {
  return { name, cat: '__metadata', ph: 'M', pid: 1, tid: 1, ts: 0, args: { name: text } };
}
