import { hasFields, requireThat } from '../bytes';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { mirrorOrder, type KeypointSet } from '../keypoints';
import { flipMean, turned, type FlipRule } from './flip-rule';

/**
 * The flip test: averages a prediction with the prediction for the mirrored input, mirrored back with left and right
 * swapped. On the device.
 *
 * heatmaps [N, H, W, K], mirrored [N, H, W, K] → [N, H, W, K]
 *
 * `shift` moves the mirrored-back maps one cell to the right (column 0 keeps its value), which corrects the misalignment of
 * an input aligned to edges: SHIFT_HEATMAP of the reference. Not needed with codecs aligned to centers.
 *
 * Follows `flip_back` and `validate` of github.com/leoxiaobin/deep-high-resolution-net.pytorch.
 *
 * @throws RangeError when the two shapes differ, or K differs from the set's.
 * @example
 * const mirrored = network.predict(tf.reverse(images, 2));
 * const averaged = flipAverage(network.predict(images), mirrored, COCO, { shift: true });
 */
export function flipAverage(
  heatmaps: Tensor4D,
  mirrored: Tensor4D,
  set: KeypointSet,
  { shift = false }: { readonly shift?: boolean } = {},
): Tensor4D {
  for (const maps of [heatmaps, mirrored]) {
    requireThat(hasFields(maps, 'rank', 'shape'), 'flipAverage', 'both heatmaps must be tensors [N, H, W, K]', maps);
  }
  if (heatmaps.rank !== 4 || heatmaps.shape.join() !== mirrored.shape.join()) {
    throw new RangeError(
      `flipAverage: both heatmaps must be [N, H, W, K]. Received: [${heatmaps.shape.join(', ')}] and [${mirrored.shape.join(', ')}].`,
    );
  }
  assertChannels('flipAverage', mirrored, set);
  return flipMean(heatmaps, mirrored, heatmapFlip(set, shift));
}

/** @internal The flip rule of heatmaps [N, H, W, K]: columns reversed, shifted by a cell on request, left and right swapped. */
export function heatmapFlip(set: KeypointSet, shift: boolean): FlipRule {
  return { reverse: 2, shift: shift ? 1 : 0, exchange: { axis: 3, order: mirrorOrder(set) } };
}

/**
 * Converts heatmaps of a mirrored input to heatmaps of the input: reverses the columns and swaps left and right channels.
 *
 * heatmaps [N, H, W, K] → [N, H, W, K]
 *
 * @throws RangeError when K differs from the set's.
 * @example
 * const heatmaps = flipBack(network.predict(tf.reverse(images, 2)), COCO);
 */
export function flipBack(mirrored: Tensor4D, set: KeypointSet): Tensor4D {
  assertChannels('flipBack', mirrored, set);
  return turned(mirrored, heatmapFlip(set, false)) as Tensor4D;
}

function assertChannels(where: string, { rank, shape }: Tensor4D, { name, names }: KeypointSet): void {
  if (rank !== 4 || shape[3] !== names.length) {
    throw new RangeError(
      `${where}: heatmaps must be [N, H, W, K] with the ${names.length} keypoints of ${name}. Received: [${shape.join(', ')}].`,
    );
  }
}
