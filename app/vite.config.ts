/** Builds the inspector into dist/app, with the demo's model and no address that begins with a slash. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const ROOT = resolve(import.meta.dirname, '..');

/** The digits model beside the page: it is fetched from there, and from nowhere else. */
function demoModel(): Plugin {
  let outDir = '';
  return {
    name: 'demo-model',
    apply: 'build',
    configResolved: (config) => {
      outDir = resolve(config.root, config.build.outDir);
    },
    closeBundle: () => {
      mkdirSync(join(outDir, 'demo'), { recursive: true });
      copyFileSync(join(ROOT, 'models/digits/model.onnx'), join(outDir, 'demo/digits.onnx'));
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  logLevel: 'warn',
  resolve: {
    alias: {
      'lanewise/views': join(ROOT, 'src/report/views/index.ts'),
      lanewise: join(ROOT, 'src/index.ts'),
    },
  },
  plugins: [demoModel()],
  worker: { format: 'es' },
  build: {
    outDir: join(ROOT, 'dist/app'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
