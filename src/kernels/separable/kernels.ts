/**
 * The kernels of a depthwise separable convolution: the tiled product (conv/implicit.ts) and the slim one (conv/slim.ts),
 * whose loaders make their input from windows.
 */
import { positionFunction } from '../conv/geometry.js';
import {
  positionOrder,
  productOf,
  tiledConvolutionKernel,
  tiledReduceKernel,
  type ImplicitConfig,
  type TiledConvolution,
} from '../conv/implicit.js';
import { storeKind, begunEnding, convolutionEnding } from '../conv/store.js';
import type { ConvKernel, ConvRole } from '../conv/problem.js';
import { slimKernelOf, slimShape, type SlimConfig } from '../conv/slim.js';
import { slimShapeRefusal } from '../conv/slim-sizes.js';
import { reduceText } from '../gemm/split.js';
import type { Product } from '../gemm/tile.js';
import { windowAccess, windowLoader, type WindowAccess } from './loaders.js';
import { liftedSeparable, type SeparableProblem } from './problem.js';

export interface SeparableConfig extends ImplicitConfig {
  readonly problem: SeparableProblem;
}

/** What a kernel's binding stands for: `taps` are the windows' weights and biases (taps.ts). */
export type SeparableRole = ConvRole | 'taps';

export interface SlimSeparableConfig extends SlimConfig {
  readonly problem: SeparableProblem;
}

/** How the windows of a problem are loaded. */
export function accessOf(problem: SeparableProblem): WindowAccess {
  const lifted = liftedSeparable(problem);
  return windowAccess(lifted, positionOrder(lifted));
}

/** Sizes of the product. */
export function separableProduct(problem: SeparableProblem): Product {
  return productOf(liftedSeparable(problem));
}

function tiledSeparable(config: SeparableConfig): TiledConvolution<'taps'> {
  const problem = liftedSeparable(config.problem);
  const order = positionOrder(problem);
  return {
    ...config,
    problem,
    loader: windowLoader(problem, order, true),
    positions: positionFunction(problem.geometry, order),
    ending: convolutionEnding(problem),
  };
}

export function separableKernel(config: SeparableConfig): ConvKernel<SeparableRole> {
  const tiled = tiledSeparable(config);
  const begun = config.parts === 1 ? begunEnding(tiled.problem) : undefined;
  return tiledConvolutionKernel(begun ? { ...tiled, ending: begun } : tiled);
}

/** Adds the parts of a `separableKernel` in parts, and finishes. */
export function separableReduceKernel(config: SeparableConfig): ConvKernel<SeparableRole> {
  const adding = reduceText(separableProduct(config.problem), config.parts, config.maxGrid);
  return tiledReduceKernel(tiledSeparable(config), adding);
}

/** Why the slim kernel does not apply, or undefined. */
export function slimSeparableRefusal(problem: SeparableProblem): string | undefined {
  const access = accessOf(problem);
  const vectors = access === 'images' || access === 'columns';
  if (!vectors || storeKind(liftedSeparable(problem)) !== 'positions') return 'positions are no vectors';
  return slimShapeRefusal(slimShape(problem));
}

export function slimSeparableKernel({
  id,
  problem: given,
  sizes,
  maxGrid,
}: SlimSeparableConfig): ConvKernel<SeparableRole> {
  const problem = liftedSeparable(given);
  const order = positionOrder(problem);
  return slimKernelOf({
    id,
    problem,
    sizes,
    maxGrid,
    loader: windowLoader(problem, order, false),
    positions: positionFunction(problem.geometry, order),
  });
}
