import { findPeaks, peakCells } from './argmax';
import type { Cells, HeatmapArray } from './decoder';
import { offsetChannels, type OffsetOrder } from './offset-channels';

/** Options of {@link houghVotes} and of the decoders that use it. */
export interface HoughOptions {
  /** Radius R of the disks, in pixels: votes are divided by their area, πR². */
  readonly radius: number;
  /** Order of the channels. @defaultValue `'planar'` */
  readonly order?: OffsetOrder;
}

/** @throws RangeError when the array's length and the shape disagree, or the channels are not three per keypoint. */
function assertOffsetMaps(where: string, { heatmaps, shape: [height, width, channels] }: HeatmapArray): void {
  if (heatmaps.length === 0 || heatmaps.length !== height * width * channels || channels % 3 !== 0) {
    throw new RangeError(
      `${where}: maps must hold height × width × 3K numbers. Received: ${heatmaps.length} for [${height}, ${width}, ${channels}].`,
    );
  }
}

/**
 * Hough voting: every pixel votes for the position that its offset points to, weighted by the probability that it is near the keypoint.
 * `f(x) = 1/(πR²) · Σⱼ G(xⱼ + F(xⱼ) − x) · h(xⱼ)`, G the bilinear kernel: a vote is split over four pixels, and votes outside the map are dropped.
 *
 * Maps [H, W, 3K] of *probabilities* (after the sigmoid) and offsets in pixels → votes [H, W, K].
 *
 * Papandreou et al. 2017, arxiv.org/abs/1701.01779, section 2.3. Pixels with NaN do not vote.
 *
 * @throws RangeError when the array's length and the shape disagree, or the radius is not positive.
 * @example const votes = houghVotes({ heatmaps: await maps.data(), shape: [353, 257, 51] }, { radius: 25 });
 */
export function houghVotes(maps: HeatmapArray, { radius, order = 'planar' }: HoughOptions): HeatmapArray {
  assertOffsetMaps('houghVotes', maps);
  if (!(radius > 0)) throw new RangeError(`houghVotes: radius must be positive. Received: ${radius}.`);
  const { heatmaps, shape } = maps;
  const [height, width, channels] = shape;
  const K = channels / 3;
  const votes = new Float32Array(height * width * K);
  const scale = 1 / (Math.PI * radius * radius);
  for (let k = 0; k < K; k++) {
    const [heat, dx, dy] = offsetChannels(order, K, k);
    const add = (x: number, y: number, vote: number): void => {
      if (x >= 0 && x < width && y >= 0 && y < height) votes[(y * width + x) * K + k]! += vote;
    };
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at += channels) {
        const vote = heatmaps[at + heat]! * scale;
        const [toX, toY] = [x + heatmaps[at + dx]!, y + heatmaps[at + dy]!];
        if (!(vote > 0 && toX > -1 && toX < width && toY > -1 && toY < height)) continue;
        const [left, top] = [Math.floor(toX), Math.floor(toY)];
        const [right, bottom] = [toX - left, toY - top];
        add(left, top, vote * (1 - right) * (1 - bottom));
        add(left + 1, top, vote * right * (1 - bottom));
        add(left, top + 1, vote * (1 - right) * bottom);
        add(left + 1, top + 1, vote * right * bottom);
      }
    }
  }
  return { heatmaps: votes, shape: [height, width, K] };
}

/**
 * The pixel with the most votes, and its votes as score. See {@link houghVotes}; a map without votes decodes to (0, 0) with score 0.
 *
 * @throws RangeError as {@link houghVotes} does.
 * @example const { xy, score } = houghDecode({ heatmaps, shape: [353, 257, 51] }, { radius: 25 });
 */
export function houghDecode(maps: HeatmapArray, options: HoughOptions): Cells {
  const votes = houghVotes(maps, options);
  return peakCells(findPeaks(votes), votes.shape[1]);
}

/**
 * PoseNet's decoding, without votes: the cell of a heatmap's largest logit, times the stride, plus the offset at that cell. Score: the logit's sigmoid.
 * Maps [H, W, 3K] of logits and offsets in pixels → pixels.
 *
 * Follows single-pose decoding of github.com/tensorflow/tfjs-models, whose offsets have y before x: `order: 'planar-yx'`.
 *
 * @throws RangeError when the array's length and the shape disagree, or the stride is not positive.
 * @example const { xy, score } = offsetArgmax({ heatmaps, shape: [33, 25, 51] }, { stride: 8, order: 'planar-yx' });
 */
export function offsetArgmax(
  maps: HeatmapArray,
  { stride, order = 'planar' }: { readonly stride: number; readonly order?: OffsetOrder },
): Cells {
  assertOffsetMaps('offsetArgmax', maps);
  if (!(stride > 0)) throw new RangeError(`offsetArgmax: stride must be positive. Received: ${stride}.`);
  const { heatmaps, shape } = maps;
  const [, width, channels] = shape;
  const K = channels / 3;
  const { values, cells } = findPeaks(maps);
  const xy = new Float32Array(2 * K);
  const score = new Float32Array(K);
  for (let k = 0; k < K; k++) {
    const [heat, dx, dy] = offsetChannels(order, K, k);
    const cell = cells[heat]!;
    score[k] = 1 / (1 + Math.exp(-values[heat]!));
    xy[2 * k] = (cell % width) * stride + heatmaps[cell * channels + dx]!;
    xy[2 * k + 1] = Math.floor(cell / width) * stride + heatmaps[cell * channels + dy]!;
  }
  return { xy, score };
}
