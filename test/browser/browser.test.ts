/**
 * The same kernels and sessions in a page of a real browser: headless Chromium with software WebGPU. Where no
 * Chromium starts, the tests are skipped and say why. Of each family a candidate of every fixed kernel body and
 * one of every layout of rank 4 is run; `LANEWISE_BROWSER=all` runs them all.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallBytes } from '../devices/webgpu/models.js';
import { families } from '../kernels/families.js';
import { startChromium } from './chromium.js';
import type { Answers, PageApi } from './page/main.js';
import { servePage, type PageServer } from './server.js';

const DIGITS = '/models/digits/model.onnx';
const SMALL = '/small.onnx';
const all = process.env['LANEWISE_BROWSER'] === 'all';
const { browser, reason } = await startChromium();

describe.skipIf(!browser)(`in Chromium${browser ? '' : `, which does not start here (${reason})`}`, () => {
  let server: PageServer;
  let page: Page;
  const problems: string[] = [];

  async function open(): Promise<Page> {
    if (!browser) throw new Error(reason);
    const opened = await browser.newPage();
    opened.on('pageerror', (error) => problems.push(String(error)));
    opened.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    await opened.goto(server.url);
    await opened.waitForFunction(() => 'lanewise' in window);
    return opened;
  }

  /** Calls a function of the page. */
  function call<K extends keyof PageApi>(
    name: K,
    ...args: Parameters<PageApi[K]>
  ): Promise<Awaited<ReturnType<PageApi[K]>>> {
    return page.evaluate(
      ([key, list]) => (window.lanewise[key as K] as (...rest: unknown[]) => never)(...list),
      [name, args] as const,
    );
  }

  beforeAll(async () => {
    server = await servePage({ [SMALL]: smallBytes() });
    page = await open();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await server.close();
  });

  it.each([...families.keys()])(
    'kernels of %s agree with their references',
    async (family) => {
      const { candidates, failures } = await call('runFamily', family, all);
      expect(failures).toEqual([]);
      expect(candidates).toBeGreaterThan(0);
    },
    all ? 3_600_000 : 120_000,
  );

  it('sessions give what the CPU gives, and making them does not block the page', async () => {
    for (const model of [SMALL, DIGITS]) {
      const { device, blocked, ...answers } = await call('runModel', model, 'webgpu:software');
      expect(device).toBe('webgpu');
      expect(mismatch(answers)).toBeUndefined();
      expect(blocked).toBeLessThan(1000);
    }
  });

  it('`auto` takes no software GPU', async () => {
    const { device, reason, ...answers } = await call('runModel', DIGITS, 'auto');
    expect(device).toBe('cpu');
    expect(reason).toMatch(/^no GPU: the only WebGPU adapter is a software one/);
    expect(mismatch(answers)).toBeUndefined();
  });

  it('sessions run from GPU buffers to GPU buffers', async () => {
    expect(mismatch(await call('runOnGpuBuffers', SMALL))).toBeUndefined();
  });

  it('kernels are timed, by repetition where timestamps are coarse', async () => {
    expect(await call('timeKernel')).toBeGreaterThan(0);
  });

  it('nothing of this wrote warnings or errors', () => {
    expect(problems).toEqual([]);
  });

  it('a crash of the GPU process ends a session, and a new one works', async () => {
    await call('prepareLoss', SMALL);
    const session = await browser?.newBrowserCDPSession();
    await session?.send('Browser.crashGpuProcess' as 'Browser.close');
    const { error, ...answers } = await call('runAfterLoss');
    expect(error).toMatch(/^DeviceError: the GPU device was lost \(.*Create a new session/);
    expect(mismatch(answers)).toBeUndefined();
  });
});

/** Where a session's answers differ from the CPU's. */
function mismatch({ outputs, expected }: Answers): string | undefined {
  if (outputs.length === 0 || outputs.length !== expected.length) return `there are ${outputs.length}`;
  const at = outputs.findIndex((value, i) => !(Math.abs(value - expected[i]) < 1e-5));
  return at < 0 ? undefined : `answer ${at} is ${outputs[at]} where ${expected[at]} is expected`;
}
