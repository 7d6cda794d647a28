/**
 * Documents in the inspector, from end to end: plans alone, devices, plans of the command line that are planned again in the page;
 * what Cancel ends; what fits which width. Where no Chromium starts, the tests are skipped and say why.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { network } from '../../src/networks/index.js';
import { loadModel } from '../../src/session/index.js';
import { explainModel, type ModelExplanation } from '../../src/session/explain.js';
import { standInProfile } from '../../src/session/stand-in.js';
import { startChromium } from '../browser/chromium.js';
import { SOON, buildApp, digitsModel, drop, openApp, type AppPage, type BuiltApp } from './app-page.js';

const { browser, reason } = await startChromium({ zeroesWorkgroupMemory: false });

describe.skipIf(!browser)(
  `documents in the inspector${browser ? '' : `: SKIPPED, Chromium does not start here (${reason})`}`,
  () => {
    let app: BuiltApp;
    let explanation: ModelExplanation;
    let opened: AppPage;
    let page: Page;

    const open = async (
      fragment: string,
      size: { width?: number; height?: number } = {},
    ): Promise<AppPage> => {
      if (!browser) throw new Error(reason);
      return openApp(browser, app, { fragment, ...size });
    };
    const dropText = (name: string, text: string): Promise<void> =>
      drop(page, name, new TextEncoder().encode(text));
    const tab = (name: string): Promise<void> => page.getByRole('tab', { name }).click();

    beforeAll(async () => {
      explanation = await explainModel(network('lenet'), { dims: { N: 3 }, profile: standInProfile() });
      const document = JSON.stringify({ command: 'explain', model: 'lenet', assumed: [], ...explanation });
      const mine = JSON.stringify({ command: 'explain', model: 'mine.onnx', assumed: [], ...explanation });
      const digits = await loadModel(await digitsModel());
      const dims = Object.fromEntries(digits.inputs.map(({ name }) => [name, [3, 1, 28, 28]]));
      const beside = await explainModel(digits, { dims, profile: standInProfile() });
      const digitsDocument = { command: 'explain', model: 'digits.onnx', assumed: [], ...beside };
      app = await buildApp({
        '/input/digits.json': { body: JSON.stringify(digitsDocument) },
        '/input/model.onnx': { body: await digitsModel() },
        '/input/document.json': { body: document },
        '/input/mine.json': { body: mine },
        '/input/profile.json': { body: JSON.stringify(standInProfile()) },
      });
      opened = await open('');
      ({ page } = opened);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await app.close();
    });

    it('opens a saved plan alone, and says what needs the model', async () => {
      await dropText('plan.json', JSON.stringify(explanation.plan));
      await page.locator('.lw-graph [data-step="0"]').waitFor();
      expect(await page.locator('.summary').innerText()).toContain('saved plan alone');
      await page.locator('.lw-graph [data-step="0"]').click();
      expect(await page.getByRole('complementary').innerText()).toContain('lanewise inspect MODEL --plan');
      await tab('Roofline');
      expect(await page.locator('#panel').innerText()).toContain('the roofs need the model');
      await tab('Memory');
      expect(await page.locator('.lw-memory [data-step], .lw-memory .span').count()).toBeGreaterThan(3);
      await tab('What if');
      expect(await page.locator('#panel').innerText()).toContain('lanewise inspect MODEL --plan FILE');
    });

    it('refuses a plan that is not whole', async () => {
      const { steps } = explanation.plan;
      const broken = { ...explanation.plan, steps: [...steps.slice(1), { ...steps[0], reads: [99] }] };
      await dropText('broken.json', JSON.stringify(broken));
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('alert').innerText()).toContain(`step ${steps.length} is not whole`);
    });

    it('opens a device profile, as a page about the device', async () => {
      const profile = await open('#document=input/profile.json&name=profile.json');
      await profile.page.locator('.lw-sweep').first().waitFor();
      expect(await profile.page.locator('.lw-sweep').count()).toBe(2);
      expect(await profile.page.locator('main').innerText()).toContain('f32 arithmetic');
      await profile.page.setViewportSize({ width: 360, height: 740 });
      expect(await profile.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      await profile.page.getByRole('button', { name: 'Open another' }).click();
      await profile.page.getByRole('heading', { name: 'See where' }).waitFor();
      expect(profile.problems).toEqual([]);
      await profile.page.context().close();
    });

    it.each([
      ['a network by name', '#document=input/document.json&name=lenet&view=whatif'],
      [
        'a model beside the page',
        '#document=input/digits.json&name=digits.onnx&model=input%2Fmodel.onnx&view=whatif',
      ],
    ])('plans %s again, beside the document', async (_, fragment) => {
      const other = await open(fragment);
      await other.page.getByRole('button', { name: 'Plan it in this page' }).click();
      await other.page.getByRole('button', { name: 'Switch to nhwc' }).click({ timeout: 20_000 });
      const cell = (title: string): Promise<string> =>
        other.page.locator(`[data-what="${title}"]`).innerText();
      await expect.poll(() => cell('policy'), { timeout: 20_000 }).toBe('nhwc');
      // The document stands beside it, on its own device.
      const document = await other.page.locator('[data-document="device"]').innerText();
      expect(document).toBe(explanation.device);
      expect(await cell('device')).not.toBe(document);
      // For the shapes that it was planned for there.
      await other.page.getByRole('tab', { name: 'Graph' }).click();
      expect(await other.page.locator('.lw-graph [data-step="0"]').innerHTML()).toMatch(/\b3x\d+x\d+x\d+/);
      expect(other.problems).toEqual([]);
      await other.page.context().close();
    });

    it('offers no planning where the model is not to be had', async () => {
      const other = await open('#document=input/mine.json&name=mine.onnx&view=whatif');
      await other.page.getByText('need the model').waitFor();
      expect(await other.page.getByRole('button', { name: 'Plan it in this page' }).count()).toBe(0);
      await other.page.context().close();
    });

    it('asks for the batch size of a dropped model, and plans with it', async () => {
      await drop(page, 'mine.onnx', await digitsModel());
      const form = page.getByRole('form', { name: 'Batch size' });
      await form.waitFor();
      await form.getByRole('button', { name: 'Cancel' }).click();
      expect(await form.count()).toBe(0);
      expect(await page.locator('.head .model').innerText()).toBe('plan.json');
      await drop(page, 'mine.onnx', await digitsModel());
      await form.getByLabel('Batch').fill('5');
      await form.getByRole('button', { name: 'Plan' }).click();
      await expect.poll(() => page.locator('.head .model').innerText(), SOON).toBe('mine.onnx');
      await tab('Graph');
      await page.getByText('5x1x28x28').first().waitFor();
    });

    it('keeps the chosen box in view when the panel opens', async () => {
      const other = await open('#document=input/document.json&name=lenet', { width: 900, height: 900 });
      const first = other.page.locator('.lw-graph [data-step="0"]');
      await first.waitFor();
      const gap = async (): Promise<number> => {
        const [box, frame] = await Promise.all([
          first.boundingBox(),
          other.page.locator('.graph-pane .canvas').boundingBox(),
        ]);
        if (!box || !frame) return -1;
        return Math.min(box.x - frame.x, frame.x + frame.width - box.x - box.width);
      };
      // To the right edge, where the panel opens.
      const frame = await other.page.locator('.graph-pane .canvas').boundingBox();
      if (!frame) throw new Error('there is no graph');
      await other.page.mouse.move(frame.x + 20, frame.y + 300);
      await other.page.mouse.down();
      await other.page.mouse.move(frame.x + 20 + frame.width / 2 - 130, frame.y + 300);
      await other.page.mouse.up();
      await first.click();
      await other.page.getByRole('complementary', { name: 'Step 1' }).waitFor();
      await expect.poll(gap, SOON).toBeGreaterThan(0);
      await other.page.context().close();
    });

    it.each([360, 800, 1280])('shows every column of the policies at %i px', async (width) => {
      const other = await open('#network=squeezenet1_1&batch=64&view=whatif', { width });
      const region = other.page.getByRole('region', { name: 'Policies' });
      await region.getByRole('button', { name: 'Switch to nhwc' }).waitFor({ timeout: 60_000 });
      const { hidden, right } = await region.evaluate((element) => ({
        hidden: element.scrollWidth - element.clientWidth,
        right: Math.max(
          ...Array.from(element.querySelectorAll('td'), (cell) => cell.getBoundingClientRect().right),
        ),
      }));
      expect(hidden).toBeLessThanOrEqual(0);
      expect(right).toBeLessThanOrEqual(width);
      expect(await region.getByRole('row').count()).toBeGreaterThanOrEqual(5);
      await other.page.context().close();
    });

    it('measuring can be cancelled, and the model stays open', async () => {
      const other = await open('#network=squeezenet1_1&batch=8&view=whatif');
      await other.page.getByRole('button', { name: 'Measure', exact: true }).click({ timeout: 60_000 });
      await other.page.getByRole('status').getByText('measuring').waitFor();
      await other.page.getByRole('status').getByRole('button', { name: 'Cancel' }).click();
      await expect.poll(() => other.page.getByRole('status').count(), SOON).toBe(0);
      expect(await other.page.getByRole('alert').count()).toBe(0);
      expect(await other.page.locator('.summary').innerText()).toContain('predicted');
      // The worker leaves the run at its next step, and answers again.
      await other.page.getByRole('button', { name: 'Switch to nchw' }).click();
      await expect
        .poll(() => other.page.locator('[data-what="policy"]').innerText(), { timeout: 60_000 })
        .toBe('nchw');
      expect(other.problems).toEqual([]);
      await other.page.context().close();
    }, 150_000);

    it('all this wrote no warnings', () => {
      expect([...opened.problems, ...opened.foreign]).toEqual([]);
    });
  },
);
