/**
 * The networks of the paper (SC 2016, table 1), with the shapes of its layers: convolutions with ReLU, pooling, fully
 * connected layers, softmax. Without local response normalisation and groups, which today's frameworks drop too.
 */
import type { Value } from '../graph/index.js';
import { relu } from '../ops/unary-functions.js';
import type { NetworkBuilder } from './builder.js';

/** Hidden fully connected layers with ReLU, then classes and softmax. */
export function classifier(b: NetworkBuilder, x: Value, units: readonly number[]): Value {
  let y = b.flatten(x);
  for (const [i, width] of units.entries()) {
    y = b.linear(y, width);
    if (i < units.length - 1) y = b.relu(y);
  }
  return b.softmax(y);
}

/** LeNet on 28x28 digits (LeCun et al. 1998), 16 channels. */
export function lenet(b: NetworkBuilder, image: Value): Value {
  let x = b.conv(image, { channels: 16, kernel: 5, pad: 2, activation: relu });
  x = b.maxPool(x, { kernel: 2, stride: 2 });
  x = b.conv(x, { channels: 16, kernel: 5, pad: 2, activation: relu });
  x = b.maxPool(x, { kernel: 2, stride: 2 });
  return classifier(b, x, [128, 10]);
}

/** cuda-convnet's network for CIFAR-10 on 24x24 crops (Krizhevsky 2012). */
export function cifar10(b: NetworkBuilder, image: Value): Value {
  let x = b.conv(image, { channels: 64, kernel: 5, pad: 2, activation: relu });
  x = b.maxPool(x, { kernel: 3, stride: 2, ceilMode: true });
  x = b.conv(x, { channels: 64, kernel: 5, pad: 2, activation: relu });
  x = b.maxPool(x, { kernel: 3, stride: 2, ceilMode: true });
  return classifier(b, x, [384, 192, 10]);
}

/** AlexNet in one column (Krizhevsky et al. 2012, widths of Krizhevsky 2014). */
export function alexnet(b: NetworkBuilder, image: Value): Value {
  let x = b.conv(image, { channels: 96, kernel: 11, stride: 4, pad: 2, activation: relu });
  x = b.maxPool(x, { kernel: 3, stride: 2 });
  x = b.conv(x, { channels: 192, kernel: 5, pad: 2, activation: relu });
  x = b.maxPool(x, { kernel: 3, stride: 2 });
  x = b.conv(x, { channels: 384, kernel: 3, pad: 1, activation: relu });
  x = b.conv(x, { channels: 256, kernel: 3, pad: 1, activation: relu });
  x = b.conv(x, { channels: 256, kernel: 3, pad: 1, activation: relu });
  x = b.maxPool(x, { kernel: 3, stride: 2 });
  return classifier(b, x, [4096, 4096, 1000]);
}

/** ZFNet (Zeiler and Fergus 2014). */
export function zfnet(b: NetworkBuilder, image: Value): Value {
  let x = b.conv(image, { channels: 96, kernel: 7, stride: 2, pad: 1, activation: relu });
  x = b.maxPool(x, { kernel: 3, stride: 2, pad: 1 });
  x = b.conv(x, { channels: 256, kernel: 5, stride: 2, activation: relu });
  x = b.maxPool(x, { kernel: 3, stride: 2, pad: 1 });
  x = b.conv(x, { channels: 384, kernel: 3, pad: 1, activation: relu });
  x = b.conv(x, { channels: 384, kernel: 3, pad: 1, activation: relu });
  x = b.conv(x, { channels: 256, kernel: 3, pad: 1, activation: relu });
  x = b.maxPool(x, { kernel: 3, stride: 2 });
  return classifier(b, x, [4096, 4096, 1000]);
}

/** VGG-16, configuration D (Simonyan and Zisserman 2015). */
export function vgg16(b: NetworkBuilder, image: Value): Value {
  let x = image;
  for (const [channels, layers] of [
    [64, 2],
    [128, 2],
    [256, 3],
    [512, 3],
    [512, 3],
  ]) {
    for (let i = 0; i < layers; i++) x = b.conv(x, { channels, kernel: 3, pad: 1, activation: relu });
    x = b.maxPool(x, { kernel: 2, stride: 2 });
  }
  return classifier(b, x, [4096, 4096, 1000]);
}
