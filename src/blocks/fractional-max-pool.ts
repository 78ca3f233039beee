import * as tf from '@tensorflow/tfjs-core';
import { knownOptions } from '../bytes';
import { seededRandom } from '../random';
import { apply } from './apply';
import type { Block } from './block';
import { Layer } from './layer';

/** Configuration of {@link FractionalMaxPooling2D}, as it is saved. */
export interface FractionalMaxPoolOptions {
  /** Output size divided by input size, between 0 and 1; sizes are rounded down. */
  ratio: number;
  /** Offset of the windows, in [0, 1). @defaultValue 0.5 */
  phase?: number;
  /**
   * Seed of the phases that each training step draws for every image, channel and axis, as PyTorch and Torch do; inference uses `phase`. null draws nothing.
   * The draws depend on the seed and the number of the training step. `fit` counts the steps of the whole run, so a resumed run draws the same; in your own
   * loop set {@link FractionalMaxPooling2D.draws}. `checkpoint` must not recompute this layer.
   * @defaultValue null
   */
  seed?: number | null;
}

/**
 * @internal The first of the two pixels of each window along an axis: ⌊(i + phase) · a⌋ − ⌊phase · a⌋ with a = (from − 2) / (to − 1); the last window is at the end.
 * The starts increase strictly. Graham, "Fractional Max-Pooling", 2014 (arXiv:1412.6071); the rule is that of Torch and PyTorch.
 *
 * @throws RangeError when the windows do not fit.
 * @example fractionalWindows(10, 7, 0.5) // [0, 2, 3, 4, 6, 7, 8]
 */
export function fractionalWindows(from: number, to: number, phase: number): number[] {
  if (!(Number.isInteger(from) && Number.isInteger(to) && to >= 1 && to < from)) {
    throw new RangeError(
      `fractionalWindows: to must be an integer from 1 to from − 1. Received: from=${from}, to=${to}. A map of one pixel cannot be pooled.`,
    );
  }
  const step = (from - 2) / Math.max(to - 1, 1);
  const before = Math.trunc(phase * step);
  return Array.from({ length: to }, (_, i) => (i === to - 1 ? from - 2 : Math.trunc((i + phase) * step) - before));
}

/** `x` at `indices` of an axis. The indices differ, so the gradient is a gather too: from dy and a zero. */
function takeDistinct(x: tf.Tensor, indices: Int32Array, axis: number): tf.Tensor {
  const length = x.shape[axis]!;
  const op = tf.customGrad((input) => ({
    value: tf.gather(input as tf.Tensor, tf.tensor1d(indices, 'int32'), axis),
    gradFunc: (dy: tf.Tensor) => {
      const inverse = new Int32Array(length).fill(indices.length);
      indices.forEach((at, i) => (inverse[at] = i));
      const zero = tf.zeros(dy.shape.map((size, i) => (i === axis ? 1 : size)));
      return tf.gather(tf.concat([dy, zero], axis), tf.tensor1d(inverse, 'int32'), axis);
    },
  }));
  return op(x);
}

/** The maximum of 2×2 pixels at every position: [N, H, W, C] → [N, H − 1, W − 1, C]. */
const everyWindow = (x: tf.Tensor4D): tf.Tensor4D => tf.maxPool(x, 2, 1, 'valid');

/**
 * @internal Max pooling of 2×2 windows that begin at the given rows and columns, the same for all images and channels:
 * [N, H, W, C] → [N, rows, columns, C].
 */
export function poolWindows(x: tf.Tensor4D, rows: readonly number[], columns: readonly number[]): tf.Tensor4D {
  const byRow = takeDistinct(everyWindow(x), Int32Array.from(rows), 1);
  return takeDistinct(byRow, Int32Array.from(columns), 2) as tf.Tensor4D;
}

/** The same with a separate phase for every image, channel and axis. */
function poolAtRandom(x: tf.Tensor4D, [height, width]: readonly [number, number], next: () => number): tf.Tensor4D {
  const [batch, fromHeight, fromWidth, channels] = x.shape;
  const index = new Int32Array(batch * height * width * channels);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const rows = fractionalWindows(fromHeight, height, next());
      const columns = fractionalWindows(fromWidth, width, next());
      rows.forEach((row, i) =>
        columns.forEach((column, j) => {
          index[((n * height + i) * width + j) * channels + c] =
            ((n * (fromHeight - 1) + row) * (fromWidth - 1) + column) * channels + c;
        }),
      );
    }
  }
  const flat = tf.reshape(everyWindow(x), [-1]);
  return tf.reshape(takeDistinct(flat, index, 0), [batch, height, width, channels]) as tf.Tensor4D;
}

type Shape = (number | null)[];

/** Fractional max pooling of 2×2 windows as a layer; see {@link fractionalMaxPool}. */
export class FractionalMaxPooling2D extends Layer {
  static readonly className = 'PoseBlocks>FractionalMaxPooling2D';
  readonly config: Required<FractionalMaxPoolOptions>;
  /** Training passes so far; the next draw depends on the seed and this count. */
  draws = 0;

  constructor({ ratio, phase = 0.5, seed = null, ...options }: FractionalMaxPoolOptions & { name?: string }) {
    super(options);
    this.config = { ratio, phase, seed };
  }

  override computeOutputShape(shape: Shape | Shape[]): Shape {
    const [batch = null, height = null, width = null, channels = null] = shape as Shape;
    const size = (length: number | null): number | null =>
      length === null ? null : Math.floor(length * this.config.ratio);
    return [batch, size(height), size(width), channels];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training }: { training?: boolean } = {}): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
    const { seed } = this.config;
    const [, height, width] = this.computeOutputShape(x.shape) as [number, number, number, number];
    return tf.tidy(() => {
      if (training && seed !== null) {
        const random = seededRandom(seed, this.draws++);
        return poolAtRandom(x, [height, width], () => random.next());
      }
      const { rows, columns } = this.windows(x.shape[1], x.shape[2]);
      return poolWindows(x, rows, columns);
    });
  }

  /** The first pixels of the windows at the fixed phase, for a map of that size. */
  windows(height: number, width: number): { rows: number[]; columns: number[] } {
    const { ratio, phase } = this.config;
    const along = (from: number): number[] => fractionalWindows(from, Math.floor(from * ratio), phase);
    return { rows: along(height), columns: along(width) };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.config };
  }
}

/**
 * Fractional max pooling (Graham 2014): 2×2 windows, spaced so that sizes shrink by a ratio that need not be an integer.
 * [N, H, W, C] → [N, ⌊H · ratio⌋, ⌊W · ratio⌋, C].
 *
 * Torch and PyTorch draw the phase for every image, channel and axis, at test time too, so a published result cannot be reproduced exactly. Here the phase is
 * fixed; with a `seed` it is drawn in training only.
 *
 * @throws RangeError when the ratio is not between 0 and 1, the phase is not in [0, 1), the seed is not an integer, or the map has fewer than two pixels per side.
 * @example fractionalMaxPool({ ratio: 2 ** -0.25 })(x, 'pyra.0.pool')
 */
export function fractionalMaxPool(options: FractionalMaxPoolOptions): Block {
  const { ratio, phase = 0.5, seed = null } = knownOptions('fractionalMaxPool', options, ['ratio', 'phase', 'seed']);
  if (!(ratio > 0 && ratio < 1)) {
    throw new RangeError(`fractionalMaxPool: ratio must be between 0 and 1. Received: ${ratio}.`);
  }
  if (!(phase >= 0 && phase < 1)) {
    throw new RangeError(`fractionalMaxPool: phase must be in [0, 1). Received: ${phase}.`);
  }
  if (seed !== null && !Number.isSafeInteger(seed)) {
    throw new RangeError(`fractionalMaxPool: seed must be an integer or null. Received: ${seed}.`);
  }
  return (x, name) => {
    const [, height, width] = x.shape;
    if ([height, width].some((size) => size != null && (size < 2 || Math.floor(size * ratio) < 1))) {
      throw new RangeError(
        `${name}: height and width must be at least one pixel after pooling by ${ratio}. Received: [${x.shape.join(', ')}].`,
      );
    }
    return apply(new FractionalMaxPooling2D({ ratio, phase, seed, name }), x);
  };
}
