import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { shown } from '../bytes';
import type { Keypoints, Size } from '../keypoints';
import type { Alignment } from '../geometry';
import { heatmapFlip, softArgmax, type TensorArray } from '../postprocess';
import { assertEncodable, type Codec, type Prediction } from './codec';
import { defineCodec } from './define-codec';
import { grid } from './grid';
import { assertMapSize, sameCount, stackArrays } from './heatmap-batch';
import { lastMaps } from './last-maps';

/** One person's coordinates: `cells` [K, 2] in heatmap cells, `weights` [K]. */
export interface CellTarget {
  readonly cells: Float32Array;
  readonly weights: Float32Array;
}

/** Options of {@link integralCodec}. */
export interface IntegralCodecOptions {
  /** `[width, height]` of the network's input in pixels. */
  readonly inputSize: Size;
  /** `[width, height]` of the network's heatmaps in cells. */
  readonly heatmapSize: Size;
  /** Sharpness of the soft-argmax. @defaultValue 1, since the network learns the scale of its maps */
  readonly beta?: number;
  /** `'edges'`: pixel = cell · input / heatmap. `'centers'`: UDP's. @defaultValue `'edges'` */
  readonly align?: Alignment;
}

/** Target: cells [N, K, 2]. Output: heatmaps [N, H, W, K], as {@link IntegralCodec.regress} takes them. */
export interface IntegralCodec extends Codec<Tensor3D, Tensor4D, CellTarget> {
  readonly heatmapSize: Size;
  readonly beta: number;
  /** The prediction that the loss compares with the target: heatmaps [N, H, W, K] → [N, K, 2], on the device, differentiable. */
  regress(heatmaps: Tensor4D): Tensor3D;
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
 * Integral regression: the network is trained on coordinates, through the soft-argmax of its heatmaps; no target heatmaps exist.
 *
 * The target is the keypoint in cells; the prediction is {@link softArgmax} of the network's maps, and an L1 loss
 * compares the two. Weight 1 for labelled keypoints on the image, since a mean of cells cannot leave the map. The score of a
 * decoded keypoint is the largest softmax probability of its map.
 *
 * Follows Sun et al. 2018, arxiv.org/abs/1711.08229.
 *
 * @throws RangeError when a size is not positive or beta is invalid.
 * @example
 * const codec = integralCodec({ inputSize: [192, 256], heatmapSize: [48, 64] });
 * const { target, weights } = codec.encodeBatch(people); // as `softArgmaxRegression` takes them; or with your own loss:
 * const loss = () => tf.losses.absoluteDifference(target, codec.regress(network.apply(images)), tf.expandDims(weights, 2));
 */
export function integralCodec(options: IntegralCodecOptions): IntegralCodec {
  const { inputSize, heatmapSize, beta = 1, align = 'edges' } = options;
  if (!(beta > 0 && beta < Infinity)) {
    throw new RangeError(`integralCodec: beta must be positive and finite. Received: ${shown(beta)}.`);
  }
  const { stride } = grid('integralCodec', inputSize, heatmapSize, align);
  const [width, height] = heatmapSize;
  const read = (row: Float32Array, K: number): Keypoints<'input'> => {
    const cells = Float32Array.from({ length: 2 * K }, (_, i) => row[3 * (i >> 1) + (i % 2)]!);
    return codec.decode({ cells, weights: Float32Array.from({ length: K }, (_, k) => row[3 * k + 2]!) });
  };
  const codec: IntegralCodec = defineCodec({
    name: 'integralCodec',
    inputSize,
    heatmapSize,
    beta,
    // Only the rounding of cells and pixels to float32.
    precision: 1e-3,
    margin: 0,
    borderPrecision: 1e-3,
    encode(keypoints: Keypoints<'input'>): CellTarget {
      assertEncodable('integralCodec.encode', keypoints);
      const { xy, score } = keypoints;
      const on = (k: number, axis: 0 | 1): boolean =>
        xy[2 * k + axis]! >= 0 && xy[2 * k + axis]! <= inputSize[axis] - 1;
      const weights = score.map((labelled, k) => (labelled > 0 && on(k, 0) && on(k, 1) ? 1 : 0));
      return { cells: xy.map((v, i) => (weights[i >> 1]! > 0 ? v / stride[i % 2 === 0 ? 0 : 1] : 0)), weights };
    },
    decode({ cells, weights }: CellTarget): Keypoints<'input'> {
      if (weights.length === 0 || cells.length !== 2 * weights.length) {
        throw new RangeError(
          `integralCodec.decode: cells must be [K, 2] and weights [K]. Received: ${cells.length} and ${weights.length} numbers.`,
        );
      }
      return { frame: 'input', xy: cells.map((v, i) => v * stride[i % 2 === 0 ? 0 : 1]), score: weights.slice() };
    },
    encodeArrays(people: readonly Keypoints<'input'>[]) {
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
    regress(heatmaps: Tensor4D): Tensor3D {
      assertMapSize('integralCodec.regress', heatmaps.shape.slice(1), heatmapSize);
      return softArgmax(heatmaps, { beta });
    },
    onDevice: (outputs: readonly Tensor[]) => {
      const heatmaps = lastMaps([...outputs]);
      const [N, , , K] = heatmaps.shape;
      const rows = tf.reshape(tf.transpose(heatmaps, [0, 3, 1, 2]), [N, K, height * width]);
      const probability = tf.max(tf.softmax(tf.mul(rows, beta)), 2, true);
      return [tf.concat([softArgmax(heatmaps, { beta }), probability], 2)];
    },
    decodeReduced: ([found]: readonly TensorArray[]) => {
      const [N, K] = found!.shape as [number, number];
      return Array.from({ length: N }, (_, n) => read(found!.values.subarray(3 * n * K, 3 * (n + 1) * K), K));
    },
    decodeArrays([maps]: readonly TensorArray[]) {
      const { values, shape } = maps!;
      assertMapSize('integralCodec.decodeArrays', shape.slice(1), heatmapSize);
      const [N, , , K] = shape as [number, number, number, number];
      const size = height * width * K;
      return Array.from({ length: N }, (_, n) =>
        read(expectedCells(values.subarray(n * size, (n + 1) * size), width, K, beta), K),
      );
    },
    checkOutputs: (where, [shape]) => assertMapSize(where, shape!.slice(1), heatmapSize),
    flipRules: (set) => [heatmapFlip(set, align === 'edges')],
    heatmaps: (output: Tensor4D | Prediction) =>
      tf.tidy(() => {
        const [N, , , K] = lastMaps(output).shape;
        const rows = tf.reshape(tf.transpose(lastMaps(output), [0, 3, 1, 2]), [N, K, height * width]);
        const shares = tf.reshape(tf.softmax(tf.mul(rows, beta)), [N, K, height, width]);
        return tf.transpose(shares, [0, 2, 3, 1]) as Tensor4D;
      }),
    toJSON: (): IntegralCodecJSON => ({ codec: 'integral', inputSize, heatmapSize, beta, align }),
  });
  return codec;
}

/** x, y in cells and the largest probability, [K, 3], of one person's maps [H, W, K]: softmax of β · value, and its mean cell. */
function expectedCells(maps: Float32Array, width: number, K: number, beta: number): Float32Array {
  const out = new Float32Array(3 * K);
  for (let k = 0; k < K; k++) {
    let largest = -Infinity;
    for (let i = k; i < maps.length; i += K) largest = Math.max(largest, maps[i]!);
    let [sum, sumX, sumY] = [0, 0, 0];
    for (let i = k, cell = 0; i < maps.length; i += K, cell++) {
      const weight = Math.exp(beta * (maps[i]! - largest));
      sum += weight;
      sumX += weight * (cell % width);
      sumY += weight * Math.floor(cell / width);
    }
    out.set([sumX / sum, sumY / sum, 1 / sum], 3 * k);
  }
  return out;
}
