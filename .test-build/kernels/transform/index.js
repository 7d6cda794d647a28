import { naiveTransformKernel } from './naive.js';
/** The best kernel that converts x to y: same logical dims, another layout or type. */
export function transformKernel(x, y, limits) {
    return naiveTransformKernel({ x, y, maxGrid: limits.maxGrid });
}
//# sourceMappingURL=index.js.map