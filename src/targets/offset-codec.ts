import { tidy, type Tensor4D } from '@tensorflow/tfjs-core';
import { shown } from '../bytes';
import type { Keypoints, Size } from '../keypoints';
import type { Alignment } from '../geometry';
import { blurredArgmax, offsetFlip, splitOffsetChannels, type TensorArray } from '../postprocess';
import { assertEncodable, type Codec, type HeatmapTarget, type Prediction } from './codec';
import { defineCodec } from './define-codec';
import { grid } from './grid';
import { assertMapSize, decodeHeatmaps, encodeHeatmaps } from './heatmap-batch';
import { lastMaps } from './last-maps';

/** Options of {@link offsetCodec}. */
export interface OffsetCodecOptions {
  /** `[width, height]` of the network's input in pixels. */
  readonly inputSize: Size;
  /** `[width, height]` of the maps in cells. */
  readonly heatmapSize: Size;
  /** Radius of the disk around each keypoint, in cells. @defaultValue 0.0546875 of the longer side: 3.5 at 64 */
  readonly radius?: number;
  /** `'edges'`: pixel = cell · input / heatmap. `'centers'`: UDP's. @defaultValue `'centers'`, as UDP proposes */
  readonly align?: Alignment;
  /** Kernel size, odd, of the blur that stabilises the argmax of a disk. @defaultValue 11 */
  readonly kernelSize?: number;
}

/** Target and output: maps [N, H, W, 3K]. Weights [N, 3K]: one per map. */
export interface OffsetCodec extends Codec<Tensor4D, Tensor4D, HeatmapTarget> {
  readonly heatmapSize: Size;
  readonly radius: number;
  toJSON(): OffsetCodecJSON;
}

/** A saved {@link offsetCodec}. */
export interface OffsetCodecJSON {
  readonly codec: 'offset';
  readonly inputSize: Size;
  readonly heatmapSize: Size;
  readonly radius: number;
  readonly align: Alignment;
  readonly kernelSize: number;
}

/**
 * A disk and two offset maps per keypoint: which cells are near it, and the offset from each of them to it. Nothing is
 * rounded, so it is exact to float32.
 *
 * Channels 3k, 3k+1, 3k+2 of [H, W, 3K]: 1 where `|cell − keypoint| ≤ radius`, and there `(keypoint − cell) / radius` in x
 * and y; 0 elsewhere. Decoding takes the offset at the largest value of the blurred disk. Score: the disk's value there.
 *
 * Follows Papandreou et al. 2017, arxiv.org/abs/1701.01779, in the form of Huang et al. 2020 (UDP's combined target),
 * arxiv.org/abs/1911.07524. The reference blurs the disks by 2·kernelSize + 1 taps and the offsets by `kernelSize` before it reads them.
 * Here only the disks are blurred, since near the disk's edge a blurred offset belongs to another cell.
 *
 * @throws RangeError when a size or the radius is not positive, or the kernel is even.
 * @example
 * const codec = offsetCodec({ inputSize: [192, 256], heatmapSize: [48, 64] });
 * const network = hrnet('hrnet-w32', { inputShape: [256, 192, 3], keypoints: 3 * 17 });
 * const { target, weights } = codec.encodeBatch(people);
 */
export function offsetCodec(options: OffsetCodecOptions): OffsetCodec {
  const { inputSize, heatmapSize, align = 'centers', kernelSize = 11 } = options;
  const { stride, overhang } = grid('offsetCodec', inputSize, heatmapSize, align);
  const { radius = 0.0546875 * Math.max(...heatmapSize) } = options;
  const [width, height] = heatmapSize;
  // Every keypoint of the image must have a cell within its disk: at worst half a cell, or the overhang, away on both axes.
  const least = Math.SQRT2 * Math.max(0.5, overhang);
  if (!(radius >= least && Number.isFinite(radius))) {
    throw new RangeError(`offsetCodec: radius must reach a cell, at least ${least}. Received: ${shown(radius)}.`);
  }
  const peaks = blurredArgmax(kernelSize);

  const draw = ({ xy, score }: Keypoints<'input'>, maps: Float32Array, weights: Float32Array): void => {
    const channels = 3 * score.length;
    score.forEach((labelled, k) => {
      const [cx, cy] = [xy[2 * k]! / stride[0], xy[2 * k + 1]! / stride[1]];
      let drawn = 0;
      for (let y = Math.max(0, Math.ceil(cy - radius)); y <= Math.min(height - 1, cy + radius); y++) {
        for (let x = Math.max(0, Math.ceil(cx - radius)); x <= Math.min(width - 1, cx + radius); x++) {
          if (!(labelled > 0) || (x - cx) ** 2 + (y - cy) ** 2 > radius ** 2) continue;
          maps.set([1, (cx - x) / radius, (cy - y) / radius], (y * width + x) * channels + 3 * k);
          drawn++;
        }
      }
      weights.fill(drawn > 0 ? 1 : 0, 3 * k, 3 * k + 3);
    });
  };

  const codec: OffsetCodec = defineCodec({
    name: 'offsetCodec',
    inputSize,
    heatmapSize,
    radius,
    // Only the rounding of pixels and offsets to float32.
    precision: 1e-3,
    margin: 0,
    borderPrecision: 1e-3,
    encode(keypoints: Keypoints<'input'>): HeatmapTarget {
      assertEncodable('offsetCodec.encode', keypoints);
      const channels = 3 * keypoints.score.length;
      const shape = [height, width, channels] as const;
      const target = {
        heatmaps: new Float32Array(height * width * channels),
        weights: new Float32Array(channels),
        shape,
      };
      draw(keypoints, target.heatmaps, target.weights);
      return target;
    },
    decode({ heatmaps, shape }: HeatmapTarget): Keypoints<'input'> {
      assertMapSize('offsetCodec.decode', shape, heatmapSize, 3);
      const K = shape[2] / 3;
      const xy = new Float32Array(2 * K);
      const score = new Float32Array(K);
      const disks = new Float32Array(height * width * K);
      for (let i = 0; i < disks.length; i++) disks[i] = heatmaps[3 * i]!;
      peaks({ heatmaps: disks, shape: [height, width, K] }).forEach((cell, k) => {
        const at = 3 * (cell * K + k);
        score[k] = heatmaps[at]! || 0;
        if (!(score[k]! > 0)) return;
        xy[2 * k] = ((cell % width) + radius * (heatmaps[at + 1]! || 0)) * stride[0];
        xy[2 * k + 1] = (Math.floor(cell / width) + radius * (heatmaps[at + 2]! || 0)) * stride[1];
      });
      return { frame: 'input', xy, score };
    },
    encodeArrays(people: readonly Keypoints<'input'>[]) {
      people.forEach((person) => assertEncodable('offsetCodec.encodeBatch', person));
      return encodeHeatmaps(people, heatmapSize, draw, 3);
    },
    decodeArrays([maps]: readonly TensorArray[]) {
      assertMapSize('offsetCodec.decodeArrays', maps!.shape.slice(1), heatmapSize, 3);
      return decodeHeatmaps(maps!, codec.decode);
    },
    checkOutputs: (where, [shape]) => assertMapSize(where, shape!.slice(1), heatmapSize, 3),
    flipRules: (set) => [offsetFlip(set, 'interleaved', align === 'edges')],
    heatmaps: (output: Tensor4D | Prediction) =>
      tidy(() => splitOffsetChannels(lastMaps(output), 'interleaved')[0].clone()),
    toJSON: (): OffsetCodecJSON => ({ codec: 'offset', inputSize, heatmapSize, radius, align, kernelSize }),
  });
  return codec;
}
