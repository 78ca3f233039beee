import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Keypoints, Size } from '../keypoints';
import type { Codec, HeatmapTarget } from './codec';

/** @internal Draws N people into one block of memory: heatmaps [N, H, W, K], weights [N, K], `channels` times K if asked. */
export function encodeHeatmaps(
  people: readonly Keypoints<'input'>[],
  [width, height]: Size,
  draw: (person: Keypoints<'input'>, heatmaps: Float32Array, weights: Float32Array) => void,
  channels = 1,
): { heatmaps: Tensor4D; weights: Tensor2D } {
  const K = channels * sameCount('encodeBatch', people);
  const N = people.length;
  const size = height * width * K;
  const heatmaps = new Float32Array(N * size);
  const weights = new Float32Array(N * K);
  people.forEach((person, n) => {
    draw(person, heatmaps.subarray(n * size, (n + 1) * size), weights.subarray(n * K, (n + 1) * K));
  });
  return { heatmaps: tf.tensor4d(heatmaps, [N, height, width, K]), weights: tf.tensor2d(weights, [N, K]) };
}

/** @internal Reads heatmaps [N, H, W, K] back once and decodes each person. */
export async function decodeHeatmaps(
  heatmaps: Tensor4D,
  codec: Pick<Codec<HeatmapTarget>, 'decode'>,
): Promise<Keypoints<'input'>[]> {
  const [N, height, width, K] = heatmaps.shape;
  const size = height * width * K;
  const data = (await heatmaps.data()) as Float32Array;
  const weights = new Float32Array(K).fill(1); // a prediction has none of its own
  return Array.from({ length: N }, (_, n) =>
    codec.decode({ heatmaps: data.subarray(n * size, (n + 1) * size), weights, shape: [height, width, K] }),
  );
}

/**
 * @internal How many keypoints each person of a batch has.
 * @throws RangeError when the batch is empty or the numbers differ.
 */
export function sameCount(where: string, people: readonly Keypoints[]): number {
  const K = people[0]?.score.length;
  if (K === undefined || people.some(({ score }) => score.length !== K)) {
    const counts = people.map(({ score }) => score.length);
    throw new RangeError(
      `${where}: people must be one or more, all with the same number of keypoints. Received: [${counts.join(', ')}].`,
    );
  }
  return K;
}
