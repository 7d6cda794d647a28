/** The test page, built by Vite into a temporary folder and served on the loopback interface. */
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize, resolve } from 'node:path';
import { build } from 'vite';

const ROOT = resolve(import.meta.dirname, '../..');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.onnx': 'application/octet-stream',
};

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Builds test/browser/page and serves it, with the repository's models under /models/.
 * @param files more files, by path
 */
export async function servePage(files: Readonly<Record<string, Uint8Array>>): Promise<PageServer> {
  const folder = await mkdtemp(join(tmpdir(), 'lanewise-page-'));
  await build({
    root: join(ROOT, 'test/browser/page'),
    configFile: false,
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, target: 'es2022', minify: false },
  });
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://page').pathname);
    if (Object.hasOwn(files, path)) {
      response.end(files[path]);
      return;
    }
    const base = path.startsWith('/models/') ? ROOT : folder;
    const file = join(base, path === '/' ? 'index.html' : path);
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
