/** A network in a process of its own: see network.js. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { showProgress } from './progress.js';

/**
 * ONNX Runtime Web has functions of 1.5 MB that run once, to register kernels. By V8's own budget one run is reason enough
 * to optimise them, which takes minutes; with this one what is hot is still optimised, within the warm-up.
 */
const NODE_OPTIONS = ['--wasm-tiering-budget=20000000'];

const NETWORK = fileURLToPath(new URL('network.js', import.meta.url));

/**
 * What the child process reports, or `failure` with what ended it. An entry that takes the process with it while it is being
 * prepared is left out of another attempt.
 */
export async function runNetwork(task, skipped = []) {
  const { report, failure, preparing } = await attempt({ ...task, skipped });
  if (report) return report;
  if (!preparing) return { failure };
  return runNetwork(task, [...skipped, { ...preparing, error: failure }]);
}

/** One child process: its report, or why there is none, and which entry was being prepared when it ended. */
function attempt(task) {
  return new Promise((resolve) => {
    const child = fork(NETWORK, { stdio: 'inherit', execArgv: NODE_OPTIONS });
    let report;
    let preparing;
    child.on('message', (message) => {
      if (message.progress) showProgress(`${task.name} x${task.batch}: ${message.progress}`);
      if (message.progress) ({ preparing } = message);
      else report = message;
    });
    child.on('close', (code, signal) => {
      showProgress('');
      resolve({ report, failure: `its process ended with ${signal ?? `code ${code}`}`, preparing });
    });
    child.send(task);
  });
}
