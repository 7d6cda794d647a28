// Temporary harness: node scripts/node-tests.mjs [filter] [distdir]
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
const [filter = '', dist = 'dist', dir = '../shared/onnx-node-tests'] = process.argv.slice(2);
const at = (file) => import(pathToFileURL(resolve(dist, file)).href);
const { findTestCases } = await at('host/test-directories.js');
const { runTestCase } = await at('session/index.js');
const { loadModel } = await at('node.js');
const n = { passed: 0, failed: 0, unsupported: 0 };
for (const c of await findTestCases(dir)) {
  if (!c.name.includes(filter)) continue;
  let o;
  try {
    o = await runTestCase(c, { device: 'cpu', load: loadModel });
  } catch (e) {
    o = { status: 'failed', reason: 'THROWN ' + e.stack };
  }
  n[o.status]++;
  if (o.status !== 'passed') console.log(o.status, c.name, o.reason ?? o.feature);
}
console.log(n);
