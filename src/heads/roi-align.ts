import * as tf from '@tensorflow/tfjs-core';
import { weightedRows } from '../blocks';

/** Options of {@link roiAlign}. */
export interface RoiAlignOptions {
  /** [height, width] of the result, in cells. */
  readonly size: readonly [height: number, width: number];
  /** Image pixels per cell of each map, one per map: [4] for one map, [4, 8, 16, 32] for a pyramid. */
  readonly strides: readonly number[];
  /** Samples along each side of a result cell. @defaultValue 2 */
  readonly samplingRatio?: number;
}

/** The sizes and strides of all levels, as constants on the device. */
const column = (values: readonly number[]): tf.Tensor1D => tf.tensor1d([...values], 'float32');

/**
 * The map that each box is read from: ⌊4 + log₂(√(width · height) / 224) + 10⁻⁶⌋ where level 2 has stride 4, clamped to the existing levels.
 * Boxes [R, 4] → [R], counted from 0. Lin et al. 2017, equation 1, as torchvision's `LevelMapper`.
 *
 * @example const levels = roiLevels(tf.tensor2d([[0, 0, 224, 224]]), [4, 8, 16, 32]); // [2]
 */
export function roiLevels(boxes: tf.Tensor2D, strides: readonly number[]): tf.Tensor1D {
  const [first, last] = [Math.log2(strides[0]!), Math.log2(strides.at(-1)!)];
  return tf.tidy(() => {
    const [x1, y1, x2, y2] = tf.unstack(boxes, 1) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
    const side = tf.sqrt(tf.maximum(tf.mul(tf.sub(x2, x1), tf.sub(y2, y1)), 0));
    const octaves = tf.div(tf.log(tf.maximum(tf.div(side, 224), 1e-12)), Math.LN2);
    const level = tf.floor(tf.add(octaves, 4 + 1e-6));
    return tf.cast(tf.sub(tf.clipByValue(level, first, last), first), 'int32') as tf.Tensor1D;
  });
}

/** The sample positions along an axis, [R, samples]: the pixels below and above and the weight of each, 0 where the sample lies outside. */
function sampleAxis(start: tf.Tensor1D, length: tf.Tensor1D, limit: tf.Tensor1D, bins: number, ratio: number) {
  const steps = tf.tensor2d(
    Array.from({ length: bins * ratio }, (_, i) => (i + 0.5) / (bins * ratio)),
    [1, bins * ratio],
  );
  const turned = (x: tf.Tensor1D): tf.Tensor2D => tf.reshape(x, [-1, 1]);
  const size = turned(limit);
  const at = tf.add(turned(start), tf.mul(turned(length), steps));
  const inside = tf.cast(tf.logicalAnd(tf.greaterEqual(at, -1), tf.lessEqual(at, size)), 'float32');
  const last = tf.sub(size, 1);
  const clamped = tf.minimum(tf.maximum(at, 0), last);
  const low = tf.floor(clamped);
  const share = tf.sub(clamped, low);
  return {
    low,
    high: tf.minimum(tf.add(low, 1), last),
    lowWeight: tf.mul(tf.sub(1, share), inside),
    highWeight: tf.mul(share, inside),
  };
}

/**
 * RoIAlign (He et al., "Mask R-CNN", 2017, arXiv:1703.06870): resamples the content of each box to one size. Each cell of the result is the mean of
 * `samplingRatio²` bilinear samples; nothing is rounded. With several maps, {@link roiLevels} chooses the map of each box.
 *
 * - `maps`: [N, Hₗ, Wₗ, C] each; `boxes`: [R, 4], x₁, y₁, x₂, y₂ in pixels of the image; `images`: [R], the index of each box's image.
 * - Returns [R, height, width, C]. Maps have a gradient; boxes have none, as in torchvision.
 *
 * Equal to torchvision's `roi_align(aligned=False)` and `MultiScaleRoIAlign`: no shift by half a pixel, boxes at least one cell wide, samples up to one pixel
 * outside clamped and 0 beyond. tfjs' `cropAndResize` is a different function: one sample per cell, on a grid from corner to corner.
 *
 * @throws RangeError when the numbers of strides and maps differ, or a shape is not one of those above.
 * @example roiAlign([p2, p3, p4, p5], boxes, tf.zeros([3], 'int32'), { size: [14, 14], strides: [4, 8, 16, 32] })
 */
export function roiAlign(
  maps: readonly tf.Tensor4D[],
  boxes: tf.Tensor2D,
  images: tf.Tensor1D,
  { size: [height, width], strides, samplingRatio = 2 }: RoiAlignOptions,
): tf.Tensor4D {
  const channels = maps[0]?.shape[3];
  if (maps.length === 0 || maps.length !== strides.length || maps.some((map) => map.shape[3] !== channels)) {
    throw new RangeError(
      `roiAlign: maps must be one or more with the same channels and one stride each. Received: [${maps.map(({ shape }) => `[${shape}]`).join(', ')}] and strides [${strides}].`,
    );
  }
  if (boxes.rank !== 2 || boxes.shape[1] !== 4 || images.rank !== 1 || images.shape[0] !== boxes.shape[0]) {
    throw new RangeError(
      `roiAlign: boxes must be [R, 4] and images [R]. Received: [${boxes.shape}] and [${images.shape}].`,
    );
  }
  return tf.tidy(() => {
    const areas = maps.map(({ shape: [n, h, w] }) => n * h * w);
    const level = roiLevels(boxes, strides);
    const of = (values: readonly number[]): tf.Tensor1D => tf.gather(column(values), level);
    const first = of(areas.map((_, i) => areas.slice(0, i).reduce((a, b) => a + b, 0)));
    const [rows, columns] = [of(maps.map(({ shape }) => shape[1])), of(maps.map(({ shape }) => shape[2]))];
    const scale = of(strides.map((stride) => 1 / stride));
    const [x1, y1, x2, y2] = tf.unstack(boxes, 1).map((each) => tf.mul<tf.Tensor1D>(each, scale));
    const x = sampleAxis(x1!, tf.maximum(tf.sub(x2!, x1!), 1), columns, width, samplingRatio);
    const y = sampleAxis(y1!, tf.maximum(tf.sub(y2!, y1!), 1), rows, height, samplingRatio);

    const R = boxes.shape[0];
    const [down, across] = [height * samplingRatio, width * samplingRatio];
    const start = tf.reshape(tf.add(first, tf.mul(tf.cast(images, 'float32'), tf.mul(rows, columns))), [R, 1, 1]);
    const pitch = tf.reshape(columns, [R, 1, 1]);
    const [byRow, byColumn] = [
      (each: tf.Tensor) => tf.reshape(each, [R, down, 1]),
      (each: tf.Tensor) => tf.reshape(each, [R, 1, across]),
    ];
    const corners = [y.low, y.high].flatMap((row) =>
      [x.low, x.high].map((at) => tf.add(tf.add(start, tf.mul(byRow(row), pitch)), byColumn(at))),
    );
    const shares = [y.lowWeight, y.highWeight].flatMap((row) =>
      [x.lowWeight, x.highWeight].map((at) => tf.mul(tf.mul(byRow(row), byColumn(at)), 1 / samplingRatio ** 2)),
    );
    /** [R, down, across] four times → [R · height · width, samples · samples · 4]. */
    const byCell = (parts: tf.Tensor[]): tf.Tensor2D => {
      const split = tf.reshape(tf.stack(parts, 3), [R * height, samplingRatio, width, samplingRatio * 4]);
      return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [R * height * width, samplingRatio ** 2 * 4]);
    };
    const table = tf.concat(maps.map((map) => tf.reshape(map, [-1, channels!]) as tf.Tensor2D));
    const out = weightedRows(table, tf.cast(byCell(corners), 'int32'), byCell(shares));
    return tf.reshape(out, [R, height, width, channels!]) as tf.Tensor4D;
  });
}
