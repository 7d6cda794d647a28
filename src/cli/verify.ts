/** `lanewise verify`: runs ONNX test directories and compares. */
import { nodePlatform } from '../host/platform.js';
import { findTestCases } from '../host/test-directories.js';
import { loadModel } from '../node.js';
import {
  caseLine,
  cleanText,
  countOutcomes,
  formatJson,
  totalsLine,
  type CaseReport,
} from '../report/index.js';
import { SharedPlatform, openDevice, runTestCase, type TestCase } from '../session/index.js';
import { defineCommand } from './command.js';
import { EXIT_FAILED, EXIT_OK, UsageError } from './errors.js';
import { DEVICE_ARGS, deviceOptions } from './options.js';

export const verify = defineCommand({
  name: 'verify',
  description: 'Run ONNX test directories and compare every output with the expected one.',
  args: {
    dir: {
      type: 'positional',
      required: true,
      valueHint: 'DIR',
      description:
        'A folder with model.onnx and test_data_set_*/{input,output}_*.pb, or a folder of such folders',
    },
    ...DEVICE_ARGS,
    filter: { type: 'string', valueHint: 'TEXT', description: 'Only cases whose name contains TEXT' },
    verbose: { type: 'boolean', description: 'List the cases that passed, too' },
  },
  variadic: true,
  notes: [
    'A float may differ from the expected one by 1e-6 + 1e-3 of it (f16: 1e-5 + 2e-3, bf16: 1e-4 + 1.6e-2); all ' +
      'other elements must be equal. A case that needs an operator, type or attribute that Lanewise does not have ' +
      'counts as unsupported. The exit code is 1 when a case failed.',
  ],
  examples: ['lanewise verify models/digits', 'lanewise verify onnx-node-tests --device cpu --filter pool'],
  run: async ({ args, positionals, terminal }) => {
    const filter = args.filter ?? '';
    const found: TestCase[] = [];
    for (const directory of positionals) found.push(...(await findTestCases(directory)));
    const cases = found.filter(({ name }) => name.includes(filter));
    if (cases.length === 0) {
      throw new UsageError(`--filter "${filter}" leaves none of ${found.length} cases: choose another text.`);
    }
    // Opened once before the cases, so that a device that is not to be had is one error and not one per case.
    const platform = new SharedPlatform(nodePlatform);
    const { device } = await openDevice(platform, deviceOptions(args));
    const { kind, description } = device;
    await device.dispose();
    const reports: CaseReport[] = [];
    for (const [done, testCase] of cases.entries()) {
      terminal.status(`${done} of ${cases.length}: ${cleanText(testCase.name)}`);
      const start = performance.now();
      const outcome = await runTestCase(testCase, { ...deviceOptions(args), load: loadModel, platform });
      const report = { name: testCase.name, ...outcome, milliseconds: performance.now() - start };
      reports.push(report);
      if (!args.json && (args.verbose || outcome.status !== 'passed')) terminal.out(caseLine(report));
    }
    await platform.close();
    terminal.done();
    const totals = countOutcomes(reports);
    if (args.json) {
      const document = {
        command: 'verify',
        device: { kind, description },
        ...totals,
        cases: reports,
      } as const;
      terminal.out(formatJson(document));
    } else {
      terminal.out(totalsLine(totals));
    }
    return totals.failed > 0 ? EXIT_FAILED : EXIT_OK;
  },
});
