/**
 * "What if" of a plan that the command line made, answered in the page for the command line's device, on the costs that it knows.
 * Where no Chromium starts, the tests are skipped and say why.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { network } from '../../src/networks/index.js';
import { formatMicroseconds } from '../../src/report/format.js';
import { inspectModel, type Inspection, type WhatIf } from '../../src/session/index.js';
import { standInProfile } from '../../src/session/stand-in.js';
import type { DeviceProfile } from '../../src/tune/profile/profile.js';
import { startChromium } from '../browser/chromium.js';
import { SOON, buildApp, cancelAt, openApp, type AppPage, type BuiltApp } from './app-page.js';

const { browser, reason } = await startChromium({ zeroesWorkgroupMemory: false });

/** A device that is nobody's, so that its numbers cannot come from elsewhere. */
function mine(): DeviceProfile {
  const profile = standInProfile();
  const { roofs } = profile;
  const copy = { median: 123e9, low: 120e9, high: 125e9 };
  return {
    ...profile,
    name: 'mine',
    device: { ...profile.device, name: 'My very own GPU' },
    measured: '2026-11-23',
    roofs: { ...roofs, copy, cachedCopy: copy },
  };
}

const DOCUMENT = '#document=input/document.json&name=alexnet';

describe.skipIf(!browser)(
  `plans of other devices${browser ? '' : `: SKIPPED, Chromium does not start here (${reason})`}`,
  () => {
    let app: BuiltApp;
    let inspection: Inspection;
    let opened: AppPage;

    const open = (fragment: string): Promise<AppPage> => {
      if (!browser) throw new Error(reason);
      return openApp(browser, app, { fragment });
    };
    const cell = (title: string): Promise<string> =>
      opened.page.locator(`[data-what="${title}"]`).innerText();
    const predicted = (request: WhatIf): string =>
      `~${formatMicroseconds(inspection.whatIf(request).totals.time)} µs`;

    beforeAll(async () => {
      inspection = await inspectModel(network('alexnet'), { dims: { N: 4 }, profile: mine() });
      const { explanation, basis } = inspection;
      const document = { command: 'explain', model: 'alexnet', assumed: [], ...explanation, basis };
      app = await buildApp({
        '/input/document.json': { body: JSON.stringify(document) },
        '/input/broken.json': { body: JSON.stringify({ ...document, basis: { ...basis, failed: [1] } }) },
      });
      opened = await open(`${DOCUMENT}&view=whatif`);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await app.close();
    });

    it('switches the policy on the costs of the device that it was planned for', async () => {
      const { page } = opened;
      await page.getByRole('button', { name: 'Switch to nhwc' }).click({ timeout: 20_000 });
      await expect.poll(() => cell('policy'), SOON).toBe('nhwc');
      expect(await cell('predicted')).toBe(predicted({ policy: 'nhwc' }));
      expect(await page.locator('#panel').innerText()).toContain('planned for My very own GPU');
      expect(await page.locator('.summary').innerText()).toContain('My very own GPU');
      await page.getByRole('button', { name: 'Back to the plan as opened' }).click();
      await expect.poll(() => cell('predicted'), SOON).toBe(predicted({}));
    });

    it('forces a layout and a kernel on them', async () => {
      const { page } = opened;
      await page.getByRole('tab', { name: 'Graph' }).click();
      await page.locator('.lw-graph [data-step="2"]').click();
      const side = page.getByRole('complementary', { name: 'Step 3' });
      const node = inspection.explanation.plan.steps[2].node ?? -1;
      await expect.poll(() => side.locator('.ways li').count(), SOON).toBeGreaterThan(1);
      await side.getByLabel('Force the layout').selectOption('CHWN');
      await page.getByText('with 1 forced').waitFor();
      await page.getByRole('tab', { name: 'What if' }).click();
      expect(await cell('predicted')).toBe(predicted({ forced: [{ node, outputLayout: 'CHWN' }] }));
      await page.getByRole('button', { name: 'Release' }).click();
      await expect.poll(() => cell('predicted'), SOON).toBe(predicted({}));
    });

    it('offers no measuring here, and says where', async () => {
      const { page } = opened;
      expect(await page.getByRole('button', { name: /^Measure/ }).count()).toBe(0);
      expect(await page.locator('#panel').innerText()).toContain('the command line measures there');
      expect(await page.getByRole('button', { name: 'Plan it in this page' }).count()).toBe(1);
    });

    it('a link brings the question along', async () => {
      const linked = await open(`${DOCUMENT}&view=whatif&policy=chwn&step=3`);
      const { page } = linked;
      await expect.poll(() => page.locator('[data-what="policy"]').innerText(), SOON).toBe('chwn');
      expect(await page.locator('[data-what="predicted"]').innerText()).toBe(predicted({ policy: 'chwn' }));
      expect(linked.problems).toEqual([]);
      await page.context().close();
    });

    it('a link’s step is one of the plan that it asks for', async () => {
      const plan = inspection.whatIf({ policy: 'nchw' }).plan;
      const step = plan.steps.length - 1;
      expect(plan.steps.length).not.toBe(inspection.explanation.plan.steps.length);
      const linked = await open(`${DOCUMENT}&policy=nchw&step=${step}`);
      const side = linked.page.getByRole('complementary', { name: `Step ${step + 1}` });
      await expect
        .poll(() => side.getByRole('heading', { level: 2 }).allInnerTexts(), SOON)
        .toEqual([expect.stringContaining(plan.steps[step].name)]);
      await expect.poll(() => new URL(linked.page.url()).hash, SOON).toContain(`policy=nchw`);
      expect(new URL(linked.page.url()).hash).toContain(`step=${step}`);
      await linked.page.context().close();
    });

    it('preparing it can be cancelled, and asked for again', async () => {
      const other = await open('');
      const { page } = other;
      const { said } = await cancelAt(page, /what if/);
      await page.evaluate((hash) => (location.hash = hash), `${DOCUMENT}&view=whatif`);
      await said;
      await expect.poll(() => page.getByRole('status').count(), SOON).toBe(0);
      expect(await page.getByRole('button', { name: 'Switch to nhwc' }).count()).toBe(0);
      await page.getByRole('button', { name: 'Ask for My very own GPU' }).click();
      await page.getByRole('button', { name: 'Switch to nhwc' }).click();
      await expect.poll(() => page.locator('[data-what="policy"]').innerText(), SOON).toBe('nhwc');
      expect(other.problems).toEqual([]);
      await page.context().close();
    });

    it('a document whose basis is damaged is shown, and says so', async () => {
      const other = await open('#document=input/broken.json&name=alexnet');
      await other.page.getByRole('alert').getByText('what a plan rests on is damaged').waitFor();
      expect(await other.page.locator('.summary').innerText()).toContain('My very own GPU');
      await other.page.context().close();
    });
  },
);
