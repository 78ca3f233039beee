import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { shown } from '../bytes';
import type { Keypoints, Size } from '../keypoints';
import {
  blurKernel,
  heatmapFlip,
  MOST_TAPS,
  secondMaximum,
  type Decoder,
  type DecoderError,
  type DecoderJSON,
  type TensorArray,
} from '../postprocess';
import { assertEncodable, savedDecoder, type Codec, type Prediction } from './codec';
import { defineCodec } from './define-codec';
import { grid } from './grid';
import { assertMapSize, decodeHeatmaps, sameCount, stackArrays } from './heatmap-batch';
import { lastMaps } from './last-maps';

/** Maximum number of target levels. */
const MOST_LEVELS = 16;

/** Options of {@link cpnCodec}. */
export interface CpnCodecOptions {
  /** `[width, height]` of the network's input in pixels. */
  readonly inputSize: Size;
  /** `[width, height]` of the heatmaps in cells. */
  readonly heatmapSize: Size;
  /** Kernel size of the blur at each level, coarse to fine; the first is also RefineNet's. @defaultValue [7, 9, 11, 15] */
  readonly kernels?: readonly number[];
  /** Peak value. @defaultValue 255 */
  readonly peak?: number;
  /** Decoder of the heatmaps. @defaultValue {@link secondMaximum} */
  readonly refine?: Decoder;
}

/** A saved {@link cpnCodec}. */
export interface CpnCodecJSON {
  readonly codec: 'cpn';
  readonly inputSize: Size;
  readonly heatmapSize: Size;
  readonly kernels: readonly number[];
  readonly peak: number;
  readonly refine: DecoderJSON;
}

/** The targets of one person: a map [H, W, K] per level, coarse to fine, and visibilities [K]: 0 unlabelled, 1 occluded, 2 visible. */
export interface CpnTarget {
  readonly levels: readonly Float32Array[];
  readonly weights: Float32Array;
  readonly shape: readonly [height: number, width: number, keypoints: number];
}

/** Target: heatmaps [N, H, W, K] per level, coarse to fine; the weights are visibilities [N, K], as `cpnLoss` takes them. Output: the network's outputs; RefineNet's heatmaps, the last, are decoded. */
export interface CpnCodec extends Codec<Tensor4D[], Tensor4D | readonly Tensor4D[], CpnTarget> {
  readonly heatmapSize: Size;
  readonly kernels: readonly number[];
  readonly peak: number;
  toJSON(): CpnCodecJSON;
}

/**
 * The targets of the Cascaded Pyramid Network, and their decoding: each level is an impulse at the cell ⌊keypoint / stride⌋, blurred as OpenCV does with a kernel of
 * its own size and scaled to a peak of 255. Decoding adds the half cell that rounding removed: image = cell · stride + stride / 2.
 *
 * The released code gives the *finest* level the widest target, the reverse of the paper's idea, and says so; this codec does the same.
 *
 * Follows github.com/chenyilun95/tf-cpn. Keypoints off the map have visibility 0. Its pose score is `rescore(pose, boxScore, { visibleThreshold: -Infinity })`.
 *
 * @throws RangeError when a size or the peak is not positive, or a kernel size is not odd and positive.
 * @example
 * const codec = cpnCodec({ inputSize: [192, 256], heatmapSize: [48, 64] });
 * const { target, weights } = codec.encodeBatch(people);
 * const poses = await codec.decodeBatch(network.predict(images)); // RefineNet's, the last
 */
export function cpnCodec(options: CpnCodecOptions): CpnCodec {
  const { inputSize, heatmapSize, kernels = [7, 9, 11, 15], peak = 255 } = options;
  const { stride, overhang } = grid('cpnCodec', inputSize, heatmapSize, 'edges');
  if (!(peak > 0 && peak < Infinity))
    throw new RangeError(`cpnCodec: peak must be positive. Received: ${shown(peak)}.`);
  const { refine = secondMaximum({ peak }) } = options;
  const isKernel = (size: unknown): boolean =>
    Number.isInteger(size) && (size as number) > 0 && (size as number) % 2 === 1;
  if (!(Array.isArray(kernels) && kernels.length > 0 && (kernels as readonly unknown[]).every(isKernel))) {
    throw new RangeError(`cpnCodec: kernels must be odd and positive. Received: ${shown(kernels)}.`);
  }
  if (kernels.length > MOST_LEVELS || kernels.some((size) => size > MOST_TAPS)) {
    throw new RangeError(
      `cpnCodec: kernels must be at most ${MOST_LEVELS}, with at most ${MOST_TAPS} taps each. Received: ${shown(kernels)}.`,
    );
  }
  const [width, height] = heatmapSize;
  const blurs = kernels.map(blurKernel);

  const draw = ({ xy, score }: Keypoints<'input'>, levels: readonly Float32Array[], weights: Float32Array): void => {
    const K = score.length;
    for (let k = 0; k < K; k++) {
      const x = Math.floor(xy[2 * k]! / stride[0]);
      const y = Math.floor(xy[2 * k + 1]! / stride[1]);
      const inside = score[k]! > 0 && x >= 0 && y >= 0 && x < width && y < height;
      weights[k] = inside ? score[k]! : 0;
      if (!inside) continue;
      levels.forEach((heatmaps, level) => drawImpulse({ heatmaps, width, height, K, k }, blurs[level]!, x, y, peak));
    }
  };

  const model = { sigma: 1.4, amplitude: peak, size: heatmapSize, center: 'rounded' as const, overhang };
  let known: DecoderError | undefined;
  const error = (): DecoderError =>
    (known ??= refine.error?.(model) ?? { interior: 1, margin: 0, border: 1 + overhang });
  const largest = Math.max(...stride);
  const codec: CpnCodec = defineCodec({
    name: 'cpnCodec',
    target: (tensors: Tensor[]) => tensors as Tensor4D[],
    inputSize,
    heatmapSize,
    kernels,
    peak,
    get precision() {
      return largest * error().interior;
    },
    get margin() {
      return largest * (error().margin + overhang);
    },
    get borderPrecision() {
      return largest * error().border;
    },
    encode(keypoints: Keypoints<'input'>): CpnTarget {
      assertEncodable('cpnCodec.encode', keypoints);
      const K = keypoints.score.length;
      const levels = kernels.map(() => new Float32Array(height * width * K));
      const weights = new Float32Array(K);
      draw(keypoints, levels, weights);
      return { levels, weights, shape: [height, width, K] };
    },
    decode({ levels, shape }: CpnTarget): Keypoints<'input'> {
      assertMapSize('cpnCodec.decode', shape, heatmapSize);
      const { xy, score } = refine({ heatmaps: levels[0]!, shape });
      return { frame: 'input', xy: xy.map((cell, i) => (cell + 0.5) * stride[i % 2 === 0 ? 0 : 1]), score };
    },
    encodeArrays(people: readonly Keypoints<'input'>[]) {
      const K = sameCount('cpnCodec.encodeBatch', people);
      const targets = people.map((person) => codec.encode(person));
      const level = (i: number): Float32Array[] => targets.map(({ levels }) => levels[i]!);
      return {
        target: kernels.map((_, i) => stackArrays(level(i), [height, width, K])),
        weights: stackArrays(
          targets.map(({ weights }) => weights),
          [K],
        ),
      };
    },
    decodeArrays([maps]: readonly TensorArray[]) {
      assertMapSize('cpnCodec.decodeArrays', maps!.shape.slice(1), heatmapSize);
      return decodeHeatmaps(maps!, ({ heatmaps, weights, shape }) =>
        codec.decode({ levels: [heatmaps], weights, shape }),
      );
    },
    checkOutputs: (where, [shape]) => assertMapSize(where, shape!.slice(1), heatmapSize),
    flipRules: (set) => [heatmapFlip(set, false)],
    heatmaps: (output: Tensor4D | readonly Tensor4D[] | Prediction) => lastMaps(output).clone(),
    targetHeatmaps: (target: Tensor4D[]) => target[0]!.clone(),
    toJSON: (): CpnCodecJSON => ({
      codec: 'cpn',
      inputSize,
      heatmapSize,
      kernels,
      peak,
      refine: savedDecoder('cpnCodec', refine),
    }),
  });
  return codec;
}

/** The blur of an impulse along an axis: OpenCV mirrors at the border (…2 1 0 1 2…), so values beyond the map are reflected into it. */
function blurredImpulse(kernel: Float64Array, at: number, length: number): Float64Array {
  const half = (kernel.length - 1) / 2;
  const line = new Float64Array(length);
  const tap = (distance: number): number => (Math.abs(distance) <= half ? kernel[distance + half]! : 0);
  const mirrored = [at > 0 ? -at : NaN, at < length - 1 ? 2 * (length - 1) - at : NaN];
  for (let i = 0; i < length; i++) {
    line[i] = tap(i - at);
    for (const image of mirrored) if (!Number.isNaN(image)) line[i]! += tap(i - image);
  }
  return line;
}

function drawImpulse(
  { heatmaps, width, height, K, k }: { heatmaps: Float32Array; width: number; height: number; K: number; k: number },
  kernel: Float64Array,
  x: number,
  y: number,
  peak: number,
): void {
  const [across, down] = [blurredImpulse(kernel, x, width), blurredImpulse(kernel, y, height)];
  const scale = peak / (Math.max(...across) * Math.max(...down));
  const half = (kernel.length - 1) / 2;
  for (let row = Math.max(0, y - half); row <= Math.min(height - 1, y + half); row++) {
    for (let column = Math.max(0, x - half); column <= Math.min(width - 1, x + half); column++) {
      heatmaps[(row * width + column) * K + k] = scale * across[column]! * down[row]!;
    }
  }
}
