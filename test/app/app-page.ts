/** The inspector, built into a temporary folder, served as `lanewise inspect` does, and driven in a browser. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { serveFolder, type StaticServer } from '../../src/host/static-server.js';

/** How long tests wait for what is soon there: a machine may be busy with others. */
export const SOON = { timeout: 20_000 };

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

/** A file's content: bytes, and runs of zeros that are made in the page, by their length. */
export type Content = Uint8Array | readonly (Uint8Array | number)[];

/** Drops a file on the page. */
export function drop(page: Page, name: string, content: Content): Promise<void> {
  return dropFiles(page, { [name]: content });
}

/** Drops files on the page, together. @param folder the folder of which they are, which is then what is dropped */
export async function dropFiles(
  page: Page,
  files: Readonly<Record<string, Content>>,
  folder?: string,
): Promise<void> {
  const coded = Object.entries(files).map(([path, content]) => ({
    path,
    parts: (content instanceof Uint8Array ? [content] : content).map((part) =>
      typeof part === 'number' ? part : Buffer.from(part).toString('base64'),
    ),
  }));
  await page.evaluate(
    ([list, root]) => {
      const transfer = new DataTransfer();
      const made = list.map(({ path, parts }) => ({
        path,
        file: new File(
          parts.map((part) =>
            typeof part === 'number'
              ? new Uint8Array(part)
              : Uint8Array.from(atob(part), (character) => character.charCodeAt(0)),
          ),
          path.split('/').at(-1) ?? path,
        ),
      }));
      for (const { file } of made) transfer.items.add(file);
      if (root !== undefined) {
        // A page can make no folder: the first item says that it is one, and gives its entries as browsers do.
        const entries = made.map(({ path, file }) => ({
          isFile: true,
          isDirectory: false,
          name: file.name,
          fullPath: `/${root}/${path}`,
          file: (done: (file: File) => void) => done(file),
        }));
        const tops: object[] = [
          {
            isFile: false,
            isDirectory: true,
            name: root,
            fullPath: `/${root}`,
            createReader: () => ({
              readEntries: (done: (batch: readonly object[]) => void) => done(entries.splice(0, 100)),
            }),
          },
        ];
        Object.defineProperty(DataTransferItem.prototype, 'webkitGetAsEntry', {
          configurable: true,
          value: () => tops.shift() ?? null,
        });
      }
      document.body.dispatchEvent(
        new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }),
      );
    },
    [coded, folder] as const,
  );
}

/**
 * Presses Cancel as soon as the sign of work says something: sooner than a test that waits for it could.
 * @returns what it said; to be awaited after what begins the work
 */
export async function cancelAt(page: Page, pattern: RegExp): Promise<{ readonly said: Promise<string> }> {
  const handle = await page.evaluateHandle(
    ([source]) => ({
      said: new Promise<string>((resolve) => {
        const observer = new MutationObserver(() => {
          const status = document.querySelector<HTMLElement>('[role="status"]');
          const text = status?.textContent ?? '';
          if (!new RegExp(source).test(text)) return;
          observer.disconnect();
          status?.querySelector('button')?.click();
          resolve(text);
        });
        observer.observe(document.body, { childList: true, subtree: true, characterData: true });
      }),
    }),
    [pattern.source],
  );
  return { said: handle.evaluate(({ said }) => said) };
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
