/**
 * The paper's pooling (SC 2016, section V.A): Caffe's kernel in NCHW, coalesced in CHWN, and with a patch of outputs per
 * invocation, whose size is found by hill climbing.
 */
import type { Candidate } from '../../candidates/candidate.js';
import { climb } from '../../tune/climb.js';
import { spreadOf } from '../../tune/timing/measure.js';
import { candidateSubject } from '../../tune/timing/subject.js';
import type { Tell } from '../bench.js';
import { poolCase, type PoolLayer } from '../layers.js';
import type { ClimbPoint, ClimbResult, LayerResult, PoolingResults } from '../results.js';
import {
  boxAt,
  firstOfEach,
  timeCase,
  typed,
  waysOf,
  type Study,
  type TypedCase,
  type Way,
} from '../study.js';
import { methodOf } from './convolution.js';

/** The share of a layer that its climb takes; timing the ways takes the rest. */
const CLIMB_SHARE = 0.6;

/** The paper's layout for pooling. */
const CLIMB_LAYOUT = 'CHWN';

export async function studyPooling(study: Study, tell: Tell): Promise<PoolingResults> {
  const { pools } = study.scale;
  const layers: LayerResult[] = [];
  const climbs: ClimbResult[] = [];
  for (const [i, layer] of pools.entries()) {
    const given = typedPool(layer);
    const { candidates } = waysOf(given, study.context);
    const start = candidates.find(({ sizes, outputs: [y] }) => sizes && y.name === CLIMB_LAYOUT);
    const found =
      start &&
      (await climbPatches(study, given, start, (what, share) => {
        tell(`${layer.name}, ${what}`, (i + CLIMB_SHARE * share) / pools.length);
      }));
    if (found) climbs.push(found.result);
    const ways = firstOfEach(candidates.map(wayOf));
    // Timed beside the others, so that what it gained is not the luck of its own rounds.
    const climbed = found && found.best !== start ? [{ ...wayOf(found.best), method: 'patch, climbed' }] : [];
    layers.push(
      await timeCase(study, given, [...ways, ...climbed], [], (what, share) => {
        tell(`${layer.name}, ${what}`, (i + CLIMB_SHARE + (1 - CLIMB_SHARE) * share) / pools.length);
      }),
    );
  }
  return { layers, climbs };
}

function wayOf(candidate: Candidate): Way {
  return { method: methodOf(candidate.id), layout: candidate.outputs[0].name, candidate };
}

/** The pooling, and what an element of its output depends on. */
export function typedPool(layer: PoolLayer): TypedCase {
  const { window, stride } = layer;
  return typed(poolCase(layer), ([n, c, row, column]) => ({
    boxes: [boxAt([n, c, row * stride, column * stride], [1, 1, window, window])],
    at: [0, 0, 0, 0],
  }));
}

/** Climbs from a candidate's patch size. @returns the best candidate too; undefined where it has no sizes */
async function climbPatches(
  study: Study,
  { name, types }: TypedCase,
  start: Candidate,
  tell: Tell,
): Promise<{ readonly result: ClimbResult; readonly best: Candidate } | undefined> {
  if (!start.sizes) return undefined;
  const { grid, at } = start.sizes;
  const most = study.scale.climb;
  const points: ClimbPoint[] = [];
  const indexOf = ([row, column]: readonly number[]): number =>
    points.findIndex((point) => point.row === row && point.column === column);
  const found = await climb(
    [at],
    (point) => grid.neighbours(point),
    async (asked) => {
      const subjects = asked.map((point) => candidateSubject(grid.at(point), types, study.context));
      const done = points.length;
      const timings = await study.bench.time(subjects, (what, share) => {
        tell(what, Math.min(1, (done + share * asked.length) / most));
      });
      return asked.map(([row, column], i) => {
        const timing = timings[i];
        if ('failure' in timing) return undefined;
        points.push({ row, column, samples: timing.cold });
        return spreadOf(timing.cold).median;
      });
    },
    { most },
  );
  const [rows, columns] = grid.axes.map(({ sizes }) => sizes);
  const path = found.path.map(({ point }) => indexOf(point)).filter((index) => index >= 0);
  const result = { layer: name, layout: start.outputs[0].name, rows, columns, points, path };
  return { result, best: grid.at(found.best.point) };
}
