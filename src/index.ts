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
  type CreateSessionOptions,
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
  tensorFromPb,
  tensorToPb,
  type ExternalDataReader,
  type ExternalLocation,
} from './onnx/index.js';
export type { Device, GpuTensorMap, Progress, RunOptions, StepProfile } from './devices/device.js';
export type { PolicyName } from './plan/policies/index.js';
export type { PlanDocument, Tuning } from './plan/document.js';
export type { Explanation } from './plan/explain.js';
export type { Finding } from './plan/lint/index.js';
export type { Effort } from './plan/costs/measure-costs.js';
export { NETWORK_NAMES, network, type NetworkName } from './networks/index.js';
export { GpuTensor } from './devices/webgpu/index.js';
export type { GpuType } from './devices/gpu.js';
export {
  DEVICE_NAMES,
  loadModel,
  type CreateSessionOptions,
  type DeviceName,
  type DimBindings,
  type GpuRunOptions,
  type HostRunOptions,
  type InputMap,
  type LoadOptions,
  type ModelSource,
  type Profile,
  type Session,
  type TensorMap,
} from './session/index.js';

/**
 * Makes a model ready to run.
 * @throws DeviceError when the device is not to be had; errors of the model's graph when its shapes are known
 */
export function createSession(model: Model, options: CreateSessionOptions = {}): Promise<Session> {
  return createSessionOn(model, options);
}
