/** The inspector, built into a temporary folder, served as `lanewise inspect` does, and driven in a browser. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { serveFolder, type StaticServer } from '../../src/host/static-server.js';

const ROOT = resolve(import.meta.dirname, '../..');

export interface BuiltApp {
  readonly folder: string;
  readonly server: StaticServer;
  close(): Promise<void>;
}

/** Builds the page and serves it, with more files where they are given. */
export async function buildApp(
  files: Readonly<Record<string, { readonly body: Uint8Array | string }>> = {},
): Promise<BuiltApp> {
  const folder = await mkdtemp(join(tmpdir(), 'lanewise-app-'));
  await build({
    configFile: join(ROOT, 'app/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  });
  const server = await serveFolder({ folder, files });
  return {
    folder,
    server,
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The bytes of the digits model. */
export function digitsModel(): Promise<Uint8Array> {
  return readFile(join(ROOT, 'models/digits/model.onnx'));
}

export interface AppPage {
  readonly page: Page;
  /** Warnings and errors that it wrote. */
  readonly problems: string[];
  /** Addresses that it asked for outside of its server. */
  readonly foreign: string[];
}

export interface OpenOptions {
  readonly fragment?: string;
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
}

/** A page in a context of its own. */
export async function openApp(
  browser: Browser,
  { server }: BuiltApp,
  { fragment = '', width = 1280, height = 900, scheme = 'light' }: OpenOptions = {},
): Promise<AppPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    acceptDownloads: true,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  const foreign: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith('blob:'))
      foreign.push(request.url());
  });
  await page.goto(server.url + fragment);
  return { page, problems, foreign };
}

/** Drops a file on the page. */
export async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await page.evaluate(
    ([title, text]) => {
      const content = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], title));
      document.body.dispatchEvent(
        new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }),
      );
    },
    [name, Buffer.from(bytes).toString('base64')] as const,
  );
}

/** Draws strokes on the pad: points from 0 to 1 on both axes. */
export async function draw(
  page: Page,
  strokes: readonly (readonly (readonly [number, number])[])[],
): Promise<void> {
  await page.getByRole('button', { name: 'Clear' }).click();
  const box = await page.locator('.draw-pad canvas').boundingBox();
  if (!box) throw new Error('there is no pad');
  for (const stroke of strokes) {
    for (const [i, [x, y]] of stroke.entries()) {
      await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
      if (i === 0) await page.mouse.down();
    }
    await page.mouse.up();
  }
}

/** A zero, a one and a seven, as a hand draws them. */
export const DIGITS: Readonly<Record<string, readonly (readonly (readonly [number, number])[])[]>> = {
  '0': [
    Array.from({ length: 33 }, (_, i) => {
      const angle = (i / 32) * 2 * Math.PI;
      return [0.5 + 0.2 * Math.sin(angle), 0.5 - 0.32 * Math.cos(angle)] as const;
    }),
  ],
  '7': [
    [
      [0.28, 0.22],
      [0.72, 0.22],
      [0.6, 0.5],
      [0.46, 0.84],
    ],
  ],
};
