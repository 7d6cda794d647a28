/**
 * `main` of the staged direct convolution (stem.ts). Its loads, multiply-adds and stores are written out: drivers do not
 * unroll loops, and sums in arrays would not stay in registers.
 */
import { isLines, type StemShape } from './tile.js';

const MAIN = /* wgsl */ `
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  // Channels first: workgroups that run together read the same input.
  let channels = group % CHANNEL_TILES * TILE_CHANNELS;
  let first = group / CHANNEL_TILES * TILES_EACH;
  let own = t / CHANNEL_STEP % (CHANNEL_LANES / CHANNEL_PAIR) * CHANNEL_PAIR + t % CHANNEL_PAIR;
  let along = t / ALONG_STEP % (ALONG_LANES / ALONG_PAIR) * ALONG_PAIR + t % ALONG_PAIR;
  let outer = t / OUTER_STEP % (OUTER_LANES / OUTER_PAIR) * OUTER_PAIR + t % OUTER_PAIR;
  let at = along * LANE_COLUMNS;
  //= declarations
  for (var k = 0u; k < STEPS; k++) {
    let tile = first + k / CHUNKS;
    //= stage
    workgroupBarrier();
    if (k + 1u < STEPS) {
      let next = first + (k + 1u) / CHUNKS;
      let chunk = (k + 1u) % CHUNKS;
      //= prefetch
    }
    if (k % CHUNKS == 0u) {
      //= bias
    }
    //= sum
    if (k % CHUNKS == CHUNKS - 1u) {
      let p = place_of(tile, outer);
      let w = p.w + along * LANE_POSITIONS;
      //= store
    }
    workgroupBarrier();
  }
}
`;

/** 'xyzw', the name of a vector's element. */
function element(i: number): string {
  return 'xyzw'.charAt(i % 4);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** `main`, with the loads, multiply-adds and stores of an invocation written out. */
export function mainText(shape: StemShape): string {
  const parts: Readonly<Record<string, string[]>> = {
    declarations: declarations(shape),
    stage: stage(shape),
    prefetch: prefetch(shape),
    bias: biasLines(shape),
    sum: sumLines(shape),
    store: storeLines(shape),
  };
  return MAIN.replace(/^( *)\/\/= (\w+)\n/gm, (_, indent: string, name: string) =>
    parts[name].map((line) => `${indent}${line}\n`).join(''),
  );
}

/** Names of the sums: of a position and vector of channels, or of a column of images and channel. */
function sums({ kind, positions, vectors }: StemShape): string[] {
  const inner = kind === 'images' ? 4 * vectors : vectors;
  return range(positions).flatMap((p) => range(inner).map((q) => `s${p}_${q}`));
}

function declarations(shape: StemShape): string[] {
  const { xLoads, wLoads, chunks } = shape;
  return [
    ...sums(shape).map((name) => `var ${name} = vec4<f32>();`),
    ...range(xLoads).map((i) => `var x_held${i} = x_load(first, 0u, t + ${i}u * THREADS);`),
    // One chunk's weights stay.
    ...range(wLoads).map((i) =>
      chunks === 1
        ? `w_keep(t + ${i}u * THREADS, w_load(channels, 0u, t + ${i}u * THREADS));`
        : `var w_held${i} = w_load(channels, 0u, t + ${i}u * THREADS);`,
    ),
  ];
}

function stage({ xLoads, wLoads, chunks }: StemShape): string[] {
  return [
    ...range(xLoads).map((i) => `x_keep(t + ${i}u * THREADS, x_held${i});`),
    ...range(chunks === 1 ? 0 : wLoads).map((i) => `w_keep(t + ${i}u * THREADS, w_held${i});`),
  ];
}

function prefetch({ xLoads, wLoads, chunks }: StemShape): string[] {
  return [
    ...range(xLoads).map((i) => `x_held${i} = x_load(next, chunk, t + ${i}u * THREADS);`),
    ...range(chunks === 1 ? 0 : wLoads).map(
      (i) => `w_held${i} = w_load(channels, chunk, t + ${i}u * THREADS);`,
    ),
  ];
}

/** The first output channel of a lane's q-th vector. */
function channelOf(q: number): string {
  return q === 0 ? 'channels + own * 4u' : `channels + (own + ${q}u * CHANNEL_LANES) * 4u`;
}

function biasLines({ kind, positions, vectors }: StemShape): string[] {
  return range(vectors).flatMap((q) => [
    `let b${q} = bias_vector(${channelOf(q)});`,
    ...range(positions).flatMap((p) =>
      kind === 'images'
        ? range(4).map((m) => `s${p}_${4 * q + m} = vec4<f32>(b${q}.${element(m)});`)
        : [`s${p}_${q} = b${q};`],
    ),
  ]);
}

/** All rows of taps of a chunk written out, or a loop over them. */
function sumLines(shape: StemShape): string[] {
  const { chunk, writtenOut } = shape;
  if (writtenOut) return range(chunk).flatMap((i) => ['{', ...rowLines(shape, `${i}u`), '}']);
  return ['for (var i = 0u; i < CHUNK; i++) {', ...rowLines(shape, 'i'), '}'];
}

/** The staged line of an output row under a row of taps. */
function lineAt({ sharedRow }: StemShape, row: string): string {
  if (sharedRow === undefined) return `[outer][${row}]`;
  const [h, c] = [`${row} / ${sharedRow}u`, `${row} % ${sharedRow}u`];
  return `[outer * STRIDE_H + ${h}][${c}]`;
}

/** The multiply-adds of one row of taps: the line under an invocation's positions is loaded once for all of them. */
function rowLines(shape: StemShape, row: string): string[] {
  const { kind, positions, vectors, stride, taps, lead } = shape;
  const span = (positions - 1) * stride + taps;
  const line = lineAt(shape, row);
  const place = (j: number): string =>
    kind === 'images'
      ? `[${row}][at + ${j}u][outer]`
      : `${line}${kind === 'columns' ? `[${j}u][along]` : `[at + ${j}u]`}`;
  const loads = range(isLines(kind) ? Math.ceil((lead + span) / 4) : span).map(
    (j) => `  let x${j} = x_tile${place(j)};`,
  );
  const weights = (kw: number): string[] =>
    range(vectors).map((q) => `  let w${kw}_${q} = w_tile[${row}][${kw * vectors + q}u][own];`);
  const products = (kw: number): string[] =>
    range(positions).flatMap((p) => {
      const i = lead + p * stride + kw;
      return range(vectors).flatMap((q) =>
        kind === 'images'
          ? range(4).map((m) => `  s${p}_${4 * q + m} += w${kw}_${q}.${element(m)} * x${i};`)
          : [`  s${p}_${q} += ${isLines(kind) ? `x${i >> 2}.${element(i)}` : `x${i}`} * w${kw}_${q};`],
      );
    });
  return [...loads, ...range(taps).flatMap((kw) => [...weights(kw), ...products(kw)])];
}

function storeLines(shape: StemShape): string[] {
  const { kind, positions, vectors } = shape;
  if (kind === 'columns') return columnStores(shape);
  return range(vectors).flatMap((q) => {
    const lines = range(positions).flatMap((p) =>
      kind === 'images'
        ? range(4).map(
            (m) =>
              `  if (w + ${p}u < OUT_W) { put(p.n, c${q} + ${m}u, 0u, p.h, w + ${p}u, s${p}_${4 * q + m}); }`,
          )
        : [`  if (w + ${p}u < OUT_W) { put(p.n, c${q}, 0u, p.h, w + ${p}u, s${p}_${q}); }`],
    );
    return [`let c${q} = ${channelOf(q)};`, `if (p.inside && c${q} < OUT_CHANNELS) {`, ...lines, '}'];
  });
}

function columnStores({ positions, vectors }: StemShape): string[] {
  return range(vectors).flatMap((q) => [
    `let c${q} = ${channelOf(q)};`,
    `if (p.inside && w < OUT_W && c${q} < OUT_CHANNELS) {`,
    ...range(positions).map(
      (p) => `  if (p.h + ${p}u < OUT_H) { put(p.n, c${q}, 0u, p.h + ${p}u, w, s${p}_${q}); }`,
    ),
    '}',
  ]);
}
