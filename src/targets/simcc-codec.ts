import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { knownOptions, shown } from '../bytes';
import { mirrorOrder, type Keypoints, type Size } from '../keypoints';
import { argmax, type TensorArray } from '../postprocess';
import { assertEncodable, type Codec } from './codec';
import { defineCodec } from './define-codec';
import { isSize, LONGEST_SIDE } from './grid';
import { drawGaussian } from './draw-gaussian';
import { sameCount, stackArrays } from './heatmap-batch';

/** Maximum bins per pixel. */
const MOST_BINS = 64;

/** One person's distributions: `x` [K, W·split], `y` [K, H·split], `weights` [K]. */
export interface SimccTarget {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly weights: Float32Array;
}

/** Options of {@link simccCodec}. */
export interface SimccCodecOptions {
  /** `[width, height]` of the network's input in pixels. */
  readonly inputSize: Size;
  /** Bins per pixel. @defaultValue 2 */
  readonly split?: number;
  /** Standard deviation in bins, one for both axes or one each. @defaultValue 6 */
  readonly sigma?: number | readonly [x: number, y: number];
  /** Divides by σ·√2π, so that each distribution sums to 1. @defaultValue false, with peaks of 1 */
  readonly normalize?: boolean;
}

/** One tensor per axis: x [N, K, W·split], y [N, K, H·split]. */
export type AxisPair = [x: Tensor3D, y: Tensor3D];

/** Target: labels `[x, y]`. Output: the network's last two outputs, `[x, y]`. */
export interface SimccCodec extends Codec<AxisPair, AxisPair, SimccTarget> {
  /** Bins of each axis: `[W·split, H·split]`. */
  readonly bins: Size;
  toJSON(): SimccCodecJSON;
}

/** A saved {@link simccCodec}. */
export interface SimccCodecJSON {
  readonly codec: 'simcc';
  readonly inputSize: Size;
  readonly split: number;
  readonly sigma: readonly [x: number, y: number];
  readonly normalize: boolean;
}

/**
 * Coordinates as two classifications (SimCC): for each keypoint a Gaussian over the bins of each axis, `split` bins per pixel.
 * There is no heatmap and therefore no quantisation coarser than the input.
 *
 * Centres are rounded to bins; decoding takes the first maximum of each axis, divided by `split`. Score: the smaller of the two
 * maxima; a keypoint without a value above 0 decodes to (0, 0). Weight 1 for labelled keypoints within 3σ of the image.
 *
 * Follows Li et al. 2022, arxiv.org/abs/2107.03332 (SimCC with Gaussian label smoothing).
 *
 * @throws RangeError when a size, sigma or split is not positive, or split is not an integer.
 * @example
 * const codec = simccCodec({ inputSize: [192, 256], split: 2, sigma: [4.9, 5.66] });
 * const { target: [x, y], weights } = codec.encodeBatch(people);
 * const poses = await codec.decodeBatch(network.predict(images) as tf.Tensor[]); // of simccHead
 */
export function simccCodec(options: SimccCodecOptions): SimccCodec {
  const { inputSize, split = 2, normalize = false } = knownOptions('simccCodec', options, ['inputSize', 'split', 'sigma', 'normalize']); // prettier-ignore
  const { sigma: given = 6 } = options;
  const sigma: readonly [number, number] = typeof given === 'number' ? [given, given] : given;
  if (!isSize(inputSize) || !(Number.isInteger(split) && split > 0 && split <= MOST_BINS)) {
    throw new RangeError(
      `simccCodec: inputSize (up to ${LONGEST_SIDE}) and split (up to ${MOST_BINS}) must be whole and positive. Received: ${shown(inputSize)} and ${shown(split)}.`,
    );
  }
  if (!(Array.isArray(sigma) && sigma.length === 2 && sigma.every((value) => value > 0 && value < Infinity))) {
    throw new RangeError(`simccCodec: sigma must be positive. Received: ${shown(given)}.`);
  }
  const bins: Size = [inputSize[0] * split, inputSize[1] * split];

  const draw = ({ xy, score }: Keypoints<'input'>, { x, y, weights }: SimccTarget): void => {
    score.forEach((labelled, k) => {
      const centers = [Math.trunc(xy[2 * k]! * split + 0.5), Math.trunc(xy[2 * k + 1]! * split + 0.5)] as const;
      const near = centers.every((c, axis) => {
        const reach = Math.floor(3 * sigma[axis]!);
        return c - reach < bins[axis]! && c + reach + 1 >= 0;
      });
      weights[k] = labelled > 0 && near ? 1 : 0;
      if (weights[k] === 0) return;
      ([x, y] as const).forEach((heatmaps, axis) => {
        const width = bins[axis]!;
        const peak = normalize ? 1 / (sigma[axis]! * Math.sqrt(2 * Math.PI)) : 1;
        const row = { heatmaps: heatmaps.subarray(k * width, (k + 1) * width), width, height: 1, stride: 1, offset: 0 };
        drawGaussian(row, sigma[axis]!, peak, Infinity, centers[axis]!, 0);
      });
    });
  };

  const checkPair = (where: string, x: readonly number[], y: readonly number[]): void => {
    if (x.length !== 3 || x[2] !== bins[0] || y.join() !== [x[0], x[1], bins[1]].join()) {
      throw new RangeError(
        `${where}: x must be [N, K, ${bins[0]}] and y [N, K, ${bins[1]}]. Received: [${x.join(', ')}] and [${y.join(', ')}].`,
      );
    }
  };
  const codec: SimccCodec = defineCodec({
    name: 'simccCodec',
    outputs: 2,
    target: (tensors: Tensor[]) => tensors as unknown as AxisPair, // encodeArrays gives these two
    inputSize,
    bins,
    precision: 0.5 / split,
    margin: 0,
    // The centre of the last pixel is `split` bins before the end, so no centre is rounded off the axis.
    borderPrecision: 0.5 / split,
    encode(keypoints: Keypoints<'input'>): SimccTarget {
      assertEncodable('simccCodec.encode', keypoints);
      const K = keypoints.score.length;
      const target = {
        x: new Float32Array(K * bins[0]),
        y: new Float32Array(K * bins[1]),
        weights: new Float32Array(K),
      };
      draw(keypoints, target);
      return target;
    },
    decode({ x, y }: SimccTarget): Keypoints<'input'> {
      const K = x.length / bins[0];
      if (!(Number.isInteger(K) && K > 0 && y.length === K * bins[1])) {
        throw new RangeError(
          `simccCodec.decode: x must be [K, ${bins[0]}] and y [K, ${bins[1]}]. Received: ${x.length} and ${y.length} numbers.`,
        );
      }
      const xy = new Float32Array(2 * K);
      const score = new Float32Array(K);
      for (let k = 0; k < K; k++) {
        const alongX = argmax({ heatmaps: x.subarray(k * bins[0], (k + 1) * bins[0]), shape: [1, bins[0], 1] });
        const alongY = argmax({ heatmaps: y.subarray(k * bins[1], (k + 1) * bins[1]), shape: [1, bins[1], 1] });
        score[k] = Math.min(alongX.score[0]!, alongY.score[0]!);
        if (score[k]! > 0) xy.set([alongX.xy[0]! / split, alongY.xy[0]! / split], 2 * k);
      }
      return { frame: 'input', xy, score };
    },
    encodeArrays(people: readonly Keypoints<'input'>[]) {
      const K = sameCount('simccCodec.encodeBatch', people);
      const targets = people.map((person) => codec.encode(person));
      const stack = (part: 'x' | 'y' | 'weights', ...shape: number[]): TensorArray =>
        stackArrays(
          targets.map((target) => target[part]),
          shape,
        );
      return { target: [stack('x', K, bins[0]), stack('y', K, bins[1])], weights: stack('weights', K) };
    },
    decodeArrays([x, y]: readonly TensorArray[]) {
      checkPair('simccCodec.decodeArrays', x!.shape, y!.shape);
      const [N, K] = x!.shape as [number, number];
      return Array.from({ length: N }, (_, n) =>
        codec.decode({
          x: x!.values.subarray(n * K * bins[0], (n + 1) * K * bins[0]),
          y: y!.values.subarray(n * K * bins[1], (n + 1) * K * bins[1]),
          weights: new Float32Array(K).fill(1),
        }),
      );
    },
    checkOutputs: (where, [x, y]) => checkPair(where, x!, y!),
    // Pixel p becomes W − 1 − p, and bin b therefore (W − 1)·split − b: split − 1 bins before the other end.
    flipRules: (set) => {
      const exchange = { axis: 1, order: mirrorOrder(set) };
      return [{ reverse: 2, shift: 1 - split, exchange }, { exchange }];
    },
    toJSON: (): SimccCodecJSON => ({ codec: 'simcc', inputSize, split, sigma, normalize }),
  });
  return codec;
}
