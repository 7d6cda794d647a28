/**
 * The inspector from end to end, in a real headless browser with WebGPU on a software adapter. Where no Chromium starts, the
 * tests are skipped and say why.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium } from '../browser/chromium.js';
import { makeModel, makeNode, port } from '../support/onnx-builder.js';
import {
  SOON,
  DIGITS,
  buildApp,
  digitsModel,
  draw,
  drop,
  openApp,
  type AppPage,
  type BuiltApp,
} from './app-page.js';

/** A name that would be markup, were it not kept as text. */
const HOSTILE = '<img src=x onerror="document.title=1">';

/** Kernels compile ten times as fast so: chromium.ts says why. */
const { browser, reason } = await startChromium({ zeroesWorkgroupMemory: false });

describe.skipIf(!browser)(
  `the inspector in Chromium${browser ? '' : `: SKIPPED, it does not start here (${reason})`}`,
  () => {
    let app: BuiltApp;
    let opened: AppPage;
    let page: Page;

    beforeAll(async () => {
      app = await buildApp();
      if (!browser) throw new Error(reason);
      opened = await openApp(browser, app);
      ({ page } = opened);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await app.close();
    });

    const alert = (): Promise<string> => page.getByRole('alert').innerText();
    const tab = (name: string): Promise<void> => page.getByRole('tab', { name }).click();
    const cell = (title: string): Promise<string> => page.locator(`[data-what="${title}"]`).innerText();
    const answer = (): Promise<string> => page.locator('.scores li').first().innerText();

    it('is small, and paints within a second', async () => {
      const files = await readdir(join(app.folder, 'assets'));
      const scripts = await Promise.all(
        files
          .filter((name) => name.endsWith('.js'))
          .map((name) => readFile(join(app.folder, 'assets', name))),
      );
      const bytes = scripts.reduce((sum, text) => sum + gzipSync(text).length, 0);
      expect(bytes).toBeLessThan(400_000);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const paint = await page.evaluate(
        () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
      );
      expect(paint).toBeLessThan(1000);
    });

    it('opens a model that is dropped, and says that the adapter is a software one', async () => {
      await drop(page, 'mine.onnx', await digitsModel());
      await page.getByRole('button', { name: 'Plan', exact: true }).click();
      await page.getByRole('region', { name: 'Summary' }).waitFor();
      expect(await page.locator('.head .model').innerText()).toBe('mine.onnx');
      const summary = await page.locator('.summary').innerText();
      expect(summary).toMatch(/[\d.]+ µs predicted/);
      expect(summary).toContain('software adapter only');
      await page.locator('.lw-graph [data-step="0"]').waitFor();
    });

    it('reads a digit that is drawn, with the time of every layer', async () => {
      await tab('Try it');
      for (const [digit, strokes] of Object.entries(DIGITS)) {
        await draw(page, strokes);
        await page.locator('.scores').waitFor();
        expect(await answer()).toMatch(new RegExp(`^${digit} \\d+\\.\\d\\d %`));
      }
      const steps = await page.locator('.layers li').allInnerTexts();
      expect(steps.length).toBeGreaterThanOrEqual(5);
      expect(await page.locator('.try-it').innerText()).toContain('software adapter');
    });

    it('shows the feature maps of a layer', async () => {
      await page.getByRole('button', { name: 'Show', exact: true }).click();
      await page.locator('.maps canvas').first().waitFor();
      expect(await page.locator('.maps canvas').count()).toBe(16);
      const isBlank = await page.locator('.maps canvas').evaluateAll((list) =>
        list.every((canvas) => {
          if (!(canvas instanceof HTMLCanvasElement)) return true;
          const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {
            data: [],
          };
          return data.every((value, i) => i % 4 === 3 || value === data[0]);
        }),
      );
      expect(isBlank).toBe(false);
    });

    it('measures on request, and tells measured from predicted', async () => {
      await page.getByRole('button', { name: 'Measure', exact: true }).click();
      await page.getByText('measured, the whole run').waitFor({ timeout: 30_000 });
      const summary = await page.locator('.summary').innerText();
      expect(summary).toMatch(/µs measured, the whole run; ~[\d.]+ µs predicted/);
      expect(summary).toContain('they say nothing of a GPU');
      await tab('Table');
      expect(await page.locator('.lw-table thead').innerText()).toContain('measured µs');
    });

    it('sorts the table', async () => {
      await page.locator('button[data-sort="expected"]').click();
      const times = await page
        .locator('.lw-table tbody tr td:nth-child(6)')
        .evaluateAll((cells) => cells.map((one) => Number(one.textContent.replace(/[~,]/g, ''))));
      expect(times).toEqual([...times].sort((a, b) => b - a));
    });

    it('switches the policy, and shows both plans side by side', async () => {
      await tab('What if');
      expect(await cell('policy')).toBe('optimal');
      const before = await cell('predicted');
      await page.getByRole('button', { name: 'Switch to nhwc' }).click();
      await expect.poll(() => cell('policy'), SOON).toBe('nhwc');
      expect(await cell('predicted')).not.toBe(before);
      expect(await page.locator('.changes li').count()).toBeGreaterThan(0);
      expect(new URL(page.url()).hash).toContain('policy=nhwc');
      await page.getByRole('button', { name: 'Back to the plan as opened' }).click();
      await expect.poll(() => cell('policy'), SOON).toBe('optimal');
      expect(await cell('predicted')).toBe(before);
    });

    it('forces a layout on one step, measured beside the plan as opened', async () => {
      await tab('Graph');
      await page.locator('.lw-graph [data-step="0"]').click();
      const side = page.getByRole('complementary', { name: 'Step 1' });
      await side.waitFor();
      const select = side.getByLabel('Force the layout');
      await expect.poll(() => select.locator('option').count(), SOON).toBeGreaterThan(2);
      await select.selectOption('NHWC');
      await page.getByText('with 1 forced').waitFor();
      await tab('What if');
      expect(new URL(page.url()).hash).toMatch(/force=\d+/);
      await page.getByRole('button', { name: 'Measure both' }).click();
      await expect.poll(() => cell('measured'), { timeout: 30_000 }).toMatch(/µs$/);
      await tab('Try it');
      await draw(page, DIGITS['0']);
      await expect.poll(answer, SOON).toMatch(/^0 /);
    });

    it('goes from step to step by keyboard', async () => {
      await tab('Graph');
      const first = page.locator('.lw-graph [data-step="0"]');
      await first.focus();
      await page.keyboard.press('ArrowDown');
      await page.getByRole('complementary', { name: 'Step 2' }).waitFor();
      expect(await page.evaluate(() => document.activeElement?.getAttribute('data-step'))).toBe('1');
      await page.keyboard.press('Escape');
      await expect.poll(() => page.getByRole('complementary').count(), SOON).toBe(0);
      await page.getByRole('tab', { name: 'Graph' }).focus();
      await page.keyboard.press('ArrowRight');
      expect(await page.getByRole('tab', { selected: true }).innerText()).toBe('Table');
    });

    it('exports a trace that parses, a table and a picture', async () => {
      const exported = async (kind: string): Promise<string> => {
        const download = page.waitForEvent('download');
        await page.getByText('Export', { exact: true }).click();
        await page.getByRole('button', { name: kind }).click();
        return readFile(await (await download).path(), 'utf8');
      };
      const trace: {
        readonly traceEvents: readonly { readonly ph: string; readonly ts: number; readonly dur: number }[];
      } = JSON.parse(await exported('Trace ('));
      const steps = trace.traceEvents.filter(({ ph }) => ph === 'X');
      expect(steps.length).toBeGreaterThanOrEqual(5);
      for (const [i, { ts }] of steps.entries())
        expect(ts).toBeCloseTo(i === 0 ? 0 : steps[i - 1].ts + steps[i - 1].dur, 6);
      const csv = await exported('Table (');
      expect(csv.trim().split('\r\n')).toHaveLength(steps.length + 1);
      await tab('Roofline');
      expect(await exported('This picture')).toMatch(/^<\?xml[^]*<svg [^]*<\/svg>\s*$/);
      const document = await exported('Everything');
      await drop(page, 'again.json', new TextEncoder().encode(document));
      await expect.poll(() => page.locator('.summary button').count(), SOON).toBe(0);
      expect(await page.locator('.head .model').innerText()).toBe('mine.onnx');
      expect(await page.locator('.lw-roofline .point').count()).toBeGreaterThanOrEqual(5);
    });

    it('refuses a broken model with a readable message, and keeps what is open', async () => {
      const bytes = await digitsModel();
      await drop(page, 'broken.onnx', bytes.subarray(0, bytes.length / 2));
      await page.getByRole('alert').waitFor();
      expect(await alert()).toMatch(/ONNX|protobuf|file/i);
      expect(await alert()).not.toMatch(/undefined|\bat \w+ \(/);
      expect(await page.locator('.head .model').innerText()).toBe('mine.onnx');
      await drop(page, 'plan.json', new TextEncoder().encode('{"format":"lanewise-plan"}'));
      await expect.poll(alert, SOON).toContain('lanewise explain MODEL --save plan.json');
      await page.getByRole('button', { name: 'Dismiss' }).click();
    });

    it('opening can be cancelled, and what was open stays', async () => {
      await page.evaluate(() => (location.hash = '#network=vgg16&batch=64'));
      await page.getByRole('status').getByRole('button', { name: 'Cancel' }).click();
      await expect.poll(() => page.getByRole('status').count(), SOON).toBe(0);
      expect(await page.getByRole('alert').count()).toBe(0);
      expect(await page.locator('.head .model').innerText()).toBe('mine.onnx');
      expect(page.url()).not.toContain('vgg16');
    });

    it('keeps names out of a model file as text', async () => {
      const model = makeModel({
        inputs: { x: port('f32', [1, 3, 4, 4]) },
        outputs: { [HOSTILE]: port('f32', [1, 3, 4, 4]) },
        nodes: [makeNode('Sigmoid', ['x'], [HOSTILE])],
      });
      await drop(page, `${HOSTILE.replaceAll('/', '')}.onnx`, model);
      await expect.poll(() => page.locator('.head .model').innerText(), SOON).toContain('<img');
      for (const name of ['Graph', 'Table', 'Roofline', 'Timeline', 'Memory', 'What if']) {
        await tab(name);
        expect(await page.locator('img').count()).toBe(0);
      }
      await tab('Table');
      expect(await page.locator('.lw-table').innerText()).toContain(HOSTILE);
      expect(await page.title()).toBe('Lanewise inspector');
    });

    it('opens from a link as it was left', async () => {
      if (!browser) throw new Error(reason);
      const linked = await openApp(browser, app, {
        fragment: '#network=lenet&batch=4&view=whatif&policy=nchw',
      });
      await expect
        .poll(() => linked.page.locator('[data-what="policy"]').innerText(), { timeout: 20_000 })
        .toBe('nchw');
      expect(linked.problems).toEqual([]);
      await linked.page.context().close();
    });

    it('fits a phone, in every view', async () => {
      if (!browser) throw new Error(reason);
      const phone = await openApp(browser, app, {
        fragment: '#demo',
        width: 360,
        height: 740,
        scheme: 'dark',
      });
      await phone.page.locator('.summary').waitFor();
      for (const name of await phone.page.getByRole('tab').allInnerTexts()) {
        await phone.page.getByRole('tab', { name, exact: true }).click();
        const width = await phone.page.evaluate(() => document.documentElement.scrollWidth);
        expect([name, width]).toEqual([name, 360]);
      }
      await phone.page.context().close();
    });

    it('all this asked for nothing elsewhere, and wrote no warnings', () => {
      expect(opened.foreign).toEqual([]);
      expect(opened.problems).toEqual([]);
    });

    it('survives a lost device', async () => {
      await page.goto(`${app.server.url}#demo&view=try`);
      await page.reload();
      await page.locator('.draw-pad canvas').waitFor();
      await draw(page, DIGITS['0']);
      await expect.poll(answer, SOON).toMatch(/^0 /);
      const session = await browser?.newBrowserCDPSession();
      await session?.send('Browser.crashGpuProcess' as 'Browser.close');
      // The first stroke may be lost with the picture on the pad.
      await expect
        .poll(
          async () => {
            await draw(page, DIGITS['7']);
            return (await page.getByRole('alert').allInnerTexts()).join('');
          },
          { timeout: 20_000, interval: 500 },
        )
        .toContain('device was lost');
      await draw(page, DIGITS['7']);
      await expect.poll(answer, { timeout: 20_000 }).toMatch(/^7 /);
      expect(await page.getByRole('alert').count()).toBe(0);
    });
  },
);
