/** The report of a study: one page with everything in it. */
import type { ExperimentName, LayerResult, PeerResults, StudyResults } from '../../study/index.js';
import { slowest, fastest, speedup } from '../../study/index.js';
import { formatBytes } from '../format.js';
import { convolutionSection } from './convolution-section.js';
import { gainOf, gainText, largest } from './gains.js';
import { Markup, classed, h, htmlTable, type Content } from './markup.js';
import {
  poolingGain,
  poolingSection,
  softmaxGain,
  softmaxSection,
  transformSection,
} from './memory-bound-sections.js';
import { memorySection, networkGain, networkSection } from './network-sections.js';
import { htmlPage } from './page.js';
import { peersSection } from './peers-section.js';
import { rateText, timeText } from './quantities.js';

/**
 * The text of `report.html`; the same for the same results.
 * @param peers what other engines took, where they were measured
 */
export function studyReport(results: StudyResults, peers?: PeerResults): string {
  const sections = sectionsOf(results, peers);
  return htmlPage(`Lanewise study: ${results.device.description}`, [
    ...headerOf(results),
    Markup.element(
      'nav',
      {},
      sections.map(({ id, title }) => Markup.element('a', { href: `#${id}` }, [title])),
    ),
    h('h2', 'What the device can do'),
    roofTable(results),
    h('h2', 'How it was measured'),
    ...methodText(results),
    ...sections.map(({ id, title, content }) =>
      Markup.element('section', { id }, [h('h2', title), ...content]),
    ),
    h('h2', 'Beside the paper'),
    ...paperText(results),
  ]);
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: readonly Content[];
}

function sectionsOf(results: StudyResults, peers: PeerResults | undefined): Section[] {
  const { roofs, convolution, transforms, pooling, softmax, networks, memory } = results;
  const sections: Section[] = [];
  const add = <T>(
    id: string,
    title: string,
    found: T | null | undefined,
    content: (found: T) => readonly Content[],
  ): void => {
    if (found) sections.push({ id, title, content: content(found) });
  };
  const command = (experiment: ExperimentName): string => commandFor(results, experiment);
  add('convolution', 'Convolutions', convolution, (found) =>
    convolutionSection(found, roofs, command('convolution')),
  );
  add('transforms', 'Transforms', transforms, (found) =>
    transformSection(found, roofs, command('transforms')),
  );
  add('pooling', 'Pooling', pooling, (found) => poolingSection(found, roofs, command('pooling')));
  add('softmax', 'Softmax', softmax, (found) => softmaxSection(found, roofs, command('softmax')));
  add('networks', 'Networks', networks, (found) => networkSection(found, command('networks')));
  add('memory', 'Memory', memory, (found) => memorySection(found, command('memory')));
  add('peers', 'Other engines', peers, peersSection);
  return sections;
}

/** The command that runs one experiment again. */
export function commandFor({ device, dtype, quick }: StudyResults, experiment: ExperimentName): string {
  const name = device.software ? `${device.identity.kind}:software` : device.identity.kind;
  return `lanewise study --device ${name} --dtype ${dtype} --experiment ${experiment}${quick ? ' --quick' : ''} --out DIR`;
}

function headerOf({ device, dtype, quick, started, seconds, command, versions }: StudyResults): Content[] {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    h('h1', `Lanewise study: ${device.description}`),
    h(
      'p',
      `Floats stored in ${dtype}. Begun ${started}, took ${Math.round(seconds)} s. ${list.join(', ')}; driver ${device.identity.driver || 'unknown'}, ${device.identity.runtime || 'runtime unknown'}.`,
    ),
    h('p', h('code', command)),
    ...(device.software
      ? [
          classed(
            'p',
            'warning',
            h('strong', 'A CPU does the work of this device: times mean nothing here.'),
            ' Sizes are small; the report shows that everything runs and that answers are right.',
          ),
        ]
      : []),
    ...(quick && !device.software
      ? [classed('p', 'warning', 'A quick run: a part of the layers and sizes, with fewer samples.')]
      : []),
  ];
}

function roofTable({ roofs }: StudyResults): Markup {
  const { copy, cachedCopy, cacheBytes, f32, f16, launch } = roofs;
  return htmlTable(
    [{ title: 'roof' }, { title: 'median and quartiles', number: true }, { title: '' }],
    [
      ['copy', rateText(copy, 'B/s'), 'read and written, beyond caches'],
      ...(cacheBytes > 0
        ? [['copy in the cache', rateText(cachedCopy, 'B/s'), `up to ${formatBytes(Math.round(cacheBytes))}`]]
        : []),
      ['f32 arithmetic', rateText(f32, 'FLOP/s'), 'multiply-adds outside matrix units'],
      ...(f16 ? [['f16 arithmetic', rateText(f16, 'FLOP/s'), 'the same']] : []),
      ['launch', timeText(launch), 'from one launch to the next that depends on it and does nothing'],
    ],
  );
}

function methodText({ device }: StudyResults): Content[] {
  const texts = [
    'Every figure is a median with its quartiles in parentheses. Ratios are taken round by round, between samples of the same round, and are given in the same way.',
    device.software
      ? 'Caches are neither cold nor warm: a CPU has others than a GPU.'
      : 'Cold cache: every sample walks over copies of all buffers, 400 MB or more, before it touches one again; what takes longer than 50 ms for that walks over fewer. Warm cache: the same buffers again and again. Charts show cold caches. Before the first sample the device works for a second, and between samples it is kept at work.',
    'All ways to compute one layer are timed in turn, in interleaved rounds. Times include what launches take, once per launch; the roof of a launch is given above, so that it can be told apart.',
    'Inputs are random. Before a kernel is timed, 48 elements of what it computes at this very size are compared with a reference in double precision; what is wrong is reported and not timed. What can be prepared of weights once is not part of a convolution’s time.',
    `Networks run with seeded random weights; their steps are timed alone, and whole.${device.software ? '' : ' Under every policy the kernels that are chosen were measured first.'}`,
  ];
  return texts.map((one) => h('p', one));
}

/** The largest gains in the paper's terms. */
function paperText({ device, convolution, pooling, softmax, networks }: StudyResults): Content[] {
  const intro = h(
    'p',
    'The paper (Li, Yang, Feng, Chakradhar, Zhou, SC 2016, arXiv 1610.03618) reports gains of up to 27.9× for a single layer and up to 5.6× for a whole network, over the libraries of its time on its GPUs. What follows is in the same terms, but on another GPU and against other baselines, Lanewise’s own: the two say nothing about each other.',
  );
  if (device.software) return [intro, h('p', 'On a CPU no gain is given.')];
  const layer = largest([
    convolution ? convolutionGain(convolution.layers) : undefined,
    pooling ? poolingGain(pooling.layers) : undefined,
    softmax ? softmaxGain(softmax) : undefined,
  ]);
  return [
    intro,
    h(
      'ul',
      h('li', `A single layer: ${gainText(layer)}.`),
      h('li', `A whole network: ${gainText(networks ? networkGain(networks) : undefined)}.`),
    ),
  ];
}

function convolutionGain(layers: readonly LayerResult[]): ReturnType<typeof largest> {
  return largest(
    layers.map(({ name, entries }) => {
      const [best, worst] = [fastest(entries), slowest(entries)];
      const by = best && worst && speedup(worst.cold, best.cold);
      return gainOf(by, `${name}, ${best?.layout} ${best?.method} over ${worst?.layout} ${worst?.method}`);
    }),
  );
}
