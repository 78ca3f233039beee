import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { mirrorOrder, type KeypointSet } from '../keypoints';
import type { FlipRule } from './flip-rule';

/**
 * The order of 3K channels, a heatmap and two offsets per keypoint:
 *
 * - `'planar'`: K heatmaps, K offsets in x, K in y;
 * - `'planar-yx'`: K heatmaps, K offsets in y, K in x, like PoseNet's two outputs concatenated;
 * - `'interleaved'`: heatmap, x and y of each keypoint in turn, as in UDP.
 */
export type OffsetOrder = 'planar' | 'planar-yx' | 'interleaved';

/** @internal The channels of keypoint k of K. */
export function offsetChannels(
  order: OffsetOrder,
  K: number,
  k: number,
): readonly [heatmap: number, x: number, y: number] {
  if (order === 'interleaved') return [3 * k, 3 * k + 1, 3 * k + 2];
  return order === 'planar' ? [k, K + k, 2 * K + k] : [k, 2 * K + k, K + k];
}

/** @internal The flip rule of maps [N, H, W, 3K]: as for heatmaps, with the x offsets negated. */
export function offsetFlip(set: KeypointSet, order: OffsetOrder, shift: boolean): FlipRule {
  const K = set.names.length;
  const from = new Array<number>(3 * K);
  const scale = new Array<number>(3 * K).fill(1);
  mirrorOrder(set).forEach((counterpart, k) => {
    const [own, other] = [offsetChannels(order, K, k), offsetChannels(order, K, counterpart)];
    own.forEach((channel, i) => (from[channel] = other[i]!));
    scale[own[1]] = -1;
  });
  const offset = new Array<number>(3 * K).fill(0);
  return { reverse: 2, shift: shift ? 1 : 0, exchange: { axis: 3, order: from }, affine: { scale, offset } };
}

/** @internal Splits maps [N, H, W, 3K] into heatmaps, x offsets and y offsets, each [N, H, W, K]. */
export function splitOffsetChannels(maps: Tensor4D, order: OffsetOrder): readonly [Tensor4D, Tensor4D, Tensor4D] {
  const [N, H, W, channels] = maps.shape;
  const K = channels / 3;
  if (order !== 'interleaved') {
    const [heatmaps, a, b] = tf.split(maps, 3, 3) as [Tensor4D, Tensor4D, Tensor4D];
    return order === 'planar' ? [heatmaps, a, b] : [heatmaps, b, a];
  }
  const apart = tf.split(tf.reshape(maps, [N * H * W, K, 3]), 3, 2);
  return apart.map((part) => tf.reshape(part, [N, H, W, K])) as unknown as readonly [Tensor4D, Tensor4D, Tensor4D];
}
