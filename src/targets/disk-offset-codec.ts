import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { shown } from '../bytes';
import type { Keypoints, Size } from '../keypoints';
import { houghDecode, offsetChannels, splitOffsetChannels, type OffsetOrder } from '../postprocess';
import { assertEncodable, type Codec, type HeatmapTarget } from './codec';
import { isSize, LONGEST_SIDE } from './grid';
import { assertMapSize, decodeHeatmaps, encodeHeatmaps, heatmapTensors } from './heatmap-batch';

export interface DiskOffsetCodecOptions {
  /** `[width, height]` of the network's input, and of the maps, in pixels. */
  readonly inputSize: Size;
  /** R of the disk around each keypoint, in pixels. Default 25, the paper's at 257 × 353. */
  readonly radius?: number;
  /** Of the 3K channels. Default `'planar'`: K heatmaps, K offsets in x, K in y. */
  readonly order?: OffsetOrder;
}

/** A saved {@link diskOffsetCodec}. */
export interface DiskOffsetCodecJSON {
  readonly codec: 'disk-offset';
  readonly inputSize: Size;
  readonly radius: number;
  readonly order: OffsetOrder;
}

export interface DiskOffsetCodec extends Codec<HeatmapTarget> {
  readonly radius: number;
  readonly order: OffsetOrder;
  /** heatmaps [N, H, W, 3K] at the input's size, weights [N, K]. The caller disposes them. */
  encodeBatch(people: readonly Keypoints<'input'>[]): { heatmaps: Tensor4D; weights: Tensor2D };
  /** A network's maps [N, H, W, 3K], logits and offsets → N people, by Hough voting. Reads the tensor back once; disposes nothing. */
  decodeBatch(maps: Tensor4D): Promise<Keypoints<'input'>[]>;
  toJSON(): DiskOffsetCodecJSON;
}

/**
 * G-RMI's target, at the resolution of the crop: for each keypoint 1 where a pixel is within R of it, and everywhere the way from the pixel to it, in pixels.
 * Decoding lets every pixel vote (`houghVotes`), and takes the pixel with most votes; its score is a share of the disk.
 *
 * Weight 1 for labelled keypoints; one outside the crop may have an empty disk. {@link Codec.decode} takes probabilities, as targets are; `decodeBatch` logits.
 * UDP's smaller relative, in cells, is `offsetCodec`.
 *
 * Papandreou et al. 2017, arxiv.org/abs/1701.01779, sections 2.2 and 2.3. Their order of channels is not known.
 *
 * @throws RangeError when a size is not a positive integer, or the radius below 1.
 * @example
 * const codec = diskOffsetCodec({ inputSize: [257, 353] });
 * const { heatmaps, weights } = codec.encodeBatch(people);
 * const poses = await codec.decodeBatch(network.predict(images) as tf.Tensor4D);
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
  const codec: DiskOffsetCodec = {
    inputSize,
    radius,
    order,
    // The nearest pixel, and float32.
    precision: 0.5 + 1e-3,
    margin: 0,
    borderPrecision: 0.5 + 1e-3,
    encode(keypoints) {
      assertEncodable('diskOffsetCodec.encode', keypoints);
      const K = keypoints.score.length;
      const heatmaps = new Float32Array(height * width * 3 * K);
      const weights = new Float32Array(K);
      draw(keypoints, heatmaps, weights);
      return { heatmaps, weights, shape: [height, width, 3 * K] };
    },
    decode({ heatmaps, shape }) {
      assertMapSize('diskOffsetCodec.decode', shape, inputSize);
      return { frame: 'input', ...houghDecode({ heatmaps, shape }, { radius, order }) };
    },
    encodeArrays(people) {
      people.forEach((person) => assertEncodable('diskOffsetCodec.encodeBatch', person));
      return encodeHeatmaps(people, inputSize, draw, 3, 1);
    },
    encodeBatch: (people) => heatmapTensors(codec.encodeArrays(people)),
    async decodeBatch(maps) {
      assertMapSize('diskOffsetCodec.decodeBatch', maps.shape.slice(1), inputSize);
      const probabilities = tf.tidy(() => {
        const [logits, x, y] = splitOffsetChannels(maps, order);
        return tf.concat([tf.sigmoid(logits), x, y], 3);
      });
      try {
        return await decodeHeatmaps(probabilities, {
          decode: (target) => ({ frame: 'input' as const, ...houghDecode(target, { radius }) }),
        });
      } finally {
        probabilities.dispose();
      }
    },
    toJSON: () => ({ codec: 'disk-offset', inputSize, radius, order }),
  };
  return codec;
}
