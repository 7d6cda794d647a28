/** What the local server gives, and to whom. */
import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveFolder, type StaticServer } from '../../src/host/static-server.js';
import { testFolder } from '../support/files.js';

const files = await testFolder();
let server: StaticServer;

beforeAll(async () => {
  await mkdir(files.path('page/assets'), { recursive: true });
  await writeFile(files.path('page/index.html'), '<!doctype html>');
  await writeFile(files.path('page/assets/a.js'), 'let a;');
  await writeFile(files.path('secret.txt'), 'secret');
  await writeFile(files.path('given.onnx'), 'model');
  server = await serveFolder({
    folder: files.path('page'),
    files: {
      '/input/model.onnx': { path: files.path('given.onnx') },
      '/input/document.json': { body: '{}' },
    },
  });
});
afterAll(() => server.close());

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** A request whose path stands as it is written. */
function ask(
  path: string,
  { method = 'GET', host }: { readonly method?: string; readonly host?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const headers = host === undefined ? {} : { host };
    request({ hostname, port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('the local server', () => {
  it('is on the loopback interface', () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  it.each([
    ['/', '<!doctype html>', 'text/html; charset=utf-8'],
    ['/index.html?x=1', '<!doctype html>', 'text/html; charset=utf-8'],
    ['/assets/a.js', 'let a;', 'text/javascript; charset=utf-8'],
    ['/input/model.onnx', 'model', 'application/octet-stream'],
    ['/input/document.json', '{}', 'application/json; charset=utf-8'],
  ])('serves %s', async (path, body, type) => {
    const answer = await ask(path);
    expect(answer).toMatchObject({ status: 200, body });
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(await ask(path, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets',
    '/absent.js',
    '/input/other.onnx',
    '/..%5csecret.txt',
    '/%00',
    '/%zz',
    '/__proto__',
    '/toString',
  ])('gives nothing for %s', async (path) => {
    const { status, body } = await ask(path);
    expect([400, 404]).toContain(status);
    expect(body).toBe('');
  });

  it('answers to no other name, and takes nothing', async () => {
    expect(await ask('/', { host: 'evil.example' })).toMatchObject({ status: 403, body: '' });
    expect(await ask('/', { host: 'localhost:1' })).toMatchObject({ status: 403 });
    expect(await ask('/', { host: `localhost:${new URL(server.url).port}` })).toMatchObject({ status: 200 });
    expect(await ask('/', { method: 'POST' })).toMatchObject({ status: 405 });
  });

  it('says when a port is taken', async () => {
    const port = Number(new URL(server.url).port);
    await expect(serveFolder({ folder: files.path('page'), port })).rejects.toThrow(
      /port \d+ is not to be had.*--port/s,
    );
  });
});
