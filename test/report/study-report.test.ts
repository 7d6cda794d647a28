/** The page of a study. */
import { describe, expect, it } from 'vitest';
import { studyReport } from '../../src/report/html/index.js';
import { studyFailures } from '../../src/report/index.js';
import { parsePeers, parseResults, uniteResults, type StudyResults } from '../../src/study/index.js';
import { PEERS, PEER_LAYERS, SAMPLE } from '../study/sample-results.js';

const peers = uniteResults([PEERS, PEER_LAYERS].map((one) => parsePeers(JSON.stringify(one), 'peers')));
const page = studyReport(SAMPLE, peers);

/** What a reader sees: without markup. */
function textOf(html: string): string {
  return html
    .replaceAll(/<style>.*?<\/style>/gs, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

describe('the report', () => {
  it('is the same every time, also from a file of the results', () => {
    expect(studyReport(SAMPLE, peers)).toBe(page);
    const again = parseResults(JSON.stringify(SAMPLE), 'r');
    expect(studyReport(again, peers)).toBe(page);
  });

  it('needs nothing besides itself: no script, nothing that is loaded', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(/i);
    const addresses = Array.from(page.matchAll(/\b(?:src|href)="([^"]*)"/g), ([, address]) => address);
    expect(addresses.filter((address) => !address.startsWith('#'))).toEqual([]);
    expect(page).toContain(`default-src 'none'; style-src 'unsafe-inline'`);
    expect(page).toMatch(/prefers-color-scheme: dark/);
    expect(page).toMatch(/@media print/);
  });

  it('has every id once, and leads to those that it links', () => {
    const ids = Array.from(page.matchAll(/ id="([^"]*)"/g), ([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const links = Array.from(page.matchAll(/href="#([^"]*)"/g), ([, id]) => id);
    expect(links).toEqual(['convolution', 'transforms', 'pooling', 'softmax', 'networks', 'memory', 'peers']);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('gives every chart a sentence and its command', () => {
    const figures = page.split('<figure>').slice(1);
    expect(figures.length).toBe(13);
    for (const one of figures) {
      expect(one).toMatch(
        /<figcaption><p>[^<]{40,}<\/p><p class="command"><code>(?:lanewise study|npm run) /,
      );
    }
    expect(page).toContain('lanewise study --device webgpu --dtype f32 --experiment pooling --out DIR');
  });

  it('prints no time and no ratio without its quartiles', () => {
    const body = textOf(page.replaceAll(/<svg.*?<\/svg>/gs, ''));
    const figures = Array.from(body.matchAll(/[\d,.]+(?: µs|×)(.{0,9})/g));
    // The paper's own two, and what its prose says of a unit.
    const bare = figures
      .filter(([, after]) => !/^ \([\d,.]+ t/.test(after))
      .map(([whole]) => whole.slice(0, 5));
    expect(bare).toEqual(['27.9×', '5.6× ']);
    expect(figures.length).toBeGreaterThan(60);
  });

  it('says what failed, and why methods are missing', () => {
    expect(textOf(page)).toContain('no memory');
    expect(textOf(page)).toContain('Not possible here: fft (the window is too small).');
    expect(textOf(page)).toContain('vgg16 x32: its process ended with code 1.');
    expect(studyFailures(SAMPLE)).toEqual(['CV7, op_chwn_winograd_f32: no memory', 'lenet, nhwc: no memory']);
  });

  it('marks the thresholds that it reads from the sweeps', () => {
    expect(textOf(page)).toContain('(Ct, Nt) = (64, 128)');
    expect(page).toMatch(/<text [^>]*>Ct = 64<\/text>/);
    expect(page).toMatch(/<text [^>]*>Nt = 128<\/text>/);
  });

  it('gives the largest gains beside the paper’s, with where they are', () => {
    expect(textOf(page)).toMatch(
      /A single layer: [\d.]+× \([\d.]+ to [\d.]+\), 128x1000, NC resident over the six kernels/,
    );
    expect(textOf(page)).toMatch(
      /A whole network: [\d.]+× \([\d.]+ to [\d.]+\), lenet x128 over policy chwn/,
    );
  });

  it('escapes whatever a file says', () => {
    const evil = `</title><script>alert("1")</script><svg onload='x'>&`;
    const [layer] = SAMPLE.transforms ?? [];
    const hostile: StudyResults = {
      ...SAMPLE,
      command: evil,
      versions: { [evil]: evil },
      device: { ...SAMPLE.device, description: evil },
      transforms: [
        {
          ...layer,
          name: evil,
          shape: evil,
          entries: layer.entries.map((entry) => ({ ...entry, method: evil, layout: evil, kernel: evil })),
          refused: [{ method: evil, reason: evil }],
        },
      ],
    };
    const html = studyReport(hostile);
    expect(html).not.toMatch(/<script|<svg onload/);
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
  });

  it('says where a CPU did the work that times mean nothing', () => {
    const software = { ...SAMPLE, device: { ...SAMPLE.device, software: true } };
    const text = textOf(studyReport(software));
    expect(text).toContain('times mean nothing here');
    expect(text).toContain('lanewise study --device webgpu:software');
    expect(text).not.toContain('A single layer:');
  });

  it('of nothing but roofs is a page too', () => {
    const none = {
      convolution: null,
      transforms: null,
      pooling: null,
      softmax: null,
      networks: null,
      memory: null,
    };
    expect(textOf(studyReport({ ...SAMPLE, ...none }))).toContain('What the device can do');
    const empty = {
      convolution: { layers: [], sweepShape: '', batches: [], channels: [] },
      transforms: [],
      pooling: { layers: [], climbs: [] },
      softmax: [],
      networks: [],
      memory: [],
    };
    expect(studyReport({ ...SAMPLE, ...empty })).not.toMatch(/NaN|undefined|Infinity/);
  });
});
