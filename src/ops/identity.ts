/** The input itself: ONNX's Identity, and Dropout at inference. */
import type { Tensor, TensorType } from '../tensor/index.js';
import { Op, tensorAt, typeAt, type InputTensors, type InputTypes } from './op.js';

/** y = x. */
export class Identity extends Op {
  readonly type = 'Identity';

  infer(inputs: InputTypes): TensorType[] {
    return [typeAt(inputs, 0, 'input')];
  }

  /** None: the output can be the input's memory. */
  override bytes(): number {
    return 0;
  }

  reference(inputs: InputTensors): Tensor[] {
    return [tensorAt(inputs, 0, 'input')];
  }
}
