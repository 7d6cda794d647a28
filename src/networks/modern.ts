/** Networks after the paper, as torchvision defines them: residuals, depthwise convolutions, concatenation. */
import type { Value } from '../graph/index.js';
import { clip, relu } from '../ops/unary-functions.js';
import type { NetworkBuilder } from './builder.js';
import { classifier } from './paper.js';

/** ResNet-50 v1.5 (He et al. 2016; the stride in the 3x3 convolution). */
export function resnet50(b: NetworkBuilder, image: Value): Value {
  let x = b.conv(image, { channels: 64, kernel: 7, stride: 2, pad: 3, normalise: true, activation: relu });
  x = b.maxPool(x, { kernel: 3, stride: 2, pad: 1 });
  for (const [width, blocks, firstStride] of [
    [64, 3, 1],
    [128, 4, 2],
    [256, 6, 2],
    [512, 3, 2],
  ]) {
    for (let i = 0; i < blocks; i++) x = bottleneck(b, x, width, i === 0 ? firstStride : 1);
  }
  return classifier(b, b.globalAveragePool(x), [1000]);
}

function bottleneck(b: NetworkBuilder, x: Value, width: number, stride: number): Value {
  const channels = 4 * width;
  let y = b.conv(x, { channels: width, kernel: 1, normalise: true, activation: relu });
  y = b.conv(y, { channels: width, kernel: 3, stride, pad: 1, normalise: true, activation: relu });
  y = b.conv(y, { channels, kernel: 1, normalise: true });
  const same = stride === 1 && x.type.dims[1] === channels;
  const shortcut = same ? x : b.conv(x, { channels, kernel: 1, stride, normalise: true });
  return b.relu(b.add(y, shortcut));
}

const relu6 = clip(0, 6);

/** MobileNet-v2, width 1 (Sandler et al. 2018). */
export function mobilenetV2(b: NetworkBuilder, image: Value): Value {
  let x = b.conv(image, { channels: 32, kernel: 3, stride: 2, pad: 1, normalise: true, activation: relu6 });
  for (const [expansion, channels, blocks, firstStride] of [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ]) {
    for (let i = 0; i < blocks; i++)
      x = invertedResidual(b, x, expansion, channels, i === 0 ? firstStride : 1);
  }
  x = b.conv(x, { channels: 1280, kernel: 1, normalise: true, activation: relu6 });
  return classifier(b, b.globalAveragePool(x), [1000]);
}

function invertedResidual(
  b: NetworkBuilder,
  x: Value,
  expansion: number,
  channels: number,
  stride: number,
): Value {
  const inputs = x.type.dims[1];
  const width = inputs * expansion;
  let y = x;
  if (expansion !== 1) y = b.conv(y, { channels: width, kernel: 1, normalise: true, activation: relu6 });
  y = b.conv(y, {
    channels: width,
    kernel: 3,
    stride,
    pad: 1,
    group: width,
    normalise: true,
    activation: relu6,
  });
  y = b.conv(y, { channels, kernel: 1, normalise: true });
  return stride === 1 && inputs === channels ? b.add(x, y) : y;
}

/** SqueezeNet 1.1 (Iandola et al. 2016). */
export function squeezenet(b: NetworkBuilder, image: Value): Value {
  const fire = (x: Value, squeeze: number, expand: number): Value => {
    const s = b.conv(x, { channels: squeeze, kernel: 1, activation: relu });
    return b.concat([
      b.conv(s, { channels: expand, kernel: 1, activation: relu }),
      b.conv(s, { channels: expand, kernel: 3, pad: 1, activation: relu }),
    ]);
  };
  const pool = (x: Value): Value => b.maxPool(x, { kernel: 3, stride: 2, ceilMode: true });
  let x = b.conv(image, { channels: 64, kernel: 3, stride: 2, activation: relu });
  x = fire(fire(pool(x), 16, 64), 16, 64);
  x = fire(fire(pool(x), 32, 128), 32, 128);
  x = fire(fire(fire(fire(pool(x), 48, 192), 48, 192), 64, 256), 64, 256);
  x = b.conv(x, { channels: 1000, kernel: 1, activation: relu });
  return b.softmax(b.flatten(b.globalAveragePool(x)));
}
