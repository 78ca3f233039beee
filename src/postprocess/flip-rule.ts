import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** The values of a tensor as a plain array, row-major, and its shape, N first. */
export interface TensorArray {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/**
 * How to convert an output for the mirrored input to one for the input: reverse an axis, shift, swap left and right, change signs.
 * Both forms of the flip test, {@link flipMean} on the device and {@link flipMeanArray} on arrays, follow the same rule.
 */
export interface FlipRule {
  /** The axis of x, which is reversed; absent where no axis is x. */
  readonly reverse?: number;
  /** Cells by which the reversed output moves towards larger x; values beyond the end are dropped, and gaps take the border's value. @defaultValue 0 */
  readonly shift?: number;
  /** Along `axis`, position i takes the value from `order[i]`. */
  readonly exchange: { readonly axis: number; readonly order: readonly number[] };
  /** Along the last axis, each value becomes `value · scale + offset`. */
  readonly affine?: { readonly scale: readonly number[]; readonly offset: readonly number[] };
}

/**
 * The mean of an output and of the output for the mirrored input, mirrored back by a rule; on the device. It disposes neither.
 *
 * @throws RangeError when the shapes differ, or the number of keypoints differs from the rule's.
 * @example const averaged = flipMean(heatmaps, mirrored, { reverse: 2, exchange: { axis: 3, order: mirrorOrder(COCO) } });
 */
export function flipMean<T extends Tensor>(output: T, mirrored: Tensor, rule: FlipRule): T {
  check('flipMean', output.shape, mirrored.shape, rule);
  return tf.tidy(() => tf.mul(tf.add(output, turned(mirrored, rule)), 0.5) as T);
}

/** Mirrors an output for the mirrored input back by a rule; on the device. */
export function turned(mirrored: Tensor, { reverse, shift = 0, exchange, affine }: FlipRule): Tensor {
  return tf.tidy(() => {
    let back = mirrored;
    if (reverse !== undefined) back = moved(tf.reverse(back, reverse), reverse, shift);
    back = tf.gather(back, tf.tensor1d([...exchange.order], 'int32'), exchange.axis);
    return affine ? tf.add(tf.mul(back, tf.tensor1d([...affine.scale])), tf.tensor1d([...affine.offset])) : back;
  });
}

/** Shifts along an axis; the border's values fill the gap. */
function moved(x: Tensor, axis: number, shift: number): Tensor {
  if (shift === 0) return x;
  const length = x.shape[axis]!;
  const part = (from: number, size: number): Tensor => {
    const begin = x.shape.map((_, i) => (i === axis ? from : 0));
    return tf.slice(x, begin, x.shape.map((all, i) => (i === axis ? size : all))); // prettier-ignore
  };
  const by = Math.min(Math.abs(shift), length - 1);
  const border = part(shift > 0 ? 0 : length - 1, 1);
  const free = Array.from({ length: by }, () => border);
  const kept = part(shift > 0 ? 0 : by, length - by);
  return tf.concat(shift > 0 ? [...free, kept] : [kept, ...free], axis);
}

/**
 * {@link flipMean} on plain arrays, into a new array.
 *
 * @param output of the network for the images
 * @throws RangeError as {@link flipMean} does.
 * @example const averaged = flipMeanArray(heatmaps, mirrored, { reverse: 2, exchange: { axis: 3, order: mirrorOrder(COCO) } });
 */
export function flipMeanArray(output: TensorArray, mirrored: TensorArray, rule: FlipRule): TensorArray {
  check('flipMeanArray', output.shape, mirrored.shape, rule);
  const { reverse, shift = 0, exchange, affine } = rule;
  const { shape } = output;
  const steps = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  // For each axis, the source offset of each position of the result.
  const places = shape.map((length, axis) =>
    Int32Array.from({ length }, (_, i) => {
      let from = i;
      if (axis === reverse) from = length - 1 - Math.min(length - 1, Math.max(0, i - shift));
      if (axis === exchange.axis) from = exchange.order[i]!;
      return from * steps[axis]!;
    }),
  );
  const values = new Float32Array(output.values.length);
  const last = places.at(-1)!;
  let at = 0;
  const row = (source: number): void => {
    for (let i = 0; i < last.length; i++, at++) {
      const value = mirrored.values[source + last[i]!]!;
      const back = affine ? value * affine.scale[i]! + affine.offset[i]! : value;
      values[at] = 0.5 * (output.values[at]! + back);
    }
  };
  const descend = (axis: number, source: number): void => {
    if (axis === shape.length - 1) return row(source);
    for (const place of places[axis]!) descend(axis + 1, source + place);
  };
  descend(0, 0);
  return { values, shape };
}

function check(
  where: string,
  shape: readonly number[],
  mirrored: readonly number[],
  { exchange: { axis, order } }: FlipRule,
): void {
  if (shape.join() !== mirrored.join() || shape[axis] !== order.length) {
    throw new RangeError(
      `${where}: both outputs must have one shape, with ${order.length} keypoints along axis ${axis}. ` +
        `Received: [${shape.join(', ')}] and [${mirrored.join(', ')}]. Is the keypoint set the network's?`,
    );
  }
}
