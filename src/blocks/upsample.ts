import * as tf from '@tensorflow/tfjs-core';
import { knownOptions } from '../bytes';
import { apply } from './apply';
import type { Block } from './block';
import { Layer } from './layer';

/**
 * Repeats each pixel `size` times along both axes. Its gradient is the sum over each `size`×`size` window. The gradient of tfjs on the cpu engine sums other
 * windows (measured error: as large as the gradient itself).
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

type Shape = (number | null)[];

/** Nearest-neighbour upsampling with a correct gradient on every engine; see {@link upsample}. */
export class NearestUpSampling2D extends Layer {
  static readonly className = 'PoseBlocks>NearestUpSampling2D';
  readonly size: number;

  constructor({ size, ...options }: { size: number; name?: string }) {
    super(options);
    this.size = size;
  }

  override computeOutputShape(shape: Shape | Shape[]): Shape {
    const [batch = null, height = null, width = null, channels = null] = shape as Shape;
    const times = (length: number | null): number | null => (length === null ? null : length * this.size);
    return [batch, times(height), times(width), channels];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
    return tf.tidy(() => repeatPixels(x, this.size));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), size: this.size };
  }
}

/**
 * Repeats each pixel `size` times along both axes: [N, H, W, C] → [N, H·size, W·size, C].
 *
 * @throws RangeError when the size is not a positive integer.
 * @example upsample({ size: 2 })(x, 'up')
 */
export function upsample(options: { size: number }): Block {
  const { size } = knownOptions('upsample', options, ['size']);
  if (!(Number.isInteger(size) && size > 0))
    throw new RangeError(`upsample: size must be a positive integer. Received: ${size}.`);
  return (x, name) => apply(new NearestUpSampling2D({ size, name }), x);
}
