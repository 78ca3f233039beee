import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { mirrorOrder, type KeypointSet } from '../keypoints';
import { flipMean, type FlipRule } from './flip-rule';
import { meanCell } from './mean-cell';

/**
 * Integral regression on the device, differentiable: the softmax of a joint's logits over *all* cells of its map, and the expected index along each axis, counted
 * from 0, as `index / size − ½`.
 *
 * logits [N, H, W, K] → [N, K, 2] of (x, y); with a depth, [N, H, W, K · depth], channel `joint · depth + z` → [N, K, 3] of (x, y, z).
 *
 * Logits are unbounded and there is no β: the network learns the sharpness. {@link softArgmax} is the β-soft-argmax of trained heatmaps, which differs.
 *
 * Follows github.com/JimmySuen/integral-human-pose; Sun et al. 2018, arxiv.org/abs/1711.08229. That code is 3-D only; the 2-D case is its restriction.
 *
 * @throws RangeError when logits do not have four dimensions, or the depth does not divide the channels.
 * @example const coordinates = integralCoordinates(logits); // index i of W is i/W − ½
 */
export function integralCoordinates(
  logits: Tensor4D,
  { depth = 1 }: { /** Cells along z; 1 for two dimensions. @defaultValue 1 */ readonly depth?: number } = {},
): Tensor3D {
  if (logits.rank !== 4 || !(Number.isInteger(depth) && depth > 0) || logits.shape[3] % depth !== 0) {
    throw new RangeError(
      `integralCoordinates: logits must be [N, H, W, K · depth]. Received: [${logits.shape.join(', ')}] with depth ${depth}.`,
    );
  }
  const [N, height, width, channels] = logits.shape;
  const cells = height * width * depth;
  const sizes = depth === 1 ? [width, height] : [width, height, depth];
  return tf.tidy(() => {
    const rows = tf.reshape(tf.transpose(logits, [0, 3, 1, 2]), [-1, cells]) as Tensor2D;
    const middle = meanCell(rows, { height, width, ...(depth > 1 && { depth }) }, 1);
    // (index + (size − 1)/2) / size − ½
    const normalized = tf.sub(
      tf.div(middle, sizes),
      sizes.map((size) => 0.5 / size),
    );
    return tf.reshape(normalized, [N, channels / depth, sizes.length]) as Tensor3D;
  });
}

/**
 * The flip test of networks that output coordinates: the mean of a prediction and of the prediction for the mirrored input, whose x becomes `width − 1 − x` with
 * left and right swapped. On the device. coordinates, mirrored [N, K, D] → [N, K, D], x first, D is 2 or 3.
 *
 * Follows github.com/JimmySuen/integral-human-pose. Heatmaps are averaged by {@link flipAverage}.
 *
 * @param options.width width of the picture in pixels, for coordinates in pixels.
 * @param options.normalized width of the network's input in pixels, for coordinates `x / width − ½`, as {@link integralCoordinates} returns them.
 * @throws RangeError when the shapes differ, K differs from the set's, or not exactly one of width and normalized is given.
 * @example
 * const mirrored = network.predict(tf.reverse(images, 2)) as tf.Tensor3D;
 * const averaged = flipAverageCoordinates(network.predict(images) as tf.Tensor3D, mirrored, COCO, { normalized: 256 });
 */
export function flipAverageCoordinates(
  coordinates: Tensor3D,
  mirrored: Tensor3D,
  set: KeypointSet,
  options: { readonly width: number } | { readonly normalized: number },
): Tensor3D {
  const [, K, axes] = coordinates.shape;
  if (coordinates.rank !== 3 || coordinates.shape.join() !== mirrored.shape.join() || K !== set.names.length) {
    throw new RangeError(
      `flipAverageCoordinates: both must be [N, K, D] with the ${set.names.length} keypoints of ${set.name}. ` +
        `Received: [${coordinates.shape.join(', ')}] and [${mirrored.shape.join(', ')}].`,
    );
  }
  return flipMean(coordinates, mirrored, coordinateFlip(set, axes, options));
}

/** @internal The flip rule of coordinates [N, K, D], x first: x reversed, left and right swapped. */
export function coordinateFlip(
  set: KeypointSet,
  axes: number,
  options: { readonly width: number } | { readonly normalized: number },
): FlipRule {
  // x′ + x: width − 1 in pixels; x = (p + ½)·w gives p′ + p = −1/w.
  const total = 'width' in options ? options.width - 1 : -1 / options.normalized;
  const along = (x: number, other: number): number[] => Array.from({ length: axes }, (_, i) => (i === 0 ? x : other));
  return { exchange: { axis: 1, order: mirrorOrder(set) }, affine: { scale: along(-1, 1), offset: along(total, 0) } };
}
