import type { Tensor4D } from '@tensorflow/tfjs-core';
import { knownOptions, requireThat, shown } from '../bytes';
import type { Keypoints, Size } from '../keypoints';
import type { Alignment } from '../geometry';
import {
  argmax,
  heatmapFlip,
  type Decoder,
  type DecoderError,
  type DecoderJSON,
  type TensorArray,
} from '../postprocess';
import { assertEncodable, savedDecoder, type Codec, type HeatmapTarget, type Prediction } from './codec';
import { defineCodec } from './define-codec';
import { drawGaussian, drawPatch, gaussianPatch } from './draw-gaussian';
import { grid } from './grid';
import { assertMapSize, decodeHeatmaps, encodeHeatmaps } from './heatmap-batch';
import { lastMaps } from './last-maps';

/** Radius in cells up to which a rounded Gaussian is precomputed as a patch. */
const LARGEST_PATCH = 256;

/** Options of {@link gaussianCodec}. */
export interface GaussianCodecOptions {
  /** `[width, height]` of the network's input in pixels. */
  readonly inputSize: Size;
  /** `[width, height]` of the heatmaps in cells. */
  readonly heatmapSize: Size;
  /** Standard deviation in cells. @defaultValue 2 */
  readonly sigma?: number;
  /** Peak value; `epochScale` computes paper 000's. @defaultValue 1 */
  readonly factor?: number;
  /** `'rounded'`: centred on the nearest cell, as the papers train. `'exact'`: centred on the keypoint. @defaultValue `'rounded'` */
  readonly center?: 'rounded' | 'exact';
  /** `'edges'`: pixel = cell · input / heatmap. `'centers'`: UDP's, unbiased under mirroring. @defaultValue `'edges'` */
  readonly align?: Alignment;
  /** Half-width of the drawn area, in sigmas. @defaultValue 3 for rounded centres, the whole map for exact ones */
  readonly truncate?: number;
  /** Decoder of the heatmaps: argmax, quarterOffset, dark, softArgmaxDecoder({ beta }), or your own. @defaultValue argmax */
  readonly refine?: Decoder;
}

/** A saved {@link gaussianCodec}; `truncate: null` is the whole map. */
export interface GaussianCodecJSON {
  readonly codec: 'gaussian';
  readonly inputSize: Size;
  readonly heatmapSize: Size;
  readonly sigma: number;
  readonly factor: number;
  readonly center: 'rounded' | 'exact';
  readonly align: Alignment;
  readonly truncate: number | null;
  readonly refine: DecoderJSON;
}

/** Target: heatmaps [N, H, W, K]. Output: the same, from the network's last output. */
export interface HeatmapCodec extends Codec<Tensor4D, Tensor4D, HeatmapTarget> {
  readonly heatmapSize: Size;
  readonly align: Alignment;
  readonly sigma: number;
  readonly factor: number;
  /** As in {@link Codec}; `into`, a target of the same shape, is overwritten and returned, which avoids an allocation. */
  encode(keypoints: Keypoints<'input'>, into?: HeatmapTarget): HeatmapTarget;
  /** The same codec with another sigma, e.g. for `linearSigma`. */
  withSigma(sigma: number): HeatmapCodec;
  /** The same codec with another peak value, e.g. for `epochScale`. */
  withFactor(factor: number): HeatmapCodec;
  toJSON(): GaussianCodecJSON;
}

/**
 * Gaussian heatmaps and their decoding.
 *
 * `h(x, y) = factor · exp(−((x − cx)² + (y − cy)²) / 2σ²)`, (cx, cy) the keypoint in cells: exact, or rounded as
 * `trunc(c + ½)` and drawn within 3σ. Weight 1 for labelled keypoints (score > 0) whose 3σ square touches the map.
 *
 * Follows `generate_target` of github.com/leoxiaobin/deep-high-resolution-net.pytorch (rounded), eq. 5 of Zhang et al.
 * 2019, arxiv.org/abs/1911.10346 (exact), and Huang et al. 2020, arxiv.org/abs/1911.07524 (`align: 'centers'`). Where 3σ is
 * not an integer, the window is ⌊3σ⌋ cells on each side, also left of the map.
 *
 * @throws RangeError when a size, sigma, factor or truncate is not positive, or `center` or `align` is unknown.
 * @example
 * const codec = gaussianCodec({ inputSize: [192, 256], heatmapSize: [48, 64], refine: quarterOffset });
 * const { target, weights } = codec.encodeBatch(people); // [N, 64, 48, K] and [N, K]
 * const poses = await codec.decodeBatch(network.predict(images));
 */
export function gaussianCodec(options: GaussianCodecOptions): HeatmapCodec {
  const {
    inputSize,
    heatmapSize,
    sigma = 2,
    factor = 1,
    center = 'rounded',
    align = 'edges',
    refine = argmax,
  } = knownOptions('gaussianCodec', options, ['inputSize', 'heatmapSize', 'sigma', 'factor', 'center', 'align', 'truncate', 'refine']); // prettier-ignore
  requireThat(typeof refine === 'function', 'gaussianCodec', 'refine must be a decoder, such as quarterOffset', refine);
  const { truncate = center === 'rounded' ? 3 : Infinity } = options;
  for (const [name, value] of Object.entries({ sigma, factor, truncate })) {
    if (!(value > 0) || (name !== 'truncate' && value === Infinity)) {
      throw new RangeError(`gaussianCodec: ${name} must be positive. Received: ${shown(value)}.`);
    }
  }
  if (center !== 'rounded' && center !== 'exact') {
    throw new RangeError(`gaussianCodec: center must be 'rounded' or 'exact'. Received: ${shown(center)}.`);
  }
  const {
    stride: [strideX, strideY],
    overhang,
  } = grid('gaussianCodec', inputSize, heatmapSize, align);
  const [width, height] = heatmapSize;
  const support = Math.floor(3 * sigma);
  const radius = Math.min(Math.floor(truncate * sigma), Math.max(width, height));
  const patch = center === 'rounded' && radius <= LARGEST_PATCH ? gaussianPatch(sigma, radius, factor) : undefined;

  const draw = ({ xy, score }: Keypoints<'input'>, heatmaps: Float32Array, weights: Float32Array): void => {
    const K = score.length;
    for (let k = 0; k < K; k++) {
      const x = xy[2 * k]! / strideX;
      const y = xy[2 * k + 1]! / strideY;
      const mx = Math.trunc(x + 0.5); // towards zero, as Python's int()
      const my = Math.trunc(y + 0.5);
      const outside = mx - support >= width || my - support >= height || mx + support + 1 < 0 || my + support + 1 < 0;
      weights[k] = score[k]! > 0 && !outside ? 1 : 0;
      if (weights[k] === 0) continue;
      const channel = { heatmaps, width, height, stride: K, offset: k };
      if (patch) drawPatch(channel, patch, radius, mx, my);
      else if (center === 'rounded') drawGaussian(channel, sigma, factor, radius, mx, my);
      else drawGaussian(channel, sigma, factor, truncate * sigma, x, y);
    }
  };

  let error: DecoderError | undefined;
  const bound = (): DecoderError => {
    const unknown = { interior: center === 'exact' ? 0.5 : 1, margin: 0, border: 1 + overhang };
    error ??= refine.error?.({ sigma, amplitude: factor, size: heatmapSize, center, overhang }) ?? unknown;
    return error;
  };
  const largest = Math.max(strideX, strideY);

  const codec: HeatmapCodec = defineCodec({
    name: 'gaussianCodec',
    inputSize,
    heatmapSize,
    align,
    sigma,
    factor,
    get precision() {
      return largest * bound().interior;
    },
    get margin() {
      return largest * (bound().margin + overhang);
    },
    get borderPrecision() {
      return largest * bound().border;
    },
    encode(keypoints: Keypoints<'input'>, into?: HeatmapTarget): HeatmapTarget {
      assertEncodable('gaussianCodec.encode', keypoints);
      const K = keypoints.score.length;
      const target = into ?? emptyTarget(height, width, K);
      if (target.shape.join() !== `${height},${width},${K}`) {
        throw new RangeError(
          `gaussianCodec.encode: into must be of shape [${height}, ${width}, ${K}]. Received: [${target.shape.join(', ')}].`,
        );
      }
      if (into) into.heatmaps.fill(0);
      draw(keypoints, target.heatmaps, target.weights);
      return target;
    },
    decode(target: HeatmapTarget): Keypoints<'input'> {
      assertMapSize('gaussianCodec.decode', target.shape, heatmapSize);
      const { xy, score } = refine(target);
      return { frame: 'input', xy: xy.map((cell, i) => cell * (i % 2 === 0 ? strideX : strideY)), score };
    },
    encodeArrays(people: readonly Keypoints<'input'>[]) {
      people.forEach((person) => assertEncodable('gaussianCodec.encodeBatch', person));
      return encodeHeatmaps(people, heatmapSize, draw);
    },
    decodeArrays([maps]: readonly TensorArray[]) {
      assertMapSize('gaussianCodec.decodeArrays', maps!.shape.slice(1), heatmapSize);
      return decodeHeatmaps(maps!, codec.decode);
    },
    checkOutputs: (where, [shape]) => assertMapSize(where, shape!.slice(1), heatmapSize),
    flipRules: (set) => [heatmapFlip(set, align === 'edges')],
    decodeOperation: () => refine.inGraph && { kind: 'decode' as const, ...refine.inGraph, stride: [strideX, strideY] },
    heatmaps: (output: Tensor4D | Prediction) => lastMaps(output).clone(),
    targetHeatmaps: (target: Tensor4D) => target.clone(),
    withSigma: (next: number) => gaussianCodec({ ...options, sigma: next }),
    withFactor: (next: number) => gaussianCodec({ ...options, factor: next }),
    toJSON: (): GaussianCodecJSON => ({
      codec: 'gaussian',
      inputSize,
      heatmapSize,
      sigma,
      factor,
      center,
      align,
      truncate: truncate === Infinity ? null : truncate,
      refine: savedDecoder('gaussianCodec', refine),
    }),
  });
  return codec;
}

function emptyTarget(height: number, width: number, K: number): HeatmapTarget {
  return { heatmaps: new Float32Array(height * width * K), weights: new Float32Array(K), shape: [height, width, K] };
}
