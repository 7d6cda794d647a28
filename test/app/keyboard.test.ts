/**
 * The inspector by keyboard alone, on a phone's width and on a desk's, in light and dark. Where no Chromium starts, the tests are
 * skipped and say why.
 */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium } from '../browser/chromium.js';
import { SOON, buildApp, openApp, type BuiltApp } from './app-page.js';

const { browser, reason } = await startChromium({ zeroesWorkgroupMemory: false });

/** What has the focus, as it is called. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
  });
}

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, pattern: RegExp, most = 40): Promise<void> {
  const passed: string[] = [];
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    const name = await focused(page);
    if (pattern.test(name)) return;
    passed.push(name.slice(0, 30));
  }
  throw new Error(`${String(pattern)} is not among what Tab reaches: ${passed.join(' | ')}`);
}

/** What is wrong with the page for who does not see it, or has no mouse. */
function faults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const selector = 'button, a, input, select, summary, [role="img"], [tabindex="0"]';
    for (const element of document.querySelectorAll(selector)) {
      const isField = element instanceof HTMLInputElement || element instanceof HTMLSelectElement;
      const text = isField ? element.labels?.[0]?.textContent : element.textContent;
      const name = element.getAttribute('aria-label') ?? text ?? '';
      if (name.trim() === '') found.push(`no name: ${element.outerHTML.slice(0, 80)}`);
    }
    const ids = Array.from(document.querySelectorAll('[id]'), ({ id }) => id);
    for (const id of new Set(ids)) {
      if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`twice: #${id}`);
    }
    if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
    if (document.querySelectorAll('main').length !== 1) found.push('not one main');
    if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the window');
    for (const element of document.querySelectorAll('button, select, summary, [role="tab"]')) {
      const { width, height } = element.getBoundingClientRect();
      // WCAG 2.2, 2.5.8: targets of 24 by 24.
      if (width > 0 && (width < 24 || height < 24))
        found.push(`too small: ${element.outerHTML.slice(0, 80)}`);
    }
    return found;
  });
}

describe.skipIf(!browser)(
  `the inspector by keyboard${browser ? '' : `: SKIPPED, Chromium does not start here (${reason})`}`,
  () => {
    let app: BuiltApp;
    beforeAll(async () => {
      app = await buildApp();
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await app.close();
    });

    it.each([
      [360, 740, 'light'],
      [1280, 860, 'dark'],
    ] as const)('opens, chooses, forces, switches and exports at %i px', async (width, height, scheme) => {
      if (!browser) throw new Error(reason);
      const { page, problems } = await openApp(browser, app, { width, height, scheme });
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await faults(page)).toEqual([]);
      await tabTo(page, /^Handwritten digits$/);
      await page.keyboard.press('Enter');
      await page.locator('.lw-graph [data-step="0"]').waitFor();
      // What is new begins at the focus.
      // Focus moves in an effect, after the heading is there.
      await page.waitForFunction(() => document.activeElement?.tagName === 'MAIN');
      await tabTo(page, /^Graph$/);
      await tabTo(page, /^Step 1, /);
      await page.keyboard.press('ArrowDown');
      const side = page.getByRole('complementary', { name: 'Step 2' });
      await side
        .getByRole('button', { name: /^Force / })
        .first()
        .waitFor();
      const box = await side.getByRole('heading', { level: 2 }).boundingBox();
      expect(box && box.y + box.height).toBeLessThan(height);
      expect(box?.y).toBeGreaterThan(0);
      const chosen = await page.locator('.lw-graph [data-step="1"]').boundingBox();
      const panel = await side.boundingBox();
      if (!chosen || !panel) throw new Error('the chosen step is not shown');
      expect(chosen.y).toBeGreaterThan(0);
      // Beside the panel on a desk, above it on a phone.
      expect(chosen.x + chosen.width <= panel.x || chosen.y + chosen.height <= panel.y).toBe(true);
      expect(await faults(page)).toEqual([]);
      await tabTo(page, /^Force \w+/);
      await page.keyboard.press('Enter');
      await page.getByText('with 1 forced').waitFor();
      await tabTo(page, /^Release$/);
      await page.keyboard.press('Enter');
      await expect.poll(() => page.getByText('with 1 forced').count(), SOON).toBe(0);
      await page.getByRole('tab', { name: 'Graph' }).focus();
      for (const name of ['Table', 'Roofline', 'Timeline', 'Memory', 'What if']) {
        await page.keyboard.press('ArrowRight');
        expect(await focused(page)).toBe(name);
        expect([name, await faults(page)]).toEqual([name, []]);
      }
      await tabTo(page, /^Switch to nhwc$/);
      await page.keyboard.press('Enter');
      await expect.poll(() => page.locator('[data-what="policy"]').innerText(), SOON).toBe('nhwc');
      // The button that was pressed is still there.
      expect(await focused(page)).toBe('Switch to nhwc');
      await tabTo(page, /^Export$/);
      await page.keyboard.press('Enter');
      expect(await faults(page)).toEqual([]);
      await tabTo(page, /^Table \(CSV\)$/);
      const download = page.waitForEvent('download');
      await page.keyboard.press('Enter');
      expect(await readFile(await (await download).path(), 'utf8')).toContain('kernel');
      expect(await focused(page)).toBe('Export');
      await tabTo(page, /^Open another$/);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'See where' }).waitFor();
      // Focus moves in an effect, after the heading is there.
      await page.waitForFunction(() => document.activeElement?.tagName === 'MAIN');
      expect(problems).toEqual([]);
      await page.context().close();
    });
  },
);
