/** One kernel launch as WebGPU sees it. */
/** Adds a dispatch to a compute pass. */
export function encode(pass, { pipeline, bindGroup, grid }) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...grid);
}
//# sourceMappingURL=dispatch.js.map