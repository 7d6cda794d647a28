/** One kernel launch as WebGPU sees it. */

/** A dispatch with its bind group. */
export interface BoundDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly grid: readonly [number, number, number];
}

/** Adds a dispatch to a compute pass. */
export function encode(pass: GPUComputePassEncoder, { pipeline, bindGroup, grid }: BoundDispatch): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...grid);
}
