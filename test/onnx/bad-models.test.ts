/** Models that are wrong in a known way, one by one: which error, naming what. */
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, SparseTensorProtoSchema, TensorProtoSchema } from 'onnx-buf';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { FormatError, GraphError, LimitError, ShapeError, UnsupportedError } from '../../src/errors.js';
import type { OnnxModel } from '../../src/onnx/index.js';
import { createSession, loadModel } from '../../src/session/index.js';
import { Tensor } from '../../src/tensor/index.js';
import { makeModel, makeModelProto, makeNode, port, type ModelInput } from '../support/onnx-builder.js';

const CPU = { device: 'cpu' } as const;

const X = { x: port('f32', [2, 3]) };
const Y = { y: port('f32', [2, 3]) };

const relu = (from: string, to: string, name = ''): ReturnType<typeof makeNode> =>
  makeNode('Relu', [from], [to], {}, { name });

function load(model: Partial<ModelInput>): Promise<OnnxModel> {
  return loadModel(makeModel({ nodes: [relu('x', 'y')], inputs: X, outputs: Y, ...model }));
}

/** Loads, builds and runs. */
async function run(model: Partial<ModelInput>): Promise<Readonly<Record<string, Tensor>>> {
  const session = await createSession(await load(model), CPU);
  return session.run({ x: new Tensor('f32', [2, 3]) });
}

/** A protobuf field that holds bytes. */
function wrap(field: number, inner: Uint8Array): Uint8Array<ArrayBuffer> {
  const length: number[] = [];
  for (let rest = inner.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest < 128 ? rest : (rest % 128) | 128);
    if (rest < 128) break;
  }
  return Uint8Array.from([field * 8 + 2, ...length, ...inner]);
}

describe('the file', () => {
  test.each([
    ['empty', new Uint8Array()],
    ['text', new TextEncoder().encode('<!doctype html><title>404</title>')],
    ['a PNG', new URL('../../models/digits/samples/00_2.png', import.meta.url)],
    ['only zeros', new Uint8Array(1000)],
  ])('%s is no model', async (_, source) => {
    const bytes = source instanceof URL ? new Uint8Array(await readFile(source)) : source;
    await expect(loadModel(bytes)).rejects.toThrow(FormatError);
    await expect(loadModel(bytes)).rejects.toThrow(/Check/);
  });

  test('protobuf that is nested without end is refused', async () => {
    // GraphProto.node.attribute.g.node.attribute.g..., each a level deeper.
    let bytes = new Uint8Array();
    for (let depth = 0; depth < 2000; depth++) bytes = wrap(1, wrap(5, wrap(6, bytes)));
    await expect(loadModel(wrap(7, bytes))).rejects.toThrow(FormatError);
  });

  test.each([
    ['nodes', 1],
    ['initializers', 5],
  ])('millions of empty %s are refused before they fill the memory', async (_, field) => {
    const count = 3_000_000;
    const body = new Uint8Array(2 * count);
    for (let i = 0; i < body.length; i += 2) body[i] = field * 8 + 2;
    const length = [
      body.length & 127,
      (body.length >> 7) & 127,
      (body.length >> 14) & 127,
      body.length >> 21,
    ];
    const head = [7 * 8 + 2, length[0] | 128, length[1] | 128, length[2] | 128, length[3]];
    const bytes = new Uint8Array(head.length + body.length);
    bytes.set(head);
    bytes.set(body, head.length);
    const start = process.cpuUsage();
    await expect(loadModel(bytes)).rejects.toThrow(LimitError);
    expect(process.cpuUsage(start).user).toBeLessThan(2e6);
  });

  test('a model without a graph, or without an operator set', async () => {
    const opsetImport = [{ domain: '', version: 13n }];
    const noGraph = toBinary(ModelProtoSchema, create(ModelProtoSchema, { opsetImport }));
    await expect(loadModel(noGraph)).rejects.toThrow(FormatError);
    const noOpset = makeModelProto({ nodes: [relu('x', 'y')], inputs: X, outputs: Y });
    noOpset.opsetImport = [];
    await expect(loadModel(toBinary(ModelProtoSchema, noOpset))).rejects.toThrow(FormatError);
  });
});

describe('operator sets and operators', () => {
  test.each([6, 1, 0, -1])('operator set %i is refused with the way out', async (opset) => {
    await expect(load({ opset })).rejects.toThrow(UnsupportedError);
    await expect(load({ opset })).rejects.toThrow(/operator set .* with onnx\.version_converter/);
  });

  test('a newer operator set than any that exists is read', async () => {
    await expect(run({ opset: 99 })).resolves.toHaveProperty('y');
  });

  test.each(['If', 'Loop', 'Scan', 'NotAnOperator', 'toString', 'constructor', '__proto__'])(
    '%s is refused by name',
    async (op) => {
      const nodes = [makeNode(op, ['x'], ['y'], {}, { name: 'odd one' })];
      await expect(run({ nodes })).rejects.toThrow(UnsupportedError);
      await expect(run({ nodes })).rejects.toMatchObject({
        feature: `operator ${op}`,
        node: `${op} "odd one"`,
      });
    },
  );

  test('an operator of another domain is refused with the domain', async () => {
    const nodes = [makeNode('Relu', ['x'], ['y'], {}, { domain: 'com.example' })];
    await expect(run({ nodes })).rejects.toMatchObject({ feature: 'operator com.example:Relu' });
    expect((await load({ nodes })).operators.unsupported).toEqual(['com.example:Relu']);
  });

  test('the full name of the own domain is fine', async () => {
    await expect(
      run({ nodes: [makeNode('Relu', ['x'], ['y'], {}, { domain: 'ai.onnx' })] }),
    ).resolves.toHaveProperty('y');
  });

  test('an unknown attribute is refused, never ignored', async () => {
    const nodes = [makeNode('Relu', ['x'], ['y'], { slope: 2 })];
    await expect(run({ nodes })).rejects.toMatchObject({ feature: 'attribute slope of Relu' });
  });

  test('an attribute of the wrong type, and one given twice', async () => {
    await expect(run({ nodes: [makeNode('LeakyRelu', ['x'], ['y'], { alpha: 2 })] })).rejects.toThrow(
      /attribute alpha is of type INT where FLOAT is meant/,
    );
    const twice = makeNode('LeakyRelu', ['x'], ['y'], { alpha: 0.5 });
    twice.attribute.push(...twice.attribute);
    await expect(run({ nodes: [twice] })).rejects.toThrow(/alpha is given twice/);
  });

  test('an output that the operator does not have', async () => {
    const nodes = [makeNode('Relu', ['x'], ['y', 'z'])];
    await expect(run({ nodes })).rejects.toMatchObject({ feature: 'output 1 ("z") of Relu' });
  });
});

describe('types', () => {
  test('strings are refused by name, as input and as weights', async () => {
    const strings = create(TensorProtoSchema, {
      name: 'words',
      dims: [1n],
      dataType: 8,
      stringData: [new Uint8Array([65])],
    });
    await expect(load({ initializers: [strings] })).rejects.toMatchObject({
      feature: 'element type string',
      part: 'tensor "words"',
    });
    const proto = makeModelProto({ nodes: [relu('x', 'y')], inputs: X, outputs: Y });
    const type = proto.graph?.input[0].type?.value;
    if (type?.case === 'tensorType') type.value.elemType = 8;
    await expect(loadModel(toBinary(ModelProtoSchema, proto))).rejects.toMatchObject({
      feature: 'element type string',
    });
  });

  test.each([
    [14, 'complex64'],
    [15, 'complex128'],
    [0, 'number 0'],
    [77, 'number 77'],
  ])('element type %i is refused as %s', async (dataType, name) => {
    const odd = create(TensorProtoSchema, { name: 'odd', dims: [], dataType });
    await expect(load({ initializers: [odd] })).rejects.toMatchObject({ feature: `element type ${name}` });
  });

  test('sequences and sparse tensors are refused by name', async () => {
    const proto = makeModelProto({ nodes: [relu('x', 'y')], inputs: X, outputs: Y });
    const port = proto.graph?.input[0];
    if (port?.type)
      port.type.value = { case: 'sequenceType', value: { $typeName: 'onnx.TypeProto.Sequence' } };
    await expect(loadModel(toBinary(ModelProtoSchema, proto))).rejects.toMatchObject({
      feature: 'value type sequence',
    });
    const sparse = makeModelProto({ nodes: [relu('x', 'y')], inputs: X, outputs: Y });
    sparse.graph?.sparseInitializer.push(create(SparseTensorProtoSchema, {}));
    await expect(loadModel(toBinary(ModelProtoSchema, sparse))).rejects.toMatchObject({
      feature: 'sparse initializers',
    });
  });
});

describe('the graph', () => {
  test('a cycle names a node on it', async () => {
    const nodes = [makeNode('Add', ['x', 'b'], ['a'], {}, { name: 'first' }), relu('a', 'b'), relu('b', 'y')];
    await expect(load({ nodes })).rejects.toThrow(GraphError);
    await expect(load({ nodes })).rejects.toThrow(/Add "first".*cycle/);
  });

  test('a node that reads its own output', async () => {
    await expect(load({ nodes: [makeNode('Add', ['x', 'y'], ['y'])] })).rejects.toThrow(/cycle/);
  });

  test('nodes in another order than ONNX asks for are read', async () => {
    const nodes = [relu('b', 'y'), relu('a', 'b'), makeNode('Neg', ['x'], ['a'])];
    const session = await createSession(await load({ nodes }), CPU);
    const { y } = await session.run({ x: Tensor.from('f32', [2, 3], [-1, 2, -3, 4, -5, 6]) });
    expect(y.toNumbers()).toEqual([1, 0, 3, 0, 5, 0]);
  });

  test('a long chain, in the worst order, takes neither stack nor time', async () => {
    const count = 20_000;
    const nodes = Array.from({ length: count }, (_, i) =>
      relu(i === 0 ? 'x' : `v${i}`, i === count - 1 ? 'y' : `v${i + 1}`),
    );
    const start = performance.now();
    await run({ nodes: nodes.reverse() });
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  test.each<[string, Partial<ModelInput>, RegExp]>([
    [
      'a value defined by two nodes',
      { nodes: [relu('x', 'y'), relu('x', 'y')] },
      /value "y" is defined twice/,
    ],
    [
      'a node that defines an input',
      { nodes: [relu('x', 'y'), relu('y', 'x')] },
      /value "x" is defined twice/,
    ],
    [
      'an undefined input',
      { nodes: [relu('nowhere', 'y', 'lost')] },
      /Relu "lost": input "nowhere" is not defined/,
    ],
    [
      'a weight given twice',
      { initializers: [1, 2].map(() => create(TensorProtoSchema, { name: 'w', dims: [0n], dataType: 1 })) },
      /initializer "w" is defined twice/,
    ],
  ])('%s', async (_, model, message) => {
    await expect(load(model)).rejects.toThrow(GraphError);
    await expect(load(model)).rejects.toThrow(message);
  });

  test('inputs and outputs named twice', async () => {
    const twice = makeModelProto({ nodes: [relu('x', 'y')], inputs: X, outputs: Y });
    twice.graph?.input.push(...twice.graph.input);
    await expect(loadModel(toBinary(ModelProtoSchema, twice))).rejects.toThrow(/input "x" is defined twice/);
    const outputs = makeModelProto({ nodes: [relu('x', 'y')], inputs: X, outputs: Y });
    outputs.graph?.output.push(...outputs.graph.output);
    const model = await loadModel(toBinary(ModelProtoSchema, outputs));
    await expect(createSession(model, CPU)).rejects.toThrow(/output "y" is named twice/);
  });

  test('an output that nothing computes, and a missing required input', async () => {
    await expect(run({ outputs: { z: port('f32') } })).rejects.toThrow(
      /output "z" is not computed by any node/,
    );
    await expect(run({ nodes: [makeNode('Add', ['x'], ['y'])] })).rejects.toThrow(
      /Add "y": input 1 .* is missing/,
    );
    await expect(run({ nodes: [makeNode('Add', ['x', ''], ['y'])] })).rejects.toThrow(/is missing/);
  });

  test('an output that is an input, a weight, or the same value twice', async () => {
    const outputs = { x: port('f32'), w: port('f32'), y: port('f32') };
    const result = await run({ outputs, initializers: { w: Tensor.from('f32', [1], [7]) } });
    expect([result.x.dims, result.w.toNumbers(), result.y.dims]).toEqual([[2, 3], [7], [2, 3]]);
  });

  test('names that JavaScript objects have anyway', async () => {
    const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
    const model = await loadModel(
      makeModel({
        nodes: names.slice(1).map((name, i) => relu(names[i], name)),
        inputs: Object.fromEntries([['constructor', port('f32', [1])]]),
        outputs: Object.fromEntries([
          ['hasOwnProperty', port('f32', [1])],
          ['__proto__', port('f32', [1])],
        ]),
      }),
    );
    const session = await createSession(model, CPU);
    await expect(session.run({})).rejects.toThrow(/input "constructor" is missing/);
    const outputs = await session.run({ ['constructor']: Tensor.from('f32', [1], [3]) });
    expect(Object.entries(outputs).map(([name, tensor]) => [name, tensor.toNumbers()])).toEqual([
      ['hasOwnProperty', [3]],
      ['__proto__', [3]],
    ]);
  });
});

describe('sizes', () => {
  test.each<[string, bigint[], typeof FormatError]>([
    ['negative', [-1n], FormatError],
    ['beyond 2^53', [2n ** 62n, 2n ** 62n], FormatError],
    ['beyond the limit', [2n ** 40n], LimitError],
    ['other than the data', [3n], FormatError],
  ])('weights whose dims are %s', async (_, dims, error) => {
    const w = create(TensorProtoSchema, { name: 'w', dims, dataType: 1, rawData: new Uint8Array(8) });
    await expect(load({ initializers: [w] })).rejects.toThrow(error);
    await expect(load({ initializers: [w] })).rejects.toThrow(/tensor "w"/);
  });

  test('weights that are too large together', async () => {
    const bytes = makeModel({
      nodes: [relu('x', 'y')],
      inputs: X,
      outputs: Y,
      initializers: { a: new Tensor('f32', [100]), b: new Tensor('f32', [100]) },
    });
    await expect(loadModel(bytes, { limits: { maxTotalBytes: 700 } })).rejects.toThrow(LimitError);
    await expect(loadModel(bytes, { limits: { maxTensorBytes: 300 } })).rejects.toThrow(LimitError);
    await expect(loadModel(bytes, { limits: { maxNodes: 0 } })).rejects.toThrow(LimitError);
    await expect(
      loadModel(bytes, { limits: { maxTotalBytes: 800, maxTensorBytes: 400, maxNodes: 1 } }),
    ).resolves.toBeDefined();
  });

  test.each([
    { maxNodes: NaN },
    { maxTensorBytes: -1 },
    { maxTotalBytes: '1' as unknown as number },
    { max: 1 },
  ])('limits %j are refused', async (limits) => {
    await expect(
      loadModel(makeModel({ nodes: [relu('x', 'y')], inputs: X, outputs: Y }), { limits }),
    ).rejects.toThrow(LimitError);
  });

  test('a small file that asks for huge tensors', async () => {
    const huge = Tensor.from('i64', [3], [100_000, 100_000, 100]);
    const nodes = [makeNode('ConstantOfShape', ['shape'], ['y'])];
    await expect(run({ nodes, initializers: { shape: huge } })).rejects.toThrow(LimitError);
    // Below the limit for one tensor, but many of them alive at once.
    const initializers = { large: Tensor.from('i64', [1], [2 ** 28]) };
    const many = Array.from({ length: 20 }, (_, i) => makeNode('Expand', ['x', 'large'], [`e${i}`]));
    const sum = makeNode(
      'Sum',
      many.map((node) => node.output[0]),
      ['y'],
    );
    const inputs = { x: port('f32', [1]) };
    const model = await load({ nodes: [...many, sum], initializers, inputs });
    await expect(createSession(model, CPU)).rejects.toThrow(/in all/);
  });

  test('empty tensors with huge dimensions, which loops could walk', async () => {
    const shape = Tensor.from('i64', [2], [2 ** 40, 0]);
    const nodes = [makeNode('Expand', ['x', 'shape'], ['y'])];
    const inputs = { x: port('f32', [1, 0]) };
    await expect(createSession(await load({ nodes, inputs, initializers: { shape } }), CPU)).rejects.toThrow(
      LimitError,
    );
  });

  test('a tensor of absurd rank, and a node of absurd width', async () => {
    const shape = Tensor.from('i64', [1000], new Array(1000).fill(1));
    const nodes = [makeNode('Reshape', ['x', 'shape'], ['y'])];
    const model = await load({ nodes, inputs: { x: port('f32', [1]) }, initializers: { shape } });
    await expect(createSession(model, CPU)).rejects.toThrow(/rank 1000/);
    const wide = makeNode('Sum', new Array(200_000).fill('x'), ['y'], {}, { name: 'wide' });
    await expect(load({ nodes: [wide] })).rejects.toThrow(/Sum "wide": it has 200000 inputs/);
  });

  test('what decides about a shape must itself be small', async () => {
    const initializers = { n: Tensor.from('i64', [1], [2 ** 25]) };
    const nodes = [
      makeNode('ConstantOfShape', ['n'], ['shape'], { value: Tensor.from('i64', [1], [1]) }),
      makeNode('ReduceSum', ['x', 'shape'], ['y']),
    ];
    await expect(run({ nodes, initializers })).rejects.toThrow(LimitError);
  });

  test('thousands of nodes on constants do not make preparing slow', async () => {
    const initializers = { w: new Tensor('f32', [64, 64]) };
    const nodes = Array.from({ length: 5000 }, (_, i) =>
      makeNode('Neg', [i === 0 ? 'w' : `v${i}`], [`v${i + 1}`]),
    );
    nodes.push(makeNode('Add', ['x', 'v5000'], ['y']));
    const inputs = { x: port('f32', [64, 64]) };
    const start = performance.now();
    await createSession(await load({ nodes, initializers, inputs }), CPU);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  test('shapes that do not fit name the node', async () => {
    const initializers = { w: new Tensor('f32', [4, 5]) };
    const nodes = [makeNode('MatMul', ['x', 'w'], ['y'], {}, { name: 'classifier' })];
    await expect(run({ nodes, initializers })).rejects.toThrow(ShapeError);
    await expect(run({ nodes, initializers })).rejects.toThrow(/MatMul "classifier"/);
  });
});
