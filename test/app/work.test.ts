/**
 * Work in the inspector, from end to end: cancelled at every stage, replaced by newer work, on models of many files and of 100 MB.
 * Where no Chromium starts, the tests are skipped and say why.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium } from '../browser/chromium.js';
import { Tensor } from '../../src/tensor/index.js';
import { makeExternalTensorProto, makeModel, makeNode, port } from '../support/onnx-builder.js';
import {
  SOON,
  DIGITS,
  buildApp,
  cancelAt,
  digitsModel,
  draw,
  drop,
  dropFiles,
  openApp,
  type AppPage,
  type BuiltApp,
} from './app-page.js';

const { browser, reason } = await startChromium({ zeroesWorkgroupMemory: false });

/** A model of 100 MB, nearly all of it zeros. */
function largeModel(): readonly (Uint8Array | number)[] {
  const side = 5000;
  const bytes = makeModel({
    nodes: [makeNode('MatMul', ['x', 'w'], ['y'])],
    inputs: { x: port('f32', [1, side]) },
    outputs: { y: port('f32', [1, side]) },
    initializers: { w: new Tensor('f32', [side, side]) },
  });
  const zeros = 4 * side * side;
  const start = Buffer.from(bytes.buffer).indexOf(Buffer.alloc(1024));
  return [bytes.slice(0, start), zeros, bytes.slice(start + zeros)];
}

/** y = (x + a) * b, with both weights in files of their own, the second's at an offset. */
function modelOfFiles(): Uint8Array {
  return makeModel({
    nodes: [makeNode('Add', ['x', 'a'], ['s']), makeNode('Mul', ['s', 'b'], ['y'])],
    inputs: { x: port('f32', [1, 4]) },
    outputs: { y: port('f32', [1, 4]) },
    initializers: [
      makeExternalTensorProto('a', 'f32', [4], { location: 'a.data' }),
      makeExternalTensorProto('b', 'f32', [4], { location: 'weights/b.data', offset: 8, length: 16 }),
    ],
  });
}

const A = new Uint8Array(16);
const B = new Uint8Array(24);

describe.skipIf(!browser)(
  `work in the inspector${browser ? '' : `: SKIPPED, Chromium does not start here (${reason})`}`,
  () => {
    let app: BuiltApp;
    let opened: AppPage;
    let page: Page;

    const isIdle = async (): Promise<void> => {
      await expect.poll(() => page.getByRole('status').count(), { timeout: 20_000 }).toBe(0);
    };
    const model = (): Promise<string> => page.locator('.head .model').innerText();
    const alerts = async (): Promise<string> => (await page.getByRole('alert').allInnerTexts()).join();
    const openDigits = async (): Promise<void> => {
      await drop(page, 'digits.onnx', await digitsModel());
      await page.getByRole('button', { name: 'Plan', exact: true }).click();
      await expect.poll(model, SOON).toBe('digits.onnx');
      await isIdle();
    };

    beforeAll(async () => {
      app = await buildApp({
        '/input/model.onnx': { body: modelOfFiles() },
        '/input/data/a.data': { body: A },
        '/input/data/weights/b.data': { body: B },
      });
      if (!browser) throw new Error(reason);
      opened = await openApp(browser, app);
      ({ page } = opened);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await app.close();
    });

    it('a model of 100 MB does not freeze the page', async () => {
      await page.evaluate(() => {
        let last = performance.now();
        let longest = 0;
        setInterval(() => {
          longest = Math.max(longest, performance.now() - last);
          last = performance.now();
          document.body.dataset['longest'] = String(longest);
        }, 5);
      });
      await drop(page, 'large.onnx', largeModel());
      // The file itself is made in the page: only what follows counts.
      await page.getByRole('status').waitFor();
      await page.evaluate(() => delete document.body.dataset['longest']);
      await expect.poll(model, { timeout: 60_000 }).toBe('large.onnx');
      await isIdle();
      const longest = await page.evaluate(() => Number(document.body.dataset['longest']));
      expect(longest).toBeLessThan(1000);
      expect(await page.locator('.summary').innerText()).toContain('1 step,');
    }, 120_000);

    it.each([
      ['reading', /reading again\.onnx/],
      ['parsing', /parsing again\.onnx/],
      ['planning', /policy/],
    ])(
      'is cancelled while %s, and what was open stays',
      async (_, pattern) => {
        await openDigits();
        const { said } = await cancelAt(page, pattern);
        await drop(page, 'again.onnx', largeModel());
        expect(await said).toMatch(pattern);
        await isIdle();
        expect(await model()).toBe('digits.onnx');
        expect(await alerts()).toBe('');
        await page.getByRole('tab', { name: 'What if' }).click();
        await page.getByRole('button', { name: 'Switch to chwn' }).click();
        await expect.poll(() => page.locator('[data-what="policy"]').innerText(), SOON).toBe('chwn');
      },
      120_000,
    );

    it.each([
      ['compiling', /compiling/],
      ['measuring', /timing runs/],
    ])(
      'is cancelled while %s, and works again',
      async (_, pattern) => {
        await page.evaluate(() => (location.hash = '#network=squeezenet1_1&batch=2&view=whatif'));
        await expect.poll(model, { timeout: 60_000 }).toBe('squeezenet1_1');
        await isIdle();
        const { said } = await cancelAt(page, pattern);
        await page.getByRole('button', { name: 'Measure', exact: true }).click();
        expect(await said).toMatch(pattern);
        await isIdle();
        expect(await alerts()).toBe('');
        const start = performance.now();
        await page.getByRole('button', { name: 'Switch to nchw' }).click();
        await expect
          .poll(() => page.locator('[data-what="policy"]').innerText(), { timeout: 30_000 })
          .toBe('nchw');
        // The worker has left what it did, at its next kernel: all of it takes far longer.
        expect(performance.now() - start).toBeLessThan(10_000);
        await page.evaluate(() => (location.hash = '#network=lenet'));
        await expect.poll(model, SOON).toBe('lenet');
      },
      120_000,
    );

    it('the first run is cancelled while it compiles, and the next one answers', async () => {
      await page.evaluate(() => (location.hash = '#demo&view=try'));
      await page.locator('.draw-pad canvas').waitFor();
      await isIdle();
      const { said } = await cancelAt(page, /preparing the run: compiling/);
      await draw(page, DIGITS['7']);
      await said;
      await isIdle();
      expect(await page.locator('.scores').count()).toBe(0);
      expect(await alerts()).toBe('');
      await draw(page, DIGITS['7']);
      await expect.poll(() => page.locator('.scores li').first().innerText(), SOON).toMatch(/^7 /);
    });

    it('a model that is dropped meanwhile replaces the one that is being opened', async () => {
      await page.evaluate(() => (location.hash = '#network=vgg16&batch=64'));
      await page.getByRole('status').getByText('vgg16').waitFor();
      await openDigits();
      await page.waitForTimeout(1500);
      expect(await model()).toBe('digits.onnx');
      expect(page.url()).not.toContain('vgg16');
    });

    it('a model that is dropped replaces the question about another, and measuring', async () => {
      await drop(page, 'asked.onnx', await digitsModel());
      await page.getByRole('form', { name: 'Batch size' }).getByText('asked.onnx').waitFor();
      await openDigits();
      await page.getByRole('button', { name: 'Measure', exact: true }).click();
      await page.getByRole('status').getByText('measuring').waitFor();
      await dropFiles(page, { 'small.onnx': modelOfFiles(), 'a.data': A, 'b.data': B });
      await expect.poll(model, SOON).toBe('small.onnx');
      await isIdle();
      expect(await alerts()).toBe('');
    });

    it('reads weights out of files that are dropped together, and runs with them', async () => {
      await page.evaluate(() => (location.hash = '#network=lenet'));
      await expect.poll(model, SOON).toBe('lenet');
      await dropFiles(page, { 'b.data': B, 'files.onnx': modelOfFiles(), 'a.data': A, 'config.json': A });
      await expect.poll(model, SOON).toBe('files.onnx');
      await isIdle();
      await page.getByRole('button', { name: 'Measure', exact: true }).click();
      await page.getByText('measured, the whole run').waitFor({ timeout: 30_000 });
    });

    it('reads them out of a folder that is dropped, by their paths', async () => {
      const other = new Uint8Array(3);
      await dropFiles(
        page,
        { 'model.onnx': modelOfFiles(), 'weights/b.data': B, 'old/b.data': other, 'a.data': A },
        'exported',
      );
      await expect.poll(model, SOON).toBe('model.onnx');
      expect(await alerts()).toBe('');
    });

    it('reads them from beside a model that the command line serves', async () => {
      await page.evaluate(() => (location.hash = '#model=input%2Fmodel.onnx&name=served.onnx'));
      await expect.poll(model, SOON).toBe('served.onnx');
      expect(await alerts()).toBe('');
    });

    it('names all files that are missing, and what is too short', async () => {
      await drop(page, 'lonely.onnx', modelOfFiles());
      await expect
        .poll(alerts, SOON)
        .toMatch(/in 2 files that are not here: "a\.data", "weights\/b\.data".*Drop/);
      await dropFiles(page, { 'lonely.onnx': modelOfFiles(), 'a.data': A });
      await expect.poll(alerts, SOON).toMatch(/in a file that is not here: "weights\/b\.data"/);
      await dropFiles(page, { 'lonely.onnx': modelOfFiles(), 'a.data': A, 'b.data': A });
      await expect.poll(alerts, SOON).toMatch(/"weights\/b\.data" has 16 bytes where 24 are wanted/);
      expect(await model()).toBe('served.onnx');
    });

    it('says what files are, where none can be opened', async () => {
      await dropFiles(page, { 'a.data': A, 'b.data': B });
      await expect
        .poll(alerts, SOON)
        .toMatch(/no model among these files: .* together with a\.data and b\.data/);
      await dropFiles(page, { 'a.onnx': A, 'b.onnx': B });
      await expect.poll(alerts, SOON).toMatch(/one model at a time: here are a\.onnx and b\.onnx/);
    });

    it('all this wrote no warnings', () => {
      expect([...opened.problems, ...opened.foreign]).toEqual([]);
    });
  },
);
