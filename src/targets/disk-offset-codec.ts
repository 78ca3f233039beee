import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { shown } from '../bytes';
import type { Keypoints, Size } from '../keypoints';
import {
  houghDecode,
  offsetChannels,
  offsetFlip,
  splitOffsetChannels,
  type OffsetOrder,
  type TensorArray,
} from '../postprocess';
import { assertEncodable, type Codec, type HeatmapTarget, type Prediction } from './codec';
import { defineCodec } from './define-codec';
import { isSize, LONGEST_SIDE } from './grid';
import { assertMapSize, decodeHeatmaps, encodeHeatmaps } from './heatmap-batch';
import { lastMaps } from './last-maps';

/** Options of {@link diskOffsetCodec}. */
export interface DiskOffsetCodecOptions {
  /** `[width, height]` of the network's input and of the maps, in pixels. */
  readonly inputSize: Size;
  /** Radius R of the disk around each keypoint, in pixels. @defaultValue 25, the paper's at 257 × 353 */
  readonly radius?: number;
  /** Order of the 3K channels. @defaultValue `'planar'`: K heatmaps, K offsets in x, K in y */
  readonly order?: OffsetOrder;
}

/** A saved {@link diskOffsetCodec}. */
export interface DiskOffsetCodecJSON {
  readonly codec: 'disk-offset';
  readonly inputSize: Size;
  readonly radius: number;
  readonly order: OffsetOrder;
}

/**
 * Target: maps [N, H, W, 3K] at the input size. Output: logits and offsets [N, H, W, 3K], from the network's last output. Weights [N, K].
 * {@link Codec.decode} takes probabilities, as in targets; `decodeBatch` and `decodeArrays` take logits.
 */
export interface DiskOffsetCodec extends Codec<Tensor4D, Tensor4D, HeatmapTarget> {
  readonly radius: number;
  readonly order: OffsetOrder;
  toJSON(): DiskOffsetCodecJSON;
}

/**
 * G-RMI's target, at the resolution of the crop: per keypoint a disk that is 1 within R pixels of it, and everywhere the offset from the pixel to it, in pixels.
 * Decoding lets every pixel vote (`houghVotes`) and takes the pixel with the most votes; its score is a fraction of the disk.
 *
 * Weight 1 for labelled keypoints; one outside the crop may have an empty disk.
 * `offsetCodec` is UDP's smaller variant, in cells.
 *
 * Papandreou et al. 2017, arxiv.org/abs/1701.01779, sections 2.2 and 2.3. The paper does not state the order of channels.
 *
 * @throws RangeError when a size is not a positive integer, or the radius is below 1.
 * @example
 * const codec = diskOffsetCodec({ inputSize: [257, 353] });
 * const { target, weights } = codec.encodeBatch(people); // [N, 353, 257, 3K] and [N, K]
 * const poses = await codec.decodeBatch(network.predict(images));
 */
export function diskOffsetCodec({ inputSize, radius = 25, order = 'planar' }: DiskOffsetCodecOptions): DiskOffsetCodec {
  if (!isSize(inputSize) || !(radius >= 1 && radius < Infinity)) {
    throw new RangeError(
      `diskOffsetCodec: inputSize must be [width, height] in pixels, at most ${LONGEST_SIDE}, and radius at least 1. Received: ${shown(inputSize)} and ${shown(radius)}.`,
    );
  }
  const [width, height] = inputSize;
  const draw = ({ xy, score }: Keypoints<'input'>, maps: Float32Array, weights: Float32Array): void => {
    const K = score.length;
    score.forEach((labelled, k) => {
      weights[k] = labelled > 0 ? 1 : 0;
      if (!(labelled > 0)) return;
      const [heat, dx, dy] = offsetChannels(order, K, k);
      const [cx, cy] = [xy[2 * k]!, xy[2 * k + 1]!];
      for (let y = 0, at = 0; y < height; y++) {
        for (let x = 0; x < width; x++, at += 3 * K) {
          if ((x - cx) ** 2 + (y - cy) ** 2 <= radius ** 2) maps[at + heat] = 1;
          maps[at + dx] = cx - x;
          maps[at + dy] = cy - y;
        }
      }
    });
  };
  const codec: DiskOffsetCodec = defineCodec({
    name: 'diskOffsetCodec',
    inputSize,
    radius,
    order,
    // Rounding to the nearest pixel, and float32.
    precision: 0.5 + 1e-3,
    margin: 0,
    borderPrecision: 0.5 + 1e-3,
    encode(keypoints: Keypoints<'input'>): HeatmapTarget {
      assertEncodable('diskOffsetCodec.encode', keypoints);
      const K = keypoints.score.length;
      const heatmaps = new Float32Array(height * width * 3 * K);
      const weights = new Float32Array(K);
      draw(keypoints, heatmaps, weights);
      return { heatmaps, weights, shape: [height, width, 3 * K] };
    },
    decode({ heatmaps, shape }: HeatmapTarget): Keypoints<'input'> {
      assertMapSize('diskOffsetCodec.decode', shape, inputSize);
      return { frame: 'input', ...houghDecode({ heatmaps, shape }, { radius, order }) };
    },
    encodeArrays(people: readonly Keypoints<'input'>[]) {
      people.forEach((person) => assertEncodable('diskOffsetCodec.encodeBatch', person));
      return encodeHeatmaps(people, inputSize, draw, 3, 1);
    },
    decodeArrays([maps]: readonly TensorArray[]) {
      assertMapSize('diskOffsetCodec.decodeArrays', maps!.shape.slice(1), inputSize, 3);
      return decodeHeatmaps(maps!, ({ heatmaps, weights, shape }) =>
        codec.decode({ heatmaps: probabilities(heatmaps, shape[2] / 3, order), weights, shape }),
      );
    },
    checkOutputs: (where, [shape]) => assertMapSize(where, shape!.slice(1), inputSize, 3),
    flipRules: (set) => [offsetFlip(set, order, false)], // maps have the crop's resolution
    heatmaps: (output: Tensor4D | Prediction) => disks(lastMaps(output), (logits) => tf.sigmoid(logits)),
    targetHeatmaps: (target: Tensor4D) => disks(target, (values) => values),
    toJSON: (): DiskOffsetCodecJSON => ({ codec: 'disk-offset', inputSize, radius, order }),
  });
  return codec;

  function disks(maps: Tensor4D, of: (values: Tensor4D) => Tensor): Tensor4D {
    return tf.tidy(() => of(splitOffsetChannels(maps, order)[0]).clone() as Tensor4D);
  }
}

/** Maps with logits in their heatmaps → maps with probabilities. */
function probabilities(maps: Float32Array, K: number, order: OffsetOrder): Float32Array {
  const out = maps.slice();
  const channels = Array.from({ length: K }, (_, k) => offsetChannels(order, K, k)[0]);
  for (let at = 0; at < out.length; at += 3 * K) {
    for (const channel of channels) out[at + channel] = 1 / (1 + Math.exp(-out[at + channel]!));
  }
  return out;
}
