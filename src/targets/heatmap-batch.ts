import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Keypoints, Size } from '../keypoints';
import type { Codec, HeatmapTarget, TargetArray, TargetArrays } from './codec';

/** @internal Draws N people into one block of memory: heatmaps [N, H, W, K], weights [N, K]; `channels` and `perKeypoint` of them for each keypoint if asked. */
export function encodeHeatmaps(
  people: readonly Keypoints<'input'>[],
  [width, height]: Size,
  draw: (person: Keypoints<'input'>, heatmaps: Float32Array, weights: Float32Array) => void,
  channels = 1,
  perKeypoint: number = channels,
): TargetArrays {
  const count = sameCount('encodeBatch', people);
  const K = channels * count;
  const N = people.length;
  const size = height * width * K;
  const heatmaps = new Float32Array(N * size);
  const weighed = perKeypoint * count;
  const weights = new Float32Array(N * weighed);
  people.forEach((person, n) => {
    const own = weights.subarray(n * weighed, (n + 1) * weighed);
    draw(person, heatmaps.subarray(n * size, (n + 1) * size), own);
  });
  return {
    target: [{ values: heatmaps, shape: [N, height, width, K] }],
    weights: { values: weights, shape: [N, weighed] },
  };
}

/** @internal Stacks what each person of a batch has, `[...shape]` numbers each. */
export function stackArrays(parts: readonly Float32Array[], shape: readonly number[]): TargetArray {
  const size = shape.reduce((product, side) => product * side, 1);
  const values = new Float32Array(parts.length * size);
  parts.forEach((part, n) => values.set(part, n * size));
  return { values, shape: [parts.length, ...shape] };
}

/**
 * The tensors of what `encodeArrays` of a codec returned; the caller disposes them.
 *
 * @example const { target, weights } = targetTensors(codec.encodeArrays(people));
 */
export function targetTensors<T extends tf.Tensor[]>({
  target,
  weights,
}: TargetArrays): {
  target: T;
  weights: Tensor2D;
} {
  const tensorOf = ({ values, shape }: TargetArray): tf.Tensor => tf.tensor(values, [...shape]);
  return { target: target.map(tensorOf) as T, weights: tensorOf(weights) as Tensor2D };
}

/** @internal `encodeBatch` of the codecs that draw heatmaps. */
export function heatmapTensors(arrays: TargetArrays): { heatmaps: Tensor4D; weights: Tensor2D } {
  const {
    target: [heatmaps],
    weights,
  } = targetTensors<[Tensor4D]>(arrays);
  return { heatmaps, weights };
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

/**
 * @internal
 * @throws RangeError when a person's maps are not [height, width, K].
 */
export function assertMapSize(where: string, shape: readonly number[], [width, height]: Size): void {
  if (shape.length !== 3 || shape[0] !== height || shape[1] !== width) {
    throw new RangeError(
      `${where}: heatmaps must be [${height}, ${width}, K] for each person. Received: [${shape.join(', ')}].`,
    );
  }
}
