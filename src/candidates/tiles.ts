/** Candidates of kernels made of a tiled product (kernels/gemm/tiled-product.ts): the best by estimate, and all on a grid. */
import { PARTS, choiceRefusal, forDevice, tileChoices, type TileChoice } from '../kernels/gemm/choice.js';
import { splitTag, splitWorkspace } from '../kernels/gemm/split.js';
import { roundsOf, tileTag, type Product } from '../kernels/gemm/tile.js';
import type { Candidate, CandidateContext, Refusal } from './candidate.js';
import { SizeGrid, type SizeAxis } from './grid.js';

/** What varies in a tiled product: a workgroup's tile, an invocation's sums, how much of the depth a loop has written out, and the parts of a split depth. */
export const TILE_AXES: readonly SizeAxis[] = [
  { name: 'rows', sizes: [32, 64, 96, 128, 256] },
  { name: 'cols', sizes: [32, 64, 96, 128, 256] },
  { name: 'depth', sizes: [8, 16, 32] },
  { name: 'sums along rows', sizes: [4, 8, 16] },
  { name: 'sums along cols', sizes: [4, 8, 16] },
  { name: 'rounds of the inner loop', sizes: [1, 2, 4] },
  { name: 'parts', sizes: PARTS },
];

/** A kernel that has tiles, for one node in one choice of layouts. */
export interface TiledWay {
  /** Ids are `PREFIX_TILE_TYPE`, or `PREFIX_TILE_splitPARTS_TYPE`. */
  readonly prefix: string;
  readonly type: string;
  readonly product: Product;
  readonly context: CandidateContext;
  /** How many of the best by estimate are candidates. */
  readonly most: number;
  /** @param workspace bytes of the partial sums of a depth in parts */
  candidate(id: string, choice: TileChoice, workspace: readonly number[]): Candidate;
}

/** The best tiles by estimate, best first; each knows the others. One refusal where none fits the device. */
export function tileCandidates(way: TiledWay): (Candidate | Refusal)[] {
  const { prefix, type, product, context, most } = way;
  const grid = tileGrid(way);
  const choices = tileChoices(product, context.limits, most, context);
  if (choices.length === 0) return [{ id: `${prefix}_tiled_${type}`, refused: 'no tile fits the device' }];
  return choices.map((choice) => grid.of(sizesOf(choice)));
}

function tileGrid(way: TiledWay): SizeGrid<Candidate> {
  const { product, context, prefix, type } = way;
  return new SizeGrid<Candidate>({
    axes: TILE_AXES,
    refusal: (sizes) => choiceRefusal(product, choiceOf(sizes), context.limits),
    candidate: (sizes) => {
      const choice = choiceOf(sizes);
      const workspace = splitWorkspace(product, choice.parts);
      const tile = forDevice(choice.tile, context.limits);
      return way.candidate(idOf(way, choice), { ...choice, tile }, workspace);
    },
    sizesOf: (id) => {
      if (!id.startsWith(`${prefix}_t`) || !id.endsWith(`_${type}`)) return undefined;
      const [tag, split = 'split1'] = id.slice(prefix.length + 1, -type.length - 1).split('_');
      const tile = SIZES_BY_TAG.get(tag);
      return tile && [...tile, Number(split.replace('split', ''))];
    },
  });
}

function choiceOf([rows, cols, depth, microRows, microCols, rounds, parts]: readonly number[]): TileChoice {
  return { tile: { rows, cols, depth, microRows, microCols, unroll: depth / rounds }, parts };
}

function sizesOf({ tile, parts }: TileChoice): number[] {
  return [tile.rows, tile.cols, tile.depth, tile.microRows, tile.microCols, roundsOf(tile), parts];
}

function idOf({ prefix, type }: TiledWay, { tile, parts }: TileChoice): string {
  return `${prefix}_${tileTag(tile)}${splitTag(parts)}_${type}`;
}

/** Sizes along all axes but the last, by what ids call them. */
const SIZES_BY_TAG: ReadonlyMap<string, readonly number[]> = new Map(
  TILE_AXES.slice(0, -1)
    .reduce<number[][]>(
      (tiles, { sizes }) => tiles.flatMap((tile) => sizes.map((size) => [...tile, size])),
      [[]],
    )
    .map((sizes) => [tileTag(choiceOf([...sizes, 1]).tile), sizes]),
);
