/**
 * The sizes that one kernel can have, of tiles or of patches, as a grid on which a search can walk. There may be a thousand
 * for one kernel: candidates are made one by one, when they are asked for.
 */

/** What is known by its id. */
export interface Named {
  readonly id: string;
}

/** A place among sizes, as those have it that a grid makes. */
export interface Placed<Made extends Named> {
  readonly sizes?: { readonly grid: SizeGrid<Made>; readonly at: GridPoint } | undefined;
}

/** A place on a grid: an index along each axis. */
export type GridPoint = readonly number[];

/** What may vary: `rows`, say, and its sizes in ascending order. */
export interface SizeAxis {
  readonly name: string;
  readonly sizes: readonly number[];
}

export interface SizeGridOptions<Made extends Named> {
  readonly axes: readonly SizeAxis[];
  /** Why a kernel of these sizes, one per axis, is of no use; undefined where it may be tried. */
  refusal(sizes: readonly number[]): string | undefined;
  /** The candidate of sizes that are not refused, in the same layouts whatever they are. */
  candidate(sizes: readonly number[]): Made;
  /** The sizes that a candidate's id tells of; undefined where it is another kernel's. */
  sizesOf(id: string): readonly number[] | undefined;
}

/** @typeParam Made what kernels of these sizes are made as: candidates */
export class SizeGrid<Made extends Named> {
  readonly axes: readonly SizeAxis[];
  readonly #options: SizeGridOptions<Made>;
  readonly #made = new Map<string, Made>();

  constructor(options: SizeGridOptions<Made>) {
    this.axes = options.axes;
    this.#options = options;
  }

  /** Where sizes are; undefined for sizes that no axis has. */
  pointOf(sizes: readonly number[]): GridPoint | undefined {
    const point = this.axes.map((axis, i) => axis.sizes.indexOf(sizes[i]));
    return point.includes(-1) ? undefined : point;
  }

  sizesAt(point: GridPoint): number[] {
    return this.axes.map(({ sizes }, i) => sizes[point[i]]);
  }

  /** Why there is no candidate at a place, or undefined. */
  refusal(point: GridPoint): string | undefined {
    return this.#options.refusal(this.sizesAt(point));
  }

  /**
   * The candidate at a place, the same object whenever it is asked for.
   * @throws RangeError where there is none
   */
  at(point: GridPoint): Made {
    const name = point.join();
    const known = this.#made.get(name);
    if (known) return known;
    const refused = this.refusal(point);
    if (refused !== undefined) throw new RangeError(refused);
    const made = { ...this.#options.candidate(this.sizesAt(point)), sizes: { grid: this, at: point } };
    this.#made.set(name, made);
    return made;
  }

  /**
   * The candidate of sizes.
   * @throws RangeError where there is none
   */
  of(sizes: readonly number[]): Made {
    const point = this.pointOf(sizes);
    if (!point) {
      const names = this.axes.map(({ name }, i) => `${sizes[i]} ${name}`);
      throw new RangeError(`no kernel has the sizes ${names.join(', ')}`);
    }
    return this.at(point);
  }

  /** The candidate of an id, if it is one of this kernel and its sizes may be tried. */
  find(id: string): Made | undefined {
    const sizes = this.#options.sizesOf(id);
    const point = sizes && this.pointOf(sizes);
    if (!point || this.refusal(point) !== undefined) return undefined;
    const found = this.at(point);
    return found.id === id ? found : undefined;
  }

  /**
   * The same places with each candidate changed.
   * @param idBefore a candidate's id here, of which `change` made the given one
   */
  changed(change: (candidate: Made) => Made, idBefore: (id: string) => string): SizeGrid<Made> {
    const options = this.#options;
    return new SizeGrid({
      axes: this.axes,
      refusal: (sizes) => options.refusal(sizes),
      candidate: (sizes) => change(this.of(sizes)),
      sizesOf: (id) => options.sizesOf(id) ?? options.sizesOf(idBefore(id)),
    });
  }

  /** Every place where there is a candidate. */
  points(): GridPoint[] {
    const all = this.axes.reduce<number[][]>(
      (points, { sizes }) => points.flatMap((point) => sizes.map((_, i) => [...point, i])),
      [[]],
    );
    return all.filter((point) => this.refusal(point) === undefined);
  }

  /** The places beside one. */
  neighbours(point: GridPoint): GridPoint[] {
    const extents = this.axes.map(({ sizes }) => sizes.length);
    return neighboursOn(extents, (other) => this.refusal(other) === undefined)(point);
  }
}

/**
 * A grid's neighbourhood: along every axis, either way, the next place that is legal.
 * @param extents places along each axis
 */
export function neighboursOn(
  extents: readonly number[],
  isLegal: (point: GridPoint) => boolean,
): (point: GridPoint) => GridPoint[] {
  const next = (point: GridPoint, axis: number, step: number): GridPoint[] => {
    for (let at = point[axis] + step; at >= 0 && at < extents[axis]; at += step) {
      const other = point.map((place, i) => (i === axis ? at : place));
      if (isLegal(other)) return [other];
    }
    return [];
  };
  return (point) => point.flatMap((_, axis) => [...next(point, axis, -1), ...next(point, axis, 1)]);
}

/** Of a node's candidates, and those of other sizes, the one of an id. */
export function candidateNamed<Made extends Named & Placed<Made>>(
  candidates: readonly Made[],
  id: string,
): Made | undefined {
  const known = candidates.find((candidate) => candidate.id === id);
  if (known) return known;
  for (const { sizes } of candidates) {
    const found = sizes?.grid.find(id);
    if (found) return found;
  }
  return undefined;
}
