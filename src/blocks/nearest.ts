import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

/**
 * Repeats each pixel `size` times along both axes. Its gradient is the sum over each `size`×`size` window; tfjs' own, on the cpu engine, sums other
 * windows (measured: off by as much as the gradient itself).
 */
function repeatPixels(x: tf.Tensor4D, size: number): tf.Tensor4D {
  const op = tf.customGrad((input) => {
    const [, height, width] = (input as tf.Tensor4D).shape;
    return {
      value: tf.image.resizeNearestNeighbor(input as tf.Tensor4D, [height * size, width * size]),
      gradFunc: (dy: tf.Tensor) => tf.mul(tf.avgPool(dy as tf.Tensor4D, size, size, 'valid'), size * size),
    };
  });
  return op(x) as tf.Tensor4D;
}

/** A stock UpSampling2D layer with nearest neighbours that trains rightly on every engine. */
export function nearestUpSampling({ size, name }: { size: number; name: string }): layers.Layer {
  const layer = layers.upSampling2d({ size: [size, size], interpolation: 'nearest', name });
  layer.call = (inputs) =>
    tf.tidy(() => repeatPixels((Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D, size));
  return layer;
}
