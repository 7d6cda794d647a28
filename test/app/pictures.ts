/** Pictures of every view of the inspector, light and dark: see scripts/inspector-pictures.js. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { network } from '../../src/networks/index.js';
import { explainModel } from '../../src/session/explain.js';
import { standInProfile } from '../../src/session/stand-in.js';
import { startChromium } from '../browser/chromium.js';
import { DIGITS, buildApp, draw, openApp } from './app-page.js';

/** Views of ResNet-50, planned for the profile that ships, so that the pictures show a GPU. */
const VIEWS = ['Graph', 'Table', 'Roofline', 'Timeline', 'Memory'] as const;
const SCHEMES = ['light', 'dark'] as const;

function nameOf(view: string): string {
  return view.toLowerCase().replaceAll(' ', '-');
}

/** Takes them all. @throws Error where no Chromium starts */
export async function takePictures(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const explanation = await explainModel(network('resnet50'), { dims: { N: 8 }, profile: standInProfile() });
  const document = JSON.stringify({ command: 'explain', model: 'resnet50', assumed: [], ...explanation });
  const app = await buildApp({ '/input/document.json': { body: document } });
  const { browser, reason } = await startChromium({ zeroesWorkgroupMemory: false });
  try {
    if (!browser) throw new Error(`no Chromium starts here: ${reason}`);
    for (const scheme of SCHEMES) {
      const take = async (page: Page, view: string): Promise<void> => {
        const path = join(folder, `${nameOf(view)}-${scheme}.png`);
        await page.screenshot({ path });
        console.log(path);
      };
      const options = { width: 1280, height: 860, scheme };
      const start = await openApp(browser, app, options);
      await start.page.getByRole('heading', { level: 1 }).waitFor();
      await take(start.page, 'start');
      await start.page.context().close();

      const resnet = await openApp(browser, app, {
        ...options,
        fragment: '#document=input/document.json&name=resnet50',
      });
      await resnet.page.locator('.lw-graph [data-step="8"]').waitFor();
      for (const view of VIEWS) {
        await resnet.page.getByRole('tab', { name: view }).click();
        if (view === 'Graph') await resnet.page.locator('.lw-graph [data-step="4"]').click();
        await take(resnet.page, view);
        if (view === 'Graph') await resnet.page.getByRole('button', { name: 'Close the details' }).click();
      }
      await resnet.page.context().close();

      // Planned in the page: what if the network ran in NHWC, and its first convolution in NCHW?
      const whatIf = await openApp(browser, app, {
        ...options,
        fragment: '#network=resnet50&batch=8&view=whatif&policy=nhwc&force=0,,,NCHW',
      });
      await whatIf.page.locator('.changes li').first().waitFor({ timeout: 60_000 });
      await take(whatIf.page, 'what-if');
      await whatIf.page.context().close();

      const digits = await openApp(browser, app, { ...options, fragment: '#demo&view=try' });
      await digits.page.locator('.draw-pad canvas').waitFor();
      await draw(digits.page, DIGITS['7']);
      await digits.page.locator('.scores').waitFor({ timeout: 60_000 });
      await digits.page.getByRole('button', { name: 'Show', exact: true }).click();
      await digits.page.locator('.maps canvas').first().waitFor({ timeout: 60_000 });
      await take(digits.page, 'try-it');
      await digits.page.context().close();
    }
  } finally {
    await browser?.close();
    await app.close();
  }
}
