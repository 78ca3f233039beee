import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { shown } from '../bytes';
import type { Keypoints, Size } from '../keypoints';
import type { Alignment } from '../geometry';
import { softArgmax } from '../postprocess';
import { assertEncodable, type Codec } from './codec';
import { grid } from './grid';
import { sameCount, stackArrays, targetTensors } from './heatmap-batch';

/** One person's coordinates: `cells` [K, 2] in heatmap cells, `weights` [K]. */
export interface CellTarget {
  readonly cells: Float32Array;
  readonly weights: Float32Array;
}

export interface IntegralCodecOptions {
  /** `[width, height]` of the network's input in pixels. */
  readonly inputSize: Size;
  /** `[width, height]` of the network's heatmaps in cells. */
  readonly heatmapSize: Size;
  /** Sharpness of the soft-argmax. Default 1: the network learns the scale of its own maps. */
  readonly beta?: number;
  /** `'edges'`: pixel = cell · input / heatmap. `'centers'`: UDP's. Default `'edges'`. */
  readonly align?: Alignment;
}

export interface IntegralCodec extends Codec<CellTarget> {
  readonly heatmapSize: Size;
  readonly beta: number;
  /** cells [N, K, 2], weights [N, K]. The caller disposes them. */
  encodeBatch(people: readonly Keypoints<'input'>[]): { cells: Tensor3D; weights: Tensor2D };
  /** What a loss compares with `cells`: heatmaps [N, H, W, K] → [N, K, 2], on the device, differentiable. */
  regress(heatmaps: Tensor4D): Tensor3D;
  /** heatmaps [N, H, W, K] → N people. Regresses on the device and reads back [N, K, 3]; disposes nothing. */
  decodeBatch(heatmaps: Tensor4D): Promise<Keypoints<'input'>[]>;
  toJSON(): IntegralCodecJSON;
}

/** A saved {@link integralCodec}. */
export interface IntegralCodecJSON {
  readonly codec: 'integral';
  readonly inputSize: Size;
  readonly heatmapSize: Size;
  readonly beta: number;
  readonly align: Alignment;
}

/**
 * Integral regression: the network is trained on coordinates, through the soft-argmax of heatmaps that nobody draws.
 *
 * The target is the keypoint in cells; the prediction is {@link softArgmax} of the network's maps, and an L1 loss between
 * the two trains it. Weight 1 for labelled keypoints on the image, since a mean of cells cannot leave the map. Score of a
 * decoded keypoint: the largest softmax probability of its map.
 *
 * Follows Sun et al. 2018, arxiv.org/abs/1711.08229.
 *
 * @throws RangeError when a size is not positive or beta cannot be used.
 * @example
 * const codec = integralCodec({ inputSize: [192, 256], heatmapSize: [48, 64] });
 * const { cells, weights } = codec.encodeBatch(people);
 * const loss = () => tf.losses.absoluteDifference(cells, codec.regress(network.apply(images)), tf.expandDims(weights, 2));
 */
export function integralCodec(options: IntegralCodecOptions): IntegralCodec {
  const { inputSize, heatmapSize, beta = 1, align = 'edges' } = options;
  if (!(beta > 0 && beta < Infinity)) {
    throw new RangeError(`integralCodec: beta must be positive and finite. Received: ${shown(beta)}.`);
  }
  const { stride } = grid('integralCodec', inputSize, heatmapSize, align);
  const [width, height] = heatmapSize;
  const assertHeatmaps = (where: string, shape: readonly number[]): void => {
    if (shape.length !== 4 || shape[1] !== height || shape[2] !== width) {
      throw new RangeError(`${where}: heatmaps must be [N, ${height}, ${width}, K]. Received: [${shape.join(', ')}].`);
    }
  };

  const codec: IntegralCodec = {
    inputSize,
    heatmapSize,
    beta,
    // float32 cells and pixels, nothing else.
    precision: 1e-3,
    margin: 0,
    borderPrecision: 1e-3,
    encode(keypoints) {
      assertEncodable('integralCodec.encode', keypoints);
      const { xy, score } = keypoints;
      const on = (k: number, axis: 0 | 1): boolean =>
        xy[2 * k + axis]! >= 0 && xy[2 * k + axis]! <= inputSize[axis] - 1;
      const weights = score.map((labelled, k) => (labelled > 0 && on(k, 0) && on(k, 1) ? 1 : 0));
      return { cells: xy.map((v, i) => (weights[i >> 1]! > 0 ? v / stride[i % 2 === 0 ? 0 : 1] : 0)), weights };
    },
    decode({ cells, weights }) {
      if (weights.length === 0 || cells.length !== 2 * weights.length) {
        throw new RangeError(
          `integralCodec.decode: cells must be [K, 2] and weights [K]. Received: ${cells.length} and ${weights.length} numbers.`,
        );
      }
      return { frame: 'input', xy: cells.map((v, i) => v * stride[i % 2 === 0 ? 0 : 1]), score: weights.slice() };
    },
    encodeArrays(people) {
      const K = sameCount('integralCodec.encodeBatch', people);
      const targets = people.map((person) => codec.encode(person));
      return {
        target: [
          stackArrays(
            targets.map(({ cells }) => cells),
            [K, 2],
          ),
        ],
        weights: stackArrays(
          targets.map(({ weights }) => weights),
          [K],
        ),
      };
    },
    encodeBatch(people) {
      const {
        target: [cells],
        weights,
      } = targetTensors<[Tensor3D]>(codec.encodeArrays(people));
      return { cells, weights };
    },
    regress(heatmaps) {
      assertHeatmaps('integralCodec.regress', heatmaps.shape);
      return softArgmax(heatmaps, { beta });
    },
    async decodeBatch(heatmaps) {
      assertHeatmaps('integralCodec.decodeBatch', heatmaps.shape);
      const [N, , , K] = heatmaps.shape;
      const found = tf.tidy(() => {
        const rows = tf.reshape(tf.transpose(heatmaps, [0, 3, 1, 2]), [N, K, height * width]);
        const probability = tf.max(tf.softmax(tf.mul(rows, beta)), 2, true);
        return tf.concat([softArgmax(heatmaps, { beta }), probability], 2);
      });
      const data = (await found.data()) as Float32Array;
      found.dispose();
      return Array.from({ length: N }, (_, n) => {
        const row = (k: number): number => 3 * (n * K + k);
        const cells = Float32Array.from({ length: 2 * K }, (_, i) => data[row(i >> 1) + (i % 2)]!);
        return codec.decode({ cells, weights: Float32Array.from({ length: K }, (_, k) => data[row(k) + 2]!) });
      });
    },
    toJSON: () => ({ codec: 'integral', inputSize, heatmapSize, beta, align }),
  };
  return codec;
}
