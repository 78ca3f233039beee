import type { Box, Keypoints } from '../keypoints';
import { assertMaps, type HeatmapArray } from './decoder';

/**
 * Weights of the four pixels around a position, `share` behind the second, with PyTorch's and OpenCV's a = −0.75:
 * (a + 2)d³ − (a + 3)d² + 1 within a pixel, a·d³ − 5a·d² + 8a·d − 4a beyond.
 */
const cubic = (share: number): number[] =>
  [share + 1, share, 1 - share, 2 - share].map((d) =>
    d > 1 ? ((3.75 - 0.75 * d) * d - 6) * d + 3 : (1.25 * d - 2.25) * d * d + 1,
  );

/** Four positions and weights for each of `to` outputs along an axis of `from`; pixels beyond the edge repeat it. */
function taps(from: number, to: number): { at: Int32Array; weights: Float32Array } {
  const at = new Int32Array(4 * to);
  const weights = new Float32Array(4 * to);
  for (let i = 0; i < to; i++) {
    const place = ((i + 0.5) * from) / to - 0.5;
    const low = Math.floor(place);
    cubic(place - low).forEach((weight, t) => {
      at[4 * i + t] = Math.min(from - 1, Math.max(0, low - 1 + t));
      weights[4 * i + t] = weight;
    });
  }
  return { at, weights };
}

/**
 * Mask R-CNN's decoding of one box: resizes each map of logits to the box's size in whole pixels by bicubic interpolation (a = −0.75, half-pixel
 * centres); the centre of its largest pixel, scaled back, is the keypoint. The score is the logit there, not a probability.
 *
 * Follows torchvision's `heatmaps_to_keypoints`. Boxes narrower than a pixel count as one pixel. NaN is not checked.
 *
 * @param maps `[H, W, K]` of one box
 * @param box `[x, y, width, height]` in pixels of the image
 * @throws RangeError when the array's length and the shape disagree, or the box is not finite.
 * @example
 * const [, height, width, K] = logits.shape;
 * const pose = roiHeatmapDecode({ heatmaps: await logits.data(), shape: [height, width, K] }, box);
 */
export function roiHeatmapDecode(maps: HeatmapArray, [x, y, width, height]: Box): Keypoints<'image'> {
  assertMaps('roiHeatmapDecode', maps);
  if (![x, y, width, height].every(Number.isFinite)) {
    throw new RangeError(
      `roiHeatmapDecode: box must be [x, y, width, height], finite. Received: [${x}, ${y}, ${width}, ${height}].`,
    );
  }
  const {
    heatmaps,
    shape: [rows, columns, K],
  } = maps;
  const w = Math.max(width, 1);
  const h = Math.max(height, 1);
  const toWidth = Math.ceil(w);
  const toHeight = Math.ceil(h);
  const down = taps(rows, toHeight);
  const across = taps(columns, toWidth);
  const best = new Float32Array(K).fill(-Infinity);
  const cells = new Int32Array(K);
  // Horizontally first, all rows once; then vertically, one row of the result at a time.
  const wide = new Float32Array(rows * toWidth * K);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < toWidth; i++)
      for (let t = 0; t < 4; t++) {
        const weight = across.weights[4 * i + t]!;
        const from = (row * columns + across.at[4 * i + t]!) * K;
        const to = (row * toWidth + i) * K;
        for (let k = 0; k < K; k++) wide[to + k]! += weight * heatmaps[from + k]!;
      }
  const line = new Float32Array(toWidth * K);
  for (let j = 0; j < toHeight; j++) {
    line.fill(0);
    for (let t = 0; t < 4; t++) {
      const weight = down.weights[4 * j + t]!;
      const from = down.at[4 * j + t]! * toWidth * K;
      for (let i = 0; i < line.length; i++) line[i]! += weight * wide[from + i]!;
    }
    for (let i = 0; i < toWidth; i++)
      for (let k = 0; k < K; k++)
        if (line[i * K + k]! > best[k]!) {
          best[k] = line[i * K + k]!;
          cells[k] = j * toWidth + i;
        }
  }
  const xy = new Float32Array(2 * K);
  cells.forEach((cell, k) => {
    xy[2 * k] = x + ((cell % toWidth) + 0.5) * (w / toWidth);
    xy[2 * k + 1] = y + (Math.floor(cell / toWidth) + 0.5) * (h / toHeight);
  });
  return { frame: 'image', xy, score: best };
}
