/**
 * The same kernels and sessions in a page of a real browser: headless Chromium with software WebGPU. Where no
 * Chromium starts, the tests are skipped and say why. Of each family a candidate of every fixed kernel body and
 * one of every layout of rank 4 is run; `LANEWISE_BROWSER=all` runs them all.
 *
 * Sessions run as in every user's browser, where Dawn zeroes workgroup memory, and so do the kernels that have little
 * of it; kernels with more of it run in a second browser that does not (chromium.ts says what it costs).
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallBytes } from '../devices/webgpu/models.js';
import { families } from '../kernels/families.js';
import { startChromium, type Started } from './chromium.js';
import type { Answers, PageApi, Selection } from './page/main.js';
import { servePage, type PageServer } from './server.js';

const DIGITS = '/models/digits/model.onnx';
const SMALL = '/small.onnx';
const all = process.env['LANEWISE_BROWSER'] === 'all';
/** What zeroing costs no time for: sums over a workgroup, not tiles of matrix products (the smallest have 4.5 KiB). */
const LITTLE_MEMORY = 2048;
/** How many candidates of each family ran, in both browsers. */
const ran = new Map<string, number>();

let server: PageServer;
beforeAll(async () => {
  server = await servePage({ [SMALL]: smallBytes() });
}, 120_000);
afterAll(async () => {
  await server.close();
});

/** A page in one of the browsers. */
class TestPage {
  /** Warnings and errors that it wrote. */
  readonly problems: string[] = [];
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.problems.push(message.text());
    });
  }

  static async open(browser: Browser): Promise<TestPage> {
    const page = await browser.newPage();
    const opened = new TestPage(page);
    await page.goto(server.url);
    await page.waitForFunction(() => 'lanewise' in window);
    return opened;
  }

  /** Calls a function of the page. */
  call<K extends keyof PageApi>(
    name: K,
    ...args: Parameters<PageApi[K]>
  ): Promise<Awaited<ReturnType<PageApi[K]>>> {
    return this.#page.evaluate(
      ([key, list]) => (window.lanewise[key as K] as (...rest: unknown[]) => never)(...list),
      [name, args] as const,
    );
  }
}

/** Defines what both browsers do: start, compare kernels. Gives the page, once tests run. */
function describeKernels({ browser, reason }: Started, selection: Selection): () => TestPage {
  let page: TestPage;
  beforeAll(async () => {
    if (!browser) throw new Error(reason);
    page = await TestPage.open(browser);
  });
  afterAll(async () => {
    await browser?.close();
  });
  it.each([...families.keys()])(
    'kernels of %s agree with their references',
    async (family) => {
      const { candidates, failures } = await page.call('runFamily', family, selection);
      if (all) console.log(`${family}: ${candidates - failures.length} of ${candidates} candidates agree`);
      expect(failures).toEqual([]);
      ran.set(family, (ran.get(family) ?? 0) + candidates);
    },
    all ? 3_600_000 : 120_000,
  );
  return () => page;
}

function whyNot({ browser, reason }: Started): string {
  return browser ? '' : `, which does not start here (${reason})`;
}

const usual = await startChromium();
describe.skipIf(!usual.browser)(`in Chromium${whyNot(usual)}`, () => {
  const page = describeKernels(usual, { all, workgroupBytes: [0, LITTLE_MEMORY] });

  it('sessions give what the CPU gives, and making them does not block the page', async () => {
    for (const model of [SMALL, DIGITS]) {
      const { device, blocked, ...answers } = await page().call('runModel', model, 'webgpu:software');
      expect(device).toBe('webgpu');
      expect(mismatch(answers)).toBeUndefined();
      expect(blocked).toBeLessThan(1000);
    }
  });

  it('`auto` takes no software GPU', async () => {
    const { device, reason, ...answers } = await page().call('runModel', DIGITS, 'auto');
    expect(device).toBe('cpu');
    expect(reason).toMatch(/^no GPU: the only WebGPU adapter is a software one/);
    expect(mismatch(answers)).toBeUndefined();
  });

  it('sessions run from GPU buffers to GPU buffers', async () => {
    expect(mismatch(await page().call('runOnGpuBuffers', SMALL))).toBeUndefined();
  });

  it('kernels are timed, by repetition where timestamps are coarse', async () => {
    expect(await page().call('timeKernel')).toBeGreaterThan(0);
  });

  it('nothing of this wrote warnings or errors', () => {
    expect(page().problems).toEqual([]);
  });

  it('a crash of the GPU process ends a session, and a new one works', async () => {
    await page().call('prepareLoss', SMALL);
    const session = await usual.browser?.newBrowserCDPSession();
    await session?.send('Browser.crashGpuProcess' as 'Browser.close');
    const { error, ...answers } = await page().call('runAfterLoss');
    expect(error).toMatch(/^DeviceError: the GPU device was lost \(.*Create a new session/);
    expect(mismatch(answers)).toBeUndefined();
  });
});

const lean = await startChromium({ zeroesWorkgroupMemory: false });
describe.skipIf(!lean.browser)(`in Chromium without zeroed workgroup memory${whyNot(lean)}`, () => {
  const page = describeKernels(lean, { all, workgroupBytes: [LITTLE_MEMORY + 1, Infinity] });

  it('kernels of every family ran here or there', () => {
    expect([...families.keys()].filter((family) => !ran.get(family))).toEqual([]);
  });

  it('nothing of this wrote warnings or errors', () => {
    expect(page().problems).toEqual([]);
  });
});

/** Where a session's answers differ from the CPU's. */
function mismatch({ outputs, expected }: Answers): string | undefined {
  if (outputs.length === 0 || outputs.length !== expected.length) return `there are ${outputs.length}`;
  const at = outputs.findIndex((value, i) => !(Math.abs(value - expected[i]) < 1e-5));
  return at < 0 ? undefined : `answer ${at} is ${outputs[at]} where ${expected[at]} is expected`;
}
