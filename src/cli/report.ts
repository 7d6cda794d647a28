/** `lanewise report`: a plan's pictures and tables as one file. */
import {
  svgFile,
  graphView,
  memoryView,
  pageText,
  rooflineView,
  tableCsv,
  timelineView,
  traceDocument,
  type ViewData,
} from '../report/views/index.js';
import { cleanText, formatJson } from '../report/index.js';
import { defineCommand } from './command.js';
import { EXIT_OK, UsageError } from './errors.js';
import { EXPLAIN_ARGS, explainedModel } from './explained.js';
import { MODEL_ARG } from './model-source.js';
import { writeText } from './output-file.js';
import { packageVersion } from './version.js';

/** What can be written, by flag. */
const FILES = {
  html: {
    what: 'All views in one page, without a script',
    text: (data: ViewData) => pageText(data, packageVersion()),
  },
  trace: {
    what: 'The run for Perfetto and chrome://tracing',
    text: (data: ViewData) => JSON.stringify(traceDocument(data)),
  },
  csv: { what: 'The table of steps', text: (data: ViewData) => tableCsv(data) },
  graph: { what: 'The graph, as SVG', text: (data: ViewData) => svgFile(graphView(data)) },
  roofline: {
    what: 'The roofline, as SVG',
    text: (data: ViewData) => svgFile(rooflineView(data) ?? graphView(data)),
  },
  timeline: { what: 'The timeline, as SVG', text: (data: ViewData) => svgFile(timelineView(data)) },
  memory: { what: 'The memory map, as SVG', text: (data: ViewData) => svgFile(memoryView(data)) },
} as const;
type FileFlag = keyof typeof FILES;
const FLAGS = Object.keys(FILES) as FileFlag[];

const fileArg = (flag: FileFlag): { type: 'string'; valueHint: string; description: string } => ({
  type: 'string',
  valueHint: 'FILE',
  description: FILES[flag].what,
});

export const report = defineCommand({
  name: 'report',
  description: 'Write how a model is planned, and why so, as one page, pictures or a trace.',
  args: {
    model: MODEL_ARG,
    html: fileArg('html'),
    trace: fileArg('trace'),
    csv: fileArg('csv'),
    graph: fileArg('graph'),
    roofline: fileArg('roofline'),
    timeline: fileArg('timeline'),
    memory: fileArg('memory'),
    ...EXPLAIN_ARGS,
  },
  repeatable: ['dims'],
  notes: ['Files carry all that they need: they load nothing, and run nothing.'],
  examples: [
    'lanewise report resnet50 --batch 8 --html resnet50.html',
    'lanewise report model.onnx --device webgpu --measure --html model.html --trace model-trace.json',
  ],
  run: async ({ args, all, terminal }) => {
    const wanted = FLAGS.filter((flag) => args[flag] !== undefined);
    if (wanted.length === 0) {
      throw new UsageError(
        `there is nothing to write: give --html FILE, or one of --${FLAGS.slice(1).join(', --')}.`,
      );
    }
    const document = await explainedModel(args, all('dims'), terminal);
    const written: string[] = [];
    for (const flag of wanted) {
      const path = args[flag];
      if (path === undefined) continue;
      await writeText(path, FILES[flag].text(document), `--${flag}`);
      written.push(path);
    }
    if (args.json) terminal.out(formatJson(document));
    else for (const path of written) terminal.out(`wrote ${cleanText(path)}`);
    return EXIT_OK;
  },
});
