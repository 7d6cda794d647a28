import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { lanewise } from '../support/cli.js';

const MODEL = 'models/digits/model.onnx';
const DIGIT = 'models/digits/samples/00_2.png';

describe('help and version', () => {
  test('--version prints the version of package.json', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(await lanewise('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each([['--help'], ['-h'], ['help']])('%s lists the commands', async (flag) => {
    const { code, stdout } = await lanewise(flag);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}run .*\n {2}verify .*\n {2}info .*\n {13}.*\n {2}explain .*\n {2}tune /m);
  });

  test.each(['run', 'verify', 'info', 'explain', 'tune'])(
    '%s --help names every flag, within 100 columns',
    async (command) => {
      const { code, stdout, stderr } = await lanewise(command, '--help');
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain(`Usage: lanewise ${command} `);
      expect(stdout).toContain('--json');
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    },
  );

  test('info --help, whole', async () => {
    expect((await lanewise('info', '-h')).stdout).toMatchInlineSnapshot(`
      "Describe a model: inputs, outputs, operators, parameters, FLOP, memory, what is not supported.

      Usage: lanewise info MODEL [flags]

        MODEL              A model file (.onnx), or a network by name: lenet, cifar10, alexnet, zfnet,
                           vgg16, resnet50, mobilenet_v2, squeezenet1_1
        --batch N          The first dimension of every input, where the model leaves it open
        --dims NAME=N ...  Fix a symbolic dimension (N=8) or the whole shape of an input
                           (image=8x3x224x224)
        --json             Print one JSON document instead (see docs/cli.md)
        -h, --help         Show this help

      A first dimension that the model leaves open (the batch) is taken as 1; other open dimensions have
      to be given before FLOP and memory can be told. FLOP counts a multiply-add as two. Weights are
      described without being made, so that a large model takes no longer than a small one.

      Examples:
        lanewise info model.onnx
        lanewise info model.onnx --dims N=8 --dims H=224,W=224 --json
        lanewise info resnet50 --batch 32
      "
    `);
  });

  test('no command at all is bad usage, and shows the help', async () => {
    const { code, stdout } = await lanewise();
    expect(code).toBe(2);
    expect(stdout).toContain('Usage: lanewise COMMAND');
  });
});

describe('bad usage ends with 2 and names the flag and the remedy', () => {
  test.each([
    ['an unknown command', ['rum'], /no command "rum": the commands are run, verify, info/],
    ['an unknown flag in front', ['--frob'], /no flag "--frob"/],
    ['an unknown flag', ['run', MODEL, '--frob', 'x'], /Unknown option '--frob'\. See --help/],
    ['an unknown flag with =', ['info', MODEL, '--frob=1'], /'--frob'/],
    ['an unknown short flag', ['info', MODEL, '-x'], /'-x'/],
    ['the negation of a flag', ['run', MODEL, '--no-profile'], /'--no-profile'/],
    ['a missing argument', ['run'], /MODEL/],
    ['a missing argument of verify', ['verify'], /DIR/],
    ['an argument too many', ['info', MODEL, 'other.onnx'], /"other\.onnx" is one argument too many/],
    ['a flag without its value', ['run', MODEL, '--input'], /--input/],
    ['a flag that takes no value', ['run', MODEL, '--profile=yes'], /--profile/],
    ['a flag given twice', ['run', MODEL, '--top', '1', '--top', '2'], /--top is given 2 times/],
    [
      'a device that does not exist',
      ['run', MODEL, '--device', 'tpu'],
      /--device \(tpu\)\. Expected one of: auto, cpu/,
    ],
    ['a channel order that does not exist', ['run', MODEL, '--channels', 'hsv'], /--channels/],
    ['a top that is no whole number', ['run', MODEL, '--top', '1.5'], /--top is "1\.5": give a whole number/],
    ['a mean that is no number', ['run', MODEL, '--mean', '1,x'], /--mean is "x"/],
    ['a std that is no number', ['run', MODEL, '--std', ''], /--std is ""/],
    ['a scale that is no number', ['run', MODEL, '--scale', '1/0'], /--scale is "1\/0"/],
    ['dims without a name', ['info', MODEL, '--dims', '8'], /--dims is "8": write NAME=8/],
    ['dims that are no numbers', ['info', MODEL, '--dims', 'N=8x'], /--dims is "N=8x"/],
    ['a filter that leaves nothing', ['verify', 'models/digits', '--filter', 'zzz'], /--filter "zzz"/],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await lanewise(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: .*\n$/);
    // No colours into pipes.
    expect(stderr).not.toContain('\u001B');
  });

  test('bad usage prints no document, even with --json', async () => {
    expect((await lanewise('run', MODEL, '--frob', '--json')).stdout).toBe('');
  });
});

describe('failures end with 1, without a stack', () => {
  test.each([
    [
      'a model that is not there',
      ['run', 'no/model.onnx', '--input', DIGIT],
      /no\/model\.onnx cannot be read/,
    ],
    ['a model that is none', ['info', 'package.json'], /not a readable ONNX model/],
    ['an input that is not there', ['run', MODEL, '--input', 'no.png'], /no\.png cannot be read/],
    ['labels that are not there', ['run', MODEL, '--labels', 'no.txt', '--input', DIGIT], /no\.txt/],
    ['an unknown dimension', ['info', MODEL, '--dims', 'H=3'], /no input "H".*dimensions N/],
    ['a folder without cases', ['verify', 'src'], /src holds no ONNX test directories/],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await lanewise(...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: .*\n$/);
  });

  test('with --json they are a document, too', async () => {
    const { code, stdout } = await lanewise('info', 'no/model.onnx', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      error: { name: 'FormatError', message: expect.stringContaining('no/model.onnx') as string },
    });
  });
});
