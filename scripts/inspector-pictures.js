/**
 * Takes the pictures in docs/images/inspector: every view of the inspector, light and dark, in headless Chromium.
 *
 *     node scripts/inspector-pictures.js [FOLDER]
 */
import { join, resolve } from 'node:path';
import { runnerImport } from 'vite';

const ROOT = resolve(import.meta.dirname, '..');
const { module } = await runnerImport(join(ROOT, 'test/app/pictures.ts'), { root: ROOT, configFile: false });
await module.takePictures(process.argv[2] ?? join(ROOT, 'docs/images/inspector'));
