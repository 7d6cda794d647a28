/** Serves a folder and some files of memory to this machine alone: for pages that the command line opens. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { LanewiseError } from '../errors.js';

export interface StaticServerOptions {
  /** The folder at the root. */
  readonly folder: string;
  /** More files: by their path (`/input/model.onnx`) a file on disk, or its content. */
  readonly files?: Readonly<
    Record<string, { readonly path: string } | { readonly body: Uint8Array | string }>
  >;
  /** A free one when left out. */
  readonly port?: number;
}

export interface StaticServer {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  /** Resolves when it has been closed. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Only this machine can reach it. */
const HOST = '127.0.0.1';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
};

/** Workers do not inherit what the page's meta element says: the same stands here. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
    "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * Starts a server on the loopback interface.
 * @throws LanewiseError for a port that is not to be had
 */
export async function serveFolder({
  folder,
  files = {},
  port = 0,
}: StaticServerOptions): Promise<StaticServer> {
  const root = resolve(folder);
  let names: ReadonlySet<string> = new Set();
  const server = createServer((request, response) => {
    answer(request, response, { root, files, names }).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, HEADERS);
      response.end(error instanceof Error ? error.name : undefined);
    });
  });
  const bound = await listen(server, port);
  // A page of another name that resolves to this machine (DNS rebinding) gets nothing.
  names = new Set([`${HOST}:${bound}`, `localhost:${bound}`]);
  const closed = new Promise<void>((done) => {
    server.once('close', done);
  });
  return {
    url: `http://${HOST}:${bound}/`,
    closed,
    close: () => {
      server.close();
      server.closeAllConnections();
      return closed;
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', (cause) => {
      fail(
        new LanewiseError(`port ${port} is not to be had (${cause.message})`, {
          remedy: 'Leave --port out, and a free one is taken.',
          cause,
        }),
      );
    });
    server.listen(port, HOST, () => {
      const address = server.address();
      done(typeof address === 'object' && address ? address.port : port);
    });
  });
}

interface Site extends Required<Pick<StaticServerOptions, 'files'>> {
  readonly root: string;
  /** Values of the Host header that are answered. */
  readonly names: ReadonlySet<string>;
}

async function answer(
  { method, url = '/', headers }: IncomingMessage,
  response: ServerResponse,
  { root, files, names }: Site,
): Promise<void> {
  const refuse = (status: number): void => {
    response.writeHead(status, HEADERS).end();
  };
  if (!names.has(headers.host ?? '')) return refuse(403);
  if (method !== 'GET' && method !== 'HEAD') return refuse(405);
  const path = pathOf(url);
  if (path === undefined) return refuse(400);
  const given = Object.hasOwn(files, path) ? files[path] : undefined;
  const type = {
    'content-type': TYPES[extname(path === '/' ? '/index.html' : path)] ?? 'application/octet-stream',
  };
  if (given && 'body' in given) {
    response.writeHead(200, { ...HEADERS, ...type }).end(method === 'HEAD' ? undefined : given.body);
    return undefined;
  }
  const file = given ? given.path : join(root, path === '/' ? 'index.html' : path);
  if (!given && !file.startsWith(root + sep)) return refuse(404);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return refuse(404);
  response.writeHead(200, { ...HEADERS, ...type, 'content-length': found.size });
  if (method === 'HEAD') response.end();
  else
    createReadStream(file)
      .on('error', () => response.destroy())
      .pipe(response);
  return undefined;
}

/** The path of a request, decoded; undefined for what is none. */
function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url, 'http://page').pathname);
    return path.includes('\0') || path.includes('\\') ? undefined : path;
  } catch {
    return undefined;
  }
}
