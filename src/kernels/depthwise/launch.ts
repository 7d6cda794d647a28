/**
 * How kernels that compute a patch of outputs per invocation lie over a convolution's output: what a workgroup takes, how
 * an invocation finds its place, and which inputs meet which outputs of a patch.
 */
import { boundKernel, constants, foldedGrid, range } from '../wgsl.js';
import { index5, type ConvGeometry } from '../conv/geometry.js';
import { typesOf, type ConvKernel, type ConvProblem } from '../conv/problem.js';

/** Output rows and columns of one invocation. */
export interface Patch {
  readonly height: number;
  readonly width: number;
}

export interface PatchConfig {
  readonly id: string;
  readonly problem: ConvProblem;
  readonly maxGrid: number;
  /** Outputs per invocation. */
  readonly patch: Patch;
  readonly way?: PatchWay;
}

/** How invocations go about their patches, whatever these are. */
export interface PatchWay {
  /** Invocations of a workgroup, about; 128 when left out: few, for the kernels take many registers. */
  readonly threads?: number;
  /**
   * Whether what lies outside the input is loaded from elsewhere and replaced, instead of not loaded: then no load depends on
   * a branch, and all can be under way at once though the input is bound as writable. Of patch and rows kernels.
   */
  readonly selects?: boolean;
  /** Elements of an access, fewer than could be: 4 of halves where 8 are possible. Of the patch kernel. */
  readonly elements?: number;
}

/** Invocations along each axis of the work. */
interface PatchWork {
  /** Vectors (elements) along the innermost axis, where that is C or N; else 1. */
  readonly lanes: number;
  /** Patches along W and along H. */
  readonly columns: number;
  readonly strips: number;
  /** All that is left: images, channels, or both. */
  readonly planes: number;
}

/** What a lane and a plane of the work are; what is not given does not vary along it. */
export interface PatchNumbering extends Pick<PatchWork, 'lanes' | 'planes'> {
  /** Images and channels from lane to lane. */
  readonly laneN?: number;
  readonly laneC?: number;
  /** Planes of one image, and channels from plane to plane. */
  readonly planeC?: number;
  readonly stepC?: number;
}

/** Invocations of a workgroup where nothing else is said. */
export const PATCH_THREADS = 128;

/** Vectors that neighbours take side by side: 128 bytes, a line of the cache. */
const LANES = 8;

/** Input rows (axis 1) or columns (axis 2) under so many outputs. */
export function spanOf({ kernel, strides, dilations }: ConvGeometry, axis: 1 | 2, outputs: number): number {
  return (outputs - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1;
}

/** An input position along an axis, relative to the patch's first, and the pairs of output and tap that meet it. */
export interface Meeting {
  readonly place: number;
  readonly pairs: readonly (readonly [output: number, tap: number])[];
}

/** The input positions along an axis that some output of a patch looks at. */
export function meetingsAlong(geometry: ConvGeometry, axis: 1 | 2, outputs: number): readonly Meeting[] {
  const [taps, stride, dilation] = [geometry.kernel[axis], geometry.strides[axis], geometry.dilations[axis]];
  const meetings = range(spanOf(geometry, axis, outputs)).map((place): Meeting => {
    const pairs = range(outputs).map((output) => [output, (place - output * stride) / dilation] as const);
    return { place, pairs: pairs.filter(([, tap]) => Number.isInteger(tap) && tap >= 0 && tap < taps) };
  });
  return meetings.filter(({ pairs }) => pairs.length > 0);
}

/**
 * A workgroup's share of the work: a line of the cache by a rectangle of patches about as high as wide, so that what the
 * patches' windows share is fetched into L1 once; then as many planes as fill it up.
 */
function workgroupShare(work: PatchWork, { height, width }: Patch, most: number): PatchWork {
  const lanes = laneShare(work.lanes);
  const patches = Math.floor(most / lanes);
  const square = Math.round(Math.sqrt((patches * height) / width));
  const columns = evenShare(work.columns, Math.max(1, square, Math.floor(32 / lanes)));
  const strips = evenShare(work.strips, Math.max(1, Math.floor(patches / columns)));
  const planes = evenShare(work.planes, Math.max(1, Math.floor(patches / columns / strips)));
  return { lanes, columns, strips, planes };
}

/** The largest share of lanes, half a line of the cache at least, that divides them. */
function laneShare(lanes: number): number {
  for (let share = LANES; share >= LANES / 2; share--) if (lanes % share === 0) return share;
  return Math.min(lanes, LANES);
}

/** At most so many of a total, all shares about equally large. */
function evenShare(total: number, most: number): number {
  return Math.ceil(total / Math.ceil(total / Math.min(total, most)));
}

/** Whether windows of whole patches reach outside the input along an axis. */
function leavesInput(geometry: ConvGeometry, axis: 1 | 2, patch: number): boolean {
  const { input, output, padsBegin, strides } = geometry;
  const outputs = Math.ceil(output[axis] / patch) * patch;
  const last = (outputs - patch) * strides[axis] - padsBegin[axis] + spanOf(geometry, axis, patch);
  return padsBegin[axis] > 0 || last > input[axis];
}

/** What a kernel of patches launches, and the constants that `PLACE_TEXT` and the kernel use. */
interface PatchLaunch {
  readonly threads: number;
  readonly grid: readonly [number, number, number];
  readonly constants: string;
}

function patchLaunch({ problem, patch, way, maxGrid }: PatchConfig, numbering: PatchNumbering): PatchLaunch {
  const { geometry } = problem;
  const { output, input, strides, padsBegin } = geometry;
  const work: PatchWork = {
    lanes: numbering.lanes,
    columns: Math.ceil(output[2] / patch.width),
    strips: Math.ceil(output[1] / patch.height),
    planes: numbering.planes,
  };
  const own = workgroupShare(work, patch, way?.threads ?? PATCH_THREADS);
  const threads = own.lanes * own.columns * own.strips * own.planes;
  const groups = {
    lanes: Math.ceil(work.lanes / own.lanes),
    columns: Math.ceil(work.columns / own.columns),
    strips: Math.ceil(work.strips / own.strips),
    planes: Math.ceil(work.planes / own.planes),
  };
  const { grid, gridX } = foldedGrid(groups.lanes * groups.columns * groups.strips * groups.planes, maxGrid);
  return {
    threads,
    grid,
    constants: constants({
      THREADS: threads,
      GRID_X: gridX,
      LANES: work.lanes,
      OWN_LANES: own.lanes,
      LANE_GROUPS: groups.lanes,
      COLUMNS: work.columns,
      OWN_COLUMNS: own.columns,
      COLUMN_GROUPS: groups.columns,
      STRIPS: work.strips,
      OWN_STRIPS: own.strips,
      STRIP_GROUPS: groups.strips,
      PLANES: work.planes,
      OWN_PLANES: own.planes,
      LANE_N: numbering.laneN ?? 0,
      LANE_C: numbering.laneC ?? 0,
      PLANE_C: numbering.planeC ?? 1,
      STEP_C: numbering.stepC ?? 0,
      PATCH_H: patch.height,
      PATCH_W: patch.width,
      STRIDE_H: strides[1],
      STRIDE_W: strides[2],
      PAD_H: padsBegin[1],
      PAD_W: padsBegin[2],
      IN_H: input[1],
      IN_W: input[2],
      OUT_H: output[1],
      OUT_W: output[2],
      LEAVES_H: leavesInput(geometry, 1, patch.height),
      LEAVES_W: leavesInput(geometry, 2, patch.width),
    }),
  };
}

/** What a kernel of patches adds to what all have. */
export interface PatchText {
  readonly numbering: PatchNumbering;
  /** Elements of one access to x, the residual and y, which the alias `Stored` is of. */
  readonly unit: number;
  /** What w is bound as an array of, and the bias where it is not one of its own elements. */
  readonly weights: string;
  readonly bias?: string | undefined;
  /** Constants and aliases; what `PLACE_TEXT` uses is there already. */
  readonly declarations: readonly string[];
  /** Behind the bindings, and the index functions of x, the residual and y. */
  readonly text: readonly string[];
}

/** A kernel of patches, of a lifted problem without a depth axis. */
export function patchKernel(config: PatchConfig, own: PatchText): ConvKernel {
  const { id, problem } = config;
  const { x, bias, residual, y, flops, bytes } = problem;
  const { unit } = own;
  const launch = patchLaunch(config, own.numbering);
  return boundKernel({
    id,
    types: typesOf(problem),
    bindings: [
      { name: 'x', access: 'read', element: 'Stored' },
      { name: 'w', access: 'read', element: own.weights },
      ...(bias ? ([{ name: 'bias', access: 'read', element: own.bias ?? bias.type }] as const) : []),
      ...(residual ? ([{ name: 'residual', access: 'read', element: 'Stored' }] as const) : []),
      { name: 'y', access: 'read_write', element: 'Stored' },
    ],
    declarations: [launch.constants, ...own.declarations],
    text: [
      index5('x', x, unit),
      index5('y', y, unit),
      residual ? index5('residual', residual, unit) : '',
      ...own.text,
    ],
    workgroup: [launch.threads, 1, 1],
    grid: launch.grid,
    flops,
    bytes,
  });
}

/** `residual_at(n, c, h, w)`, where `Wide` is made of a `Stored` by its constructor. */
export function residualText({ residual }: ConvProblem): string {
  const read = residual ? 'Wide(residual[residual_index(n, c, 0u, h, w)])' : 'Wide()';
  return `fn residual_at(n: u32, c: u32, h: u32, w: u32) -> Wide { return ${read}; }\n`;
}

/**
 * `place_of`: an invocation's first image, output channel, row and column, and the input position (h, w) where its
 * windows begin: positions before the input wrap around, and are beyond it, too.
 */
export const PLACE_TEXT = /* wgsl */ `
struct Place { used: bool, n: u32, c: u32, oh: u32, ow: u32, h: u32, w: u32 }

fn place_of(group: u32, t: u32) -> Place {
  let lane = group % LANE_GROUPS * OWN_LANES + t % OWN_LANES;
  let column = group / LANE_GROUPS % COLUMN_GROUPS * OWN_COLUMNS + t / OWN_LANES % OWN_COLUMNS;
  let strip = group / (LANE_GROUPS * COLUMN_GROUPS) % STRIP_GROUPS * OWN_STRIPS
    + t / (OWN_LANES * OWN_COLUMNS) % OWN_STRIPS;
  let plane = group / (LANE_GROUPS * COLUMN_GROUPS * STRIP_GROUPS) * OWN_PLANES
    + t / (OWN_LANES * OWN_COLUMNS * OWN_STRIPS);
  return Place(
    lane < LANES && column < COLUMNS && strip < STRIPS && plane < PLANES,
    lane * LANE_N + plane / PLANE_C,
    lane * LANE_C + plane % PLANE_C * STEP_C,
    strip * PATCH_H,
    column * PATCH_W,
    strip * PATCH_H * STRIDE_H - PAD_H,
    column * PATCH_W * STRIDE_W - PAD_W,
  );
}
`;
