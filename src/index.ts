/**
 * Lanewise: convolutional networks from TypeScript, fast because memory-efficient.
 *
 *     const model = await loadModel('model.onnx');
 *     const session = await createSession(model);
 *     const { probabilities } = await session.run({ image: new Tensor('f32', [1, 1, 28, 28], pixels) });
 *
 * This entry imports nothing of Node; in Node the same names come from `node.ts`, which can also read paths.
 */
import type { Model } from './graph/index.js';
import {
  createSession as createSessionOn,
  inspectModel as inspectModelOn,
  type CreateSessionOptions,
  type ExplainOptions,
  type Inspection,
  type Session,
} from './session/index.js';

export * from './errors.js';
export {
  Tensor,
  formatDims,
  formatType,
  type DType,
  type StorageByDType,
  type TensorType,
} from './tensor/index.js';
export {
  DEFAULT_LIMITS,
  type Graph,
  type Limits,
  type Model,
  type ModelDim,
  type ModelPort,
  type Node,
} from './graph/index.js';
export {
  OnnxModel,
  externalFiles,
  tensorFromPb,
  tensorToPb,
  type ExternalDataReader,
  type ExternalLocation,
} from './onnx/index.js';
export type { Device, GpuTensorMap, Progress, RunOptions, StepProfile } from './devices/device.js';
export type { PolicyName } from './plan/policies/index.js';
export type { PlanBasis } from './plan/basis.js';
export type { DocumentStep, PlanDocument, Tuning } from './plan/document.js';
export type { Explanation, Why } from './plan/explain.js';
export type { Finding } from './plan/lint/index.js';
export type { Effort } from './plan/costs/measure-costs.js';
export { NETWORK_NAMES, network, type NetworkName } from './networks/index.js';
export { GpuTensor } from './devices/webgpu/index.js';
export type { GpuType } from './devices/gpu.js';
export {
  DEVICE_NAMES,
  loadModel,
  Inspection,
  type Alternative,
  type CreateSessionOptions,
  type DeviceName,
  type DimBindings,
  type ExplainOptions,
  type ForcedStep,
  type GpuRunOptions,
  type HostRunOptions,
  type InputMap,
  type LoadOptions,
  type ModelExplanation,
  type ModelSource,
  type Profile,
  type Session,
  type TensorMap,
  type WhatIf,
} from './session/index.js';

/**
 * Makes a model ready to run.
 * @throws DeviceError when the device is not to be had; errors of the model's graph when its shapes are known
 */
export function createSession(model: Model, options: CreateSessionOptions = {}): Promise<Session> {
  return createSessionOn(model, options);
}

/**
 * Plans a model for a GPU, here or known by its profile alone: why the plan is as it is, what else there is, and what
 * another policy or a forced choice would cost. Nothing runs, unless `options.measure` or `options.tuning` asks for it.
 * @throws InputError for open shapes; DeviceError for a device that is not to be had; UnsupportedError for what cannot run
 * on a GPU
 */
export function inspectModel(model: Model, options: ExplainOptions = {}): Promise<Inspection> {
  return inspectModelOn(model, options);
}
