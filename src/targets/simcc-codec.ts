import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { shown } from '../bytes';
import type { Keypoints, Size } from '../keypoints';
import { argmax } from '../postprocess';
import { assertEncodable, type Codec, type TargetArray } from './codec';
import { drawGaussian } from './draw-gaussian';
import { isSize, LONGEST_SIDE } from './grid';
import { sameCount, stackArrays, targetTensors } from './heatmap-batch';

/** Most bins a pixel. */
const MOST_BINS = 64;

/** One person's distributions: `x` [K, W·split], `y` [K, H·split], `weights` [K]. */
export interface SimccTarget {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly weights: Float32Array;
}

export interface SimccCodecOptions {
  /** `[width, height]` of the network's input in pixels. */
  readonly inputSize: Size;
  /** Bins a pixel. Default 2. */
  readonly split?: number;
  /** Standard deviation in bins, of both axes or of each. Default 6. */
  readonly sigma?: number | readonly [x: number, y: number];
  /** Divides by σ·√2π, so that each distribution sums to 1. Default false: peaks of 1. */
  readonly normalize?: boolean;
}

export interface SimccCodec extends Codec<SimccTarget> {
  /** Bins of each axis: `[W·split, H·split]`. */
  readonly bins: Size;
  /** x [N, K, W·split], y [N, K, H·split], weights [N, K]. The caller disposes them. */
  encodeBatch(people: readonly Keypoints<'input'>[]): { x: Tensor3D; y: Tensor3D; weights: Tensor2D };
  /** x [N, K, W·split], y [N, K, H·split] → N people. Reads each back once; disposes nothing. */
  decodeBatch(x: Tensor3D, y: Tensor3D): Promise<Keypoints<'input'>[]>;
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
 * Coordinates as two classifications (SimCC): for each keypoint a Gaussian over the bins of each axis, `split` to a pixel,
 * with no heatmap and so no quantisation below the input's own.
 *
 * Centres are rounded to bins; decoding takes each axis' first maximum, divided by `split`. Score: the smaller of the two
 * maxima; a keypoint with none above 0 decodes to (0, 0). Weight 1 for labelled keypoints within 3σ of the image.
 *
 * Follows Li et al. 2022, arxiv.org/abs/2107.03332 (SimCC with Gaussian label smoothing).
 *
 * @throws RangeError when a size, sigma or split is not positive, or split is not whole.
 * @example
 * const codec = simccCodec({ inputSize: [192, 256], split: 2, sigma: [4.9, 5.66] });
 * const { x, y, weights } = codec.encodeBatch(people);
 * const poses = await codec.decodeBatch(predictedX, predictedY);
 */
export function simccCodec(options: SimccCodecOptions): SimccCodec {
  const { inputSize, split = 2, normalize = false } = options;
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

  const codec: SimccCodec = {
    inputSize,
    bins,
    precision: 0.5 / split,
    margin: 0,
    // The last pixel's middle is `split` bins before the end, so that no centre is rounded off the axis.
    borderPrecision: 0.5 / split,
    encode(keypoints) {
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
    decode({ x, y }) {
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
    encodeArrays(people) {
      const K = sameCount('simccCodec.encodeBatch', people);
      const targets = people.map((person) => codec.encode(person));
      const stack = (part: 'x' | 'y' | 'weights', ...shape: number[]): TargetArray =>
        stackArrays(
          targets.map((target) => target[part]),
          shape,
        );
      return { target: [stack('x', K, bins[0]), stack('y', K, bins[1])], weights: stack('weights', K) };
    },
    encodeBatch(people) {
      const {
        target: [x, y],
        weights,
      } = targetTensors<[Tensor3D, Tensor3D]>(codec.encodeArrays(people));
      return { x, y, weights };
    },
    async decodeBatch(x, y) {
      const [N, K] = x.shape;
      if (x.shape[2] !== bins[0] || y.shape.join() !== [N, K, bins[1]].join()) {
        throw new RangeError(
          `simccCodec.decodeBatch: x must be [N, K, ${bins[0]}] and y [N, K, ${bins[1]}]. ` +
            `Received: [${x.shape.join(', ')}] and [${y.shape.join(', ')}].`,
        );
      }
      const [xs, ys] = (await Promise.all([x.data(), y.data()])) as [Float32Array, Float32Array];
      return Array.from({ length: N }, (_, n) =>
        codec.decode({
          x: xs.subarray(n * K * bins[0], (n + 1) * K * bins[0]),
          y: ys.subarray(n * K * bins[1], (n + 1) * K * bins[1]),
          weights: new Float32Array(K).fill(1),
        }),
      );
    },
    toJSON: () => ({ codec: 'simcc', inputSize, split, sigma, normalize }),
  };
  return codec;
}
