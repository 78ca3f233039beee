import type { Keypoints, Size } from '../keypoints';
import type { TensorArray } from '../postprocess';
import type { HeatmapTarget, TargetArrays } from './codec';

/** @internal Draws N people into one array: heatmaps [N, H, W, K · channels], weights [N, K · perKeypoint]. */
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

/** @internal Stacks one array of each person of a batch, `[...shape]` numbers each. */
export function stackArrays(parts: readonly Float32Array[], shape: readonly number[]): TensorArray {
  const size = shape.reduce((product, side) => product * side, 1);
  const values = new Float32Array(parts.length * size);
  parts.forEach((part, n) => values.set(part, n * size));
  return { values, shape: [parts.length, ...shape] };
}

/** @internal Heatmaps [N, H, W, K] on plain arrays, person by person. */
export function decodeHeatmaps(
  { values, shape }: TensorArray,
  decode: (target: HeatmapTarget) => Keypoints<'input'>,
): Keypoints<'input'>[] {
  const [N, height, width, K] = shape as [number, number, number, number];
  const size = height * width * K;
  const weights = new Float32Array(K).fill(1); // predictions have no weights
  return Array.from({ length: N }, (_, n) =>
    decode({ heatmaps: values.subarray(n * size, (n + 1) * size), weights, shape: [height, width, K] }),
  );
}

/**
 * @internal The number of keypoints of each person in a batch.
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
 * @throws RangeError when a person's maps are not [height, width, K], or K is not a multiple of `each`.
 */
export function assertMapSize(where: string, shape: readonly number[], [width, height]: Size, each = 1): void {
  if (shape.length !== 3 || shape[0] !== height || shape[1] !== width || shape[2]! % each !== 0) {
    throw new RangeError(
      `${where}: heatmaps must be [${height}, ${width}, ${each === 1 ? '' : each}K] for each person. Received: [${shape.join(', ')}].`,
    );
  }
}
