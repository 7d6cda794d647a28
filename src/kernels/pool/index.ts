/**
 * Pooling: max, average and Lp over windows, with or without indices, and max unpooling. `patch` and `tile` are the
 * fast kernels for 1-D and 2-D windows, `global` for windows that are whole planes, `direct` for all else.
 */
export { directKernel } from './direct.js';
export { coversPlane, globalKernels, globalSplits, hasFlatPlanes, partBytes } from './global.js';
export { defaultPatch, isLegalPatch, legalPatches, patchRefusal, type Patch } from './patches.js';
export { patchKernel } from './patch.js';
export { opTag, withSpatialAxes, type PoolConfig } from './pool-config.js';
export type { Reduction } from './reduction.js';
export { defaultTile, isLegalTile, legalTiles, tileRefusal, type Tile } from './tiles.js';
export { hasFlatRows, tileKernel } from './tile.js';
export { unpoolKernels, type UnpoolConfig } from './unpool.js';
