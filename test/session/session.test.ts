import { describe, expect, test } from 'vitest';
import { CpuDevice } from '../../src/devices/cpu/index.js';
import type { Device, Executable, RunOptions, RunResult } from '../../src/devices/device.js';
import { InputError, SessionError, UnsupportedError } from '../../src/errors.js';
import type { Graph } from '../../src/graph/index.js';
import { Session, loadModel } from '../../src/session/index.js';
import { Tensor, sizeOf, type DType, type Dims } from '../../src/tensor/index.js';
import { makeModel, makeNode, port, type ModelInput } from '../support/onnx-builder.js';

/** The CPU, with a record of what was prepared, is running, and was freed. */
class CountingDevice implements Device {
  readonly kind = 'cpu';
  readonly description = 'CPU, counted';
  readonly #cpu = new CpuDevice();
  prepared = 0;
  freed = 0;
  running = 0;
  freedWhileRunning = 0;
  disposed = false;

  async prepare(graph: Graph): Promise<Executable> {
    const executable = await this.#cpu.prepare(graph);
    this.prepared++;
    let active = 0;
    return {
      run: async (inputs: ReadonlyMap<string, Tensor>, options: RunOptions): Promise<RunResult> => {
        this.running++;
        active++;
        // A device answers later: other runs get their turn in between.
        await new Promise((resolve) => {
          setTimeout(resolve, 1);
        });
        try {
          return await executable.run(inputs, options);
        } finally {
          this.running--;
          active--;
        }
      },
      dispose: () => {
        this.freed++;
        if (active > 0) this.freedWhileRunning++;
        return executable.dispose();
      },
    };
  }

  dispose(): Promise<void> {
    this.disposed = true;
    return this.#cpu.dispose();
  }
}

interface Opened {
  readonly session: Session;
  readonly device: CountingDevice;
}

async function open(model: ModelInput, options = {}): Promise<Opened> {
  const device = new CountingDevice();
  return { session: await Session.create(await loadModel(makeModel(model)), device, options), device };
}

/** y = relu(x), for any batch and any width and height. */
const DYNAMIC: ModelInput = {
  nodes: [makeNode('Relu', ['x'], ['y'])],
  inputs: { x: port('f32', ['N', 1, 'H', 'W']) },
  outputs: { y: port('f32', ['N', 1, 'H', 'W']) },
};

/** y = reshape(x, shape), the shape being an input. */
const RESHAPE: ModelInput = {
  nodes: [makeNode('Reshape', ['x', 'shape'], ['y'], {}, { name: 'fold' })],
  inputs: { x: port('f32', ['N']), shape: port('i64', ['R']) },
  outputs: { y: port('f32') },
};

function ramp(dtype: DType, dims: Dims): Tensor {
  return Tensor.from(
    dtype,
    dims,
    Array.from({ length: sizeOf(dims) }, (_, i) => i - 3),
  );
}

const ints = (...values: number[]): Tensor => Tensor.from('i64', [values.length], values);

describe('shapes', () => {
  test('one session runs any batch and size, and keeps a prepared graph for each', async () => {
    const { session, device } = await open(DYNAMIC);
    expect(device.prepared).toBe(0);
    for (const dims of [
      [1, 1, 2, 3],
      [4, 1, 2, 3],
      [1, 1, 5, 1],
      [4, 1, 2, 3],
      [1, 1, 2, 3],
    ]) {
      const x = ramp('f32', dims);
      const { y } = await session.run({ x });
      expect(y.dims).toEqual(dims);
      expect(y.toNumbers()).toEqual(x.toNumbers().map((value) => Math.max(0, value)));
    }
    expect(device.prepared).toBe(3);
  });

  test('the least recently used shape goes first', async () => {
    const { session, device } = await open(DYNAMIC);
    const run = (n: number): Promise<unknown> => session.run({ x: ramp('f32', [n, 1, 1, 1]) });
    for (let n = 1; n <= 8; n++) await run(n);
    expect([device.prepared, device.freed]).toEqual([8, 0]);
    await run(1);
    await run(9);
    expect([device.prepared, device.freed]).toEqual([9, 1]);
    await run(1);
    expect(device.prepared).toBe(9);
    await run(2);
    expect(device.prepared).toBe(10);
  });

  test('dims given in advance prepare at once', async () => {
    const { session, device } = await open(DYNAMIC, { dims: { N: 2, H: 3, W: 1 } });
    expect(device.prepared).toBe(1);
    await session.run({ x: ramp('f32', [2, 1, 3, 1]) });
    expect(device.prepared).toBe(1);
    const whole = await open(DYNAMIC, { dims: { x: [2, 1, 3, 1] } });
    expect(whole.device.prepared).toBe(1);
    const open_ = await open(DYNAMIC, { dims: { N: 2 } });
    expect(open_.device.prepared).toBe(0);
  });

  test('a failed shape does not spoil the next attempt', async () => {
    const { session, device } = await open({
      nodes: [makeNode('Reshape', ['x', 'shape'], ['y'])],
      inputs: { x: port('f32', ['N', 'M']) },
      outputs: { y: port('f32') },
      initializers: { shape: ints(2, -1) },
    });
    for (let i = 0; i < 2; i++) {
      await expect(session.run({ x: ramp('f32', [3, 1]) })).rejects.toThrow(/cannot be reshaped/);
    }
    expect(device.prepared).toBe(0);
    expect((await session.run({ x: ramp('f32', [3, 2]) })).y.dims).toEqual([2, 3]);
  });

  test('the graph can be looked at for given dims', async () => {
    const { session } = await open(DYNAMIC);
    const graph = await session.graph({ N: 2, H: 3, W: 4 });
    expect(graph.outputs[0].value.type).toEqual({ dtype: 'f32', dims: [2, 1, 3, 4] });
    await expect(session.graph()).rejects.toThrow(InputError);
    await expect(session.graph({ N: 2 })).rejects.toThrow(/shapes are not known/);
  });
});

describe('shapes that depend on the data of an input', () => {
  test('the value is bound, and another value gets another graph', async () => {
    const { session, device } = await open(RESHAPE);
    const x = ramp('f32', [6]);
    for (const [shape, dims] of [
      [ints(2, 3), [2, 3]],
      [ints(3, 2), [3, 2]],
      [ints(-1, 2), [3, 2]],
      [ints(2, 3), [2, 3]],
      [ints(6), [6]],
    ] as const) {
      const { y } = await session.run({ x, shape });
      expect(y.dims).toEqual(dims);
      expect(y.toNumbers()).toEqual(x.toNumbers());
    }
    expect(device.prepared).toBe(4);
  });

  test('runs that find this out at the same time', async () => {
    const { session } = await open(RESHAPE);
    const shapes = [ints(2, 3), ints(3, 2), ints(6), ints(1, 6)];
    const results = await Promise.all(shapes.map((shape) => session.run({ x: ramp('f32', [6]), shape })));
    expect(results.map(({ y }) => y.dims)).toEqual([[2, 3], [3, 2], [6], [1, 6]]);
  });

  test('the caller may reuse the array it gave', async () => {
    const { session } = await open(RESHAPE);
    const x = ramp('f32', [6]);
    const shape = ints(2, 3) as Tensor<'i64'>;
    await session.run({ x, shape });
    shape.data.set([3n, 2n]);
    expect((await session.run({ x, shape })).y.dims).toEqual([3, 2]);
    shape.data.set([2n, 3n]);
    expect((await session.run({ x, shape })).y.dims).toEqual([2, 3]);
  });

  test('a wrong value names the node', async () => {
    const { session } = await open(RESHAPE);
    await expect(session.run({ x: ramp('f32', [6]), shape: ints(4, 2) })).rejects.toThrow(/Reshape "fold"/);
  });

  test('the graph for dims alone is refused with the input that decides', async () => {
    const { session } = await open(RESHAPE);
    await expect(session.graph({ x: [6], shape: [2] })).rejects.toThrow(InputError);
    await expect(session.graph({ x: [6], shape: [2] })).rejects.toThrow(/depends on the data of "shape"/);
  });

  test('shapes computed from shapes need no value', async () => {
    const { session } = await open(
      {
        nodes: [
          makeNode('Shape', ['x'], ['s']),
          makeNode('Gather', ['s', 'zero'], ['n']),
          makeNode('Concat', ['n', 'rest'], ['target'], { axis: 0 }),
          makeNode('Reshape', ['x', 'target'], ['y']),
        ],
        inputs: { x: port('f32', ['N', 2, 3]) },
        outputs: { y: port('f32') },
        initializers: { zero: ints(0), rest: ints(-1) },
      },
      { dims: { N: 5 } },
    );
    expect(await session.graph()).toMatchObject({ outputs: [{ value: { type: { dims: [5, 6] } } }] });
  });

  test('data too large to be a shape is refused by name', async () => {
    const { session } = await open({
      nodes: [makeNode('NonZero', ['x'], ['y'])],
      inputs: { x: port('f32', ['N']) },
      outputs: { y: port('f32') },
    });
    await expect(session.run({ x: ramp('f32', [3]) })).rejects.toThrow(UnsupportedError);
    const large = await open({
      nodes: [
        makeNode('Reshape', ['x', 's'], ['y']),
        makeNode('ReduceSum', ['x'], ['n']),
        makeNode('Cast', ['n'], ['s'], { to: 7 }),
      ],
      inputs: { x: port('f32', ['N']) },
      outputs: { y: port('f32') },
    });
    await expect(large.session.run({ x: new Tensor('f32', [100_000]) })).rejects.toThrow(
      /depends on the data of "x" is not supported/,
    );
  });
});

describe('inputs that do not fit are refused with what was expected', () => {
  const cases: [string, Record<string, unknown>, RegExp][] = [
    [
      'an unknown name',
      { x: ramp('f32', [1, 1, 1, 1]), z: ramp('f32', [1]) },
      /no input "z".*x: f32 Nx1xHxW/,
    ],
    ['nothing', {}, /"x" is missing.*x: f32 Nx1xHxW/],
    ['an array', { x: new Float32Array(1) }, /"x" is not a Tensor/],
    ['another type', { x: ramp('f64', [1, 1, 1, 1]) }, /got f64 1x1x1x1.*x: f32 Nx1xHxW/],
    ['another rank', { x: ramp('f32', [1, 1, 1]) }, /got dims 1x1x1.*x: f32 Nx1xHxW/],
    ['another fixed dim', { x: ramp('f32', [1, 3, 1, 1]) }, /got dims 1x3x1x1/],
  ];
  test.each(cases)('%s', async (_, inputs, message) => {
    const { session } = await open(DYNAMIC);
    const run = session.run(inputs as Record<string, Tensor>);
    await expect(run).rejects.toThrow(InputError);
    await expect(run).rejects.toThrow(message);
  });

  test('one name of a dimension means one number', async () => {
    const { session } = await open({
      nodes: [makeNode('Add', ['a', 'b'], ['y'])],
      inputs: { a: port('f32', ['N', 2]), b: port('f32', ['N', 1]) },
      outputs: { y: port('f32') },
    });
    const run = session.run({ a: ramp('f32', [3, 2]), b: ramp('f32', [1, 1]) });
    await expect(run).rejects.toThrow(/input "b" got dims 1x1 where N is 3/);
  });

  test('a tensor whose buffer was transferred', async () => {
    const { session } = await open(DYNAMIC);
    const x = ramp('f32', [1, 1, 1, 1]) as Tensor<'f32'>;
    structuredClone(x.data, { transfer: [x.data.buffer] });
    await expect(session.run({ x })).rejects.toThrow(/data of input "x" is gone/);
  });

  test.each<[string, object, RegExp]>([
    ['an unknown dimension', { Q: 1 }, /no input "Q".*dimensions N, H, W/],
    ['a number for an input', { x: 5 }, /no input "x"/],
    ['dims for a dimension', { N: [1] }, /no input "N"/],
    ['a negative dim', { x: [-1, 1, 1, 1] }, /got dims -1x1x1x1/],
    ['a fraction', { x: [0.5, 1, 1, 1] }, /got dims/],
    ['dims that contradict', { x: [1, 2, 1, 1] }, /got dims 1x2x1x1.*x: f32 Nx1xHxW/],
    ['a negative number', { N: -1, H: 1, W: 1 }, /dimension N is -1/],
    ['NaN', { N: NaN, H: 1, W: 1 }, /dimension N is NaN/],
  ])('in advance: %s', async (_, dims, message) => {
    await expect(open(DYNAMIC, { dims })).rejects.toThrow(InputError);
    await expect(open(DYNAMIC, { dims })).rejects.toThrow(message);
  });
});

describe('values', () => {
  test.each<DType>(['f32', 'f64', 'f16', 'bf16', 'i64', 'i32', 'u8', 'i8'])(
    '%s goes in and comes out',
    async (dtype) => {
      const { session } = await open({
        nodes: [makeNode('Add', ['x', 'x'], ['y'])],
        inputs: { x: port(dtype, ['N']) },
        outputs: { y: port(dtype) },
      });
      const x = Tensor.from(dtype, [4], [0, 1, 5, 63]);
      const { y } = await session.run({ x });
      expect([y.dtype, y.toNumbers()]).toEqual([dtype, [0, 2, 10, 126]]);
    },
  );

  test('64-bit integers stay exact', async () => {
    const { session } = await open({
      nodes: [makeNode('Add', ['x', 'one'], ['y'])],
      inputs: { x: port('i64', [1]) },
      outputs: { y: port('i64') },
      initializers: { one: ints(1) },
    });
    const { y } = await session.run({ x: Tensor.from('i64', [1], [2n ** 60n]) });
    expect(y.toBigInts()).toEqual([2n ** 60n + 1n]);
  });

  test('NaN, infinities and the sign of zero pass through', async () => {
    const { session } = await open({
      nodes: [
        makeNode('Conv', ['x', 'w'], ['c']),
        makeNode('Relu', ['c'], ['r']),
        makeNode('MaxPool', ['x'], ['p'], { kernel_shape: [2] }),
        makeNode('Neg', ['x'], ['n']),
      ],
      inputs: { x: port('f32', [1, 1, 5]) },
      outputs: { c: port('f32'), r: port('f32'), p: port('f32'), n: port('f32') },
      initializers: { w: Tensor.from('f32', [1, 1, 1], [2]) },
    });
    const x = Tensor.from('f32', [1, 1, 5], [NaN, Infinity, -Infinity, -0, 1]);
    const { c, r, p, n } = await session.run({ x });
    expect(c.toNumbers().map(Math.abs)).toEqual([NaN, Infinity, Infinity, 0, 2]);
    expect(r.toNumbers().map((value) => value + 0)).toEqual([NaN, Infinity, 0, 0, 2]);
    expect(p.toNumbers().map((value) => value + 0)).toEqual([NaN, Infinity, 0, 1]);
    expect(n.toNumbers()).toEqual([NaN, -Infinity, Infinity, 0, -1]);
  });

  test('simplifying can be turned off, and changes nothing but the graph', async () => {
    const model: ModelInput = {
      nodes: [
        makeNode('Identity', ['x'], ['same']),
        makeNode('Conv', ['same', 'w'], ['c']),
        makeNode('BatchNormalization', ['c', 'v', 'v', 'v', 'v'], ['b']),
        makeNode('Relu', ['b'], ['y']),
      ],
      inputs: { x: port('f32', [1, 1, 6]) },
      outputs: { y: port('f32') },
      initializers: { w: ramp('f32', [3, 1, 2]), v: Tensor.from('f32', [3], [1, 2, 3]) },
    };
    const plain = await open(model, { rewrite: false });
    const simple = await open(model);
    expect((await plain.session.graph()).nodes.size).toBe(4);
    expect((await simple.session.graph()).nodes.size).toBe(1);
    const x = ramp('f32', [1, 1, 6]);
    const [a, b] = [await plain.session.run({ x }), await simple.session.run({ x })];
    for (const [i, value] of a.y.toNumbers().entries()) expect(b.y.toNumbers()[i]).toBeCloseTo(value, 5);
  });
});

describe('life and death', () => {
  const x = ramp('f32', [1, 1, 1, 2]);

  test('after dispose everything rejects, and disposing again is fine', async () => {
    const { session, device } = await open(DYNAMIC);
    await session.run({ x });
    await session.dispose();
    await session.dispose();
    expect([device.freed, device.disposed]).toEqual([1, true]);
    await expect(session.run({ x })).rejects.toThrow(SessionError);
    await expect(session.profile({ x })).rejects.toThrow(/disposed.*createSession/);
    await expect(session.graph({ N: 1, H: 1, W: 1 })).rejects.toThrow(SessionError);
  });

  test('dispose waits for the runs that are under way', async () => {
    const { session, device } = await open(DYNAMIC);
    const running = session.run({ x });
    await session.dispose();
    expect([device.running, device.freed, device.freedWhileRunning, device.disposed]).toEqual([
      0,
      1,
      0,
      true,
    ]);
    expect((await running).y.dims).toEqual(x.dims);
  });

  test('many runs at the same time, of more shapes than are kept, all end well', async () => {
    const { session, device } = await open(DYNAMIC);
    const sizes = Array.from({ length: 40 }, (_, i) => 1 + (i % 20));
    const results = await Promise.all(sizes.map((n) => session.run({ x: ramp('f32', [n, 1, 1, 1]) })));
    expect(results.map(({ y }) => y.size)).toEqual(sizes);
    await session.dispose();
    expect(device.freedWhileRunning).toBe(0);
    expect(device.freed).toBe(device.prepared);
  });

  test('an aborted run rejects with the reason, before it starts and between steps', async () => {
    const count = 300;
    const nodes = Array.from({ length: count }, (_, i) =>
      makeNode('Erf', [i === 0 ? 'x' : `v${i}`], [i === count - 1 ? 'y' : `v${i + 1}`]),
    );
    const { session } = await open({ nodes, inputs: { x: port('f32', ['N']) }, outputs: { y: port('f32') } });
    const reason = new Error('changed my mind');
    await expect(session.run({ x: ramp('f32', [1]) }, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    const controller = new AbortController();
    let steps = 0;
    const run = session.run(
      { x: ramp('f32', [100]) },
      {
        signal: controller.signal,
        onProgress: () => {
          steps++;
          if (steps === 5) controller.abort(reason);
        },
      },
    );
    await expect(run).rejects.toBe(reason);
    expect(steps).toBe(5);
    await expect(session.run({ x: ramp('f32', [1]) })).resolves.toHaveProperty('y');
  });

  test('a profile has every step', async () => {
    const { session } = await open(DYNAMIC);
    const { outputs, steps } = await session.profile({ x });
    expect(outputs.y.dims).toEqual(x.dims);
    expect(steps.map(({ op, output, layout }) => [op, output.dims, layout])).toEqual([
      ['Relu', x.dims, 'NCHW'],
    ]);
    expect(steps[0].milliseconds).toBeGreaterThanOrEqual(0);
  });
});

describe('outputs', () => {
  const weights = Tensor.from('f32', [2], [3, 4]);

  test('are the caller’s own, where weights or inputs are handed out as they are too', async () => {
    const { session } = await open({
      nodes: [
        makeNode('Identity', ['x'], ['same']),
        makeNode('Reshape', ['x', 'shape'], ['line']),
        makeNode('Add', ['x', 'w'], ['sum']),
      ],
      inputs: { x: port('f32', [1, 2]) },
      outputs: { same: port('f32'), line: port('f32'), w: port('f32'), sum: port('f32') },
      initializers: { w: weights, shape: Tensor.from('i64', [1], [2n]) },
    });
    const x = Tensor.from('f32', [1, 2], [1, 2]);
    const first = await session.run({ x });
    for (const name of ['same', 'line', 'w']) first[name].data.fill(9 as never);
    expect([...x.data]).toEqual([1, 2]);
    const second = await session.run({ x });
    expect(Object.fromEntries(Object.entries(second).map(([name, { data }]) => [name, [...data]]))).toEqual({
      same: [1, 2],
      line: [1, 2],
      w: [3, 4],
      sum: [4, 6],
    });
    await session.dispose();
  });
});
