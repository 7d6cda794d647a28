/** A headless Chromium with software WebGPU: the one of the npm package `@sparticuz/chromium`, or the system's. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-webgpu-developer-features',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser, or why there is none. */
export type Started =
  | { readonly browser: Browser; readonly reason?: undefined }
  | { readonly browser?: undefined; readonly reason: string };

/** How a Chromium compiles kernels. */
export interface ChromiumOptions {
  /**
   * Whether Dawn zeroes workgroup memory before a kernel runs, as WebGPU requires and every user's browser does; true
   * by default. Subzero, SwiftShader's compiler, takes the longer for it the more there is: a kernel with 64, 256 and
   * 512 vec4 of it takes 54, 295 and 634 ms to compile in Chromium 147 on two cores, and 9 to 11 ms without. The
   * sample of the matrix products' kernels takes 6.0 s and 0.5 s, that of the convolutions' 13.3 s and 1.1 s. No
   * kernel reads workgroup memory that it has not written, so each must be right without; src/host/webgpu.ts has it
   * so too.
   */
  readonly zeroesWorkgroupMemory?: boolean;
}

/** Starts the first Chromium that starts. */
export async function startChromium({
  zeroesWorkgroupMemory = true,
}: ChromiumOptions = {}): Promise<Started> {
  const features = zeroesWorkgroupMemory ? [] : ['--enable-dawn-features=disable_workgroup_init'];
  const reasons: string[] = [];
  for (const find of [
    unpacked,
    ...SYSTEM.filter((path) => existsSync(path)).map((path) => async () => path),
  ]) {
    try {
      return {
        browser: await chromium.launch({ executablePath: await find(), args: [...FLAGS, ...features] }),
      };
    } catch (error) {
      reasons.push(firstLines(error as Error));
    }
  }
  return { reason: reasons.join('; ') };
}

/** The package's Chromium, unpacked once into the user's cache. */
async function unpacked(): Promise<string> {
  const root = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lanewise');
  const folder = join(root, `chromium-${await packageVersion()}`);
  const path = join(folder, 'chromium');
  if (existsSync(path)) return path;
  await mkdir(root, { recursive: true });
  // It unpacks into the folder for temporary files; renamed when whole, so that nobody sees half of it.
  const fresh = await mkdtemp(join(root, 'chromium-'));
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = fresh;
  try {
    const { default: sparticuz } = await import('@sparticuz/chromium');
    await sparticuz.executablePath();
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(path)) throw error;
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
  return path;
}

async function packageVersion(): Promise<string> {
  let folder = dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium'));
  // The package's root, not the folder of one of its builds.
  while (!existsSync(join(folder, 'bin')) && folder !== dirname(folder)) folder = dirname(folder);
  const manifest = await readFile(join(folder, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** What went wrong, with the library that is missing where that is it. */
function firstLines({ message }: Error): string {
  const missing = /error while loading shared libraries: ([^\n]+)/.exec(message)?.[1];
  return missing ?? message.split('\n', 1)[0];
}
