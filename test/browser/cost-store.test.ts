/**
 * Costs in the database of a real browser. Where no Chromium starts, the tests are skipped and say why.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testFolder } from '../support/files.js';
import { EXPECTED_TRACE, record } from '../tune/cost-samples.js';
import { startChromium } from './chromium.js';
import type { CostsApi } from './costs-page/main.js';

const URL = 'http://costs.test/';
const files = await testFolder();
const { browser, reason } = await startChromium();

describe.skipIf(!browser)(
  `costs in Chromium${browser ? '' : `, which does not start here (${reason})`}`,
  () => {
    let context: BrowserContext;
    let page: Page;

    /** A page of the same origin as the others. */
    async function open(): Promise<Page> {
      const opened = await context.newPage();
      await opened.goto(URL);
      await opened.waitForFunction(() => 'costs' in window);
      return opened;
    }

    /** Calls a function of a page. */
    function call<K extends keyof CostsApi>(
      name: K,
      args: Parameters<CostsApi[K]>,
      where = page,
    ): Promise<Awaited<ReturnType<CostsApi[K]>>> {
      return where.evaluate(
        ([key, list]) => (window.costs[key as K] as (...rest: unknown[]) => never)(...list),
        [name, args] as const,
      );
    }

    beforeAll(async () => {
      if (!browser) throw new Error(reason);
      const outDir = files.path('page');
      await build({
        configFile: false,
        logLevel: 'error',
        build: {
          lib: { entry: join(import.meta.dirname, 'costs-page/main.ts'), formats: ['es'], fileName: 'main' },
          outDir,
          minify: false,
        },
      });
      const script = await readFile(join(outDir, 'main.js'), 'utf8');
      context = await browser.newContext();
      // No server: the page is handed to the browser when it asks for it.
      await context.route(URL, (route) =>
        route.fulfill({ contentType: 'text/html', body: `<script type="module">${script}</script>` }),
      );
      page = await open();
    }, 120_000);

    afterAll(async () => {
      await browser?.close();
    });

    it('are kept as by every store', async () => {
      expect(await call('trace', ['trace'])).toEqual(EXPECTED_TRACE);
    });

    it('of two pages that save at once are all there, and outlive both', async () => {
      const other = await open();
      const warnings = await Promise.all([
        call('save', ['shared', 0, 300]),
        call('save', ['shared', 300, 300], other),
      ]);
      expect(warnings).toEqual([[], []]);
      await other.close();
      await page.reload();
      await page.waitForFunction(() => 'costs' in window);
      const { costs, listed } = await call('load', ['shared']);
      expect(listed).toBe(600);
      expect(new Set(costs)).toEqual(
        new Set(Array.from({ length: 600 }, (_, i) => `Conv ${i}x3x8x8 f32: ${1000 + i}`)),
      );
    });

    it('that are damaged are dropped, once', async () => {
      await call('spoil', ['spoilt']);
      const left = {
        profile: undefined,
        costs: [1, 3].map((i) => `${record(i).what}: ${1000 + i}`),
        listed: 2,
      };
      const dropped = 'Measured costs: 2 damaged entries were dropped.';
      expect(await call('load', ['spoilt'])).toEqual({ ...left, warnings: [dropped] });
      expect(await call('load', ['spoilt'])).toEqual({ ...left, warnings: [] });
    });

    it('are kept on after the database was deleted', async () => {
      expect(await call('useAfterDeletion', ['deleted'])).toEqual({
        profile: undefined,
        costs: ['Conv 2x3x8x8 f32: 1002'],
        listed: 1,
        warnings: [],
      });
    });

    it('last as long as the store where the page may have no database', async () => {
      expect(await call('useWithout', [])).toEqual({
        profile: undefined,
        costs: ['Conv 1x3x8x8 f32: 1001', 'Conv 2x3x8x8 f32: 1002'],
        listed: 2,
        warnings: ['Measured costs cannot be kept and last for this run only: The operation is insecure.'],
      });
    });
  },
);
