import * as tf from '@tensorflow/tfjs-core';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { stopGradient } from '../engines';
import { apply } from './apply';
import type { Block } from './block';
import { weightedRows } from './weighted-rows';
import { Layer } from './layer';

/**
 * The inverse of an affine map: γ = [A⁻¹ | −A⁻¹ t] of θ = [A | t]. [N, 2, 3] → [N, 2, 3], differentiable; infinite where A has no inverse.
 * Fang et al., "RMPE", 2017 (arXiv:1612.00137), equations 4 and 5.
 *
 * @param theta [N, 2, 3]
 * @example inverseAffine(tf.tensor3d([[[2, 0, 0.5], [0, 2, 0]]])) // [[[0.5, 0, −0.25], [0, 0.5, 0]]]
 */
export function inverseAffine(theta: tf.Tensor3D): tf.Tensor3D {
  return tf.tidy(() => {
    const [a, b, s, c, d, t] = tf.split(tf.reshape(theta, [-1, 6]), 6, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]; // prettier-ignore
    const determinant = tf.sub(tf.mul(a, d), tf.mul(b, c));
    const [p, q, r, u] = [d, tf.neg(b), tf.neg(c), a].map((each) => tf.div(each, determinant)) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]; // prettier-ignore
    const shift = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => tf.neg(tf.add(tf.mul(x, s), tf.mul(y, t)));
    return tf.reshape(tf.concat([p, q, shift(p, q), r, u, shift(r, u)], 1), theta.shape);
  });
}

/** −1 … 1 from the centre of the first pixel to that of the last. */
const axis = (length: number): number[] =>
  Array.from({ length }, (_, i) => (length > 1 ? (2 * i) / (length - 1) - 1 : 0));

/**
 * Samples each image through a separate affine map: the result's pixel at (y, x) is the bilinear value at θ · (y, x, 1), zero outside.
 * Coordinates run from −1 to 1 between the centres of the corner pixels, **y first**, as in Torch's `stn`. x [N, H, W, C], θ [N, 2, 3] → [N, H, W, C];
 * both have gradients.
 *
 * Jaderberg et al., "Spatial Transformer Networks", 2015 (arXiv:1506.02025), equations 1 to 5. PyTorch's `affine_grid` has x first: swap the rows of θ
 * and its first two columns.
 *
 * @param theta θ, [N, 2, 3]
 * @throws RangeError when θ is not [N, 2, 3] for the map's N.
 * @example affineSample(images, tf.tensor3d([[[1, 0, 0], [0, 1, 0]]])) // the images themselves
 */
export function affineSample(x: tf.Tensor4D, theta: tf.Tensor3D): tf.Tensor4D {
  const [N, height, width, channels] = x.shape;
  if (x.rank !== 4 || theta.shape.join() !== `${N},2,3`) {
    throw new RangeError(
      `affineSample: x must be [N, H, W, C] and theta [N, 2, 3]. Received: [${x.shape.join(', ')}] and [${theta.shape.join(', ')}].`,
    );
  }
  return tf.tidy(() => {
    const [ys, xs] = [axis(height), axis(width)];
    const grid = tf.tensor2d(ys.flatMap((y) => xs.map((x) => [y, x, 1]))); // [H·W, 3]
    const rows = tf
      .split(tf.reshape(theta, [N * 2, 3]), N * 2, 0)
      .map((row) => tf.matMul(grid, row as tf.Tensor2D, false, true));
    const places = (which: 0 | 1, length: number): tf.Tensor => {
      const own = tf.stack(rows.filter((_, i) => i % 2 === which).map((row) => tf.reshape(row, [height * width])));
      return tf.mul(tf.add(own, 1), (length - 1) / 2); // [N, H·W]
    };
    const along = (place: tf.Tensor, length: number) => {
      const low = tf.floor(place);
      const share = tf.sub(place, low);
      const corner = (at: tf.Tensor, weight: tf.Tensor) => {
        // Whether a corner is inside has no gradient, and tfjs defines none for `logicalAnd`.
        const inside = stopGradient(at, (pixel) =>
          tf.cast(tf.logicalAnd(tf.greaterEqual(pixel, 0), tf.lessEqual(pixel, length - 1)), 'float32'),
        );
        return { at: tf.clipByValue(at, 0, length - 1), weight: tf.mul(weight, inside) };
      };
      return [corner(low, tf.sub(1, share)), corner(tf.add(low, 1), share)];
    };
    const [down, across] = [along(places(0, height), height), along(places(1, width), width)];
    const first = tf.reshape(tf.range(0, N, 1, 'float32'), [N, 1]);
    const corners = down.flatMap((row) =>
      across.map((column) => ({
        index: tf.add(tf.mul(tf.add(tf.mul(first, height), row.at), width), column.at),
        weight: tf.mul(row.weight, column.weight),
      })),
    );
    const flat = (parts: tf.Tensor[]): tf.Tensor2D => tf.reshape(tf.stack(parts, 2), [N * height * width, 4]);
    const index = tf.cast(flat(corners.map((corner) => corner.index)), 'int32') as tf.Tensor2D;
    const table = tf.reshape(x, [N * height * width, channels]) as tf.Tensor2D;
    const y = weightedRows(table, index, flat(corners.map(({ weight }) => weight)), { weightGradient: true });
    return tf.reshape(y, x.shape);
  });
}

/** Options of {@link spatialTransformer}. */
export interface SpatialTransformerOptions {
  /** Applies the inverse of θ, see {@link inverseAffine}: RMPE's SDTN. @defaultValue false */
  inverse?: boolean;
}

type Shape = (number | null)[];

/** {@link affineSample} as a layer: a map [N, H, W, C] and θ [N, 6] → [N, H, W, C]. */
export class SpatialTransformer extends Layer {
  static readonly className = 'PoseBlocks>SpatialTransformer';
  readonly inverse: boolean;

  constructor({ inverse = false, ...options }: SpatialTransformerOptions & { name?: string }) {
    super(options);
    this.inverse = inverse;
  }

  override computeOutputShape(shapes: Shape | Shape[]): Shape {
    return (shapes as Shape[])[0]!;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x, theta] = inputs as [tf.Tensor4D, tf.Tensor2D];
    return tf.tidy(() => {
      const affine = tf.reshape(theta, [-1, 2, 3]) as tf.Tensor3D;
      return affineSample(x, this.inverse ? inverseAffine(affine) : affine);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), inverse: this.inverse };
  }
}

/**
 * One half of RMPE's symmetric pair (Fang et al. 2017, section 3.1): [map, θ] → the map transformed by θ (SSTN) or, with `inverse`, by its inverse (SDTN).
 * Map [N, H, W, C], θ [N, 6]: the rows of [2, 3] in (y, x, 1).
 *
 * @throws TypeError for an option that does not exist, with the nearest that does.
 * @example const upright = spatialTransformer()([image, theta], 'stn');
 */
export function spatialTransformer(
  options: SpatialTransformerOptions = {},
): Block<readonly SymbolicTensor[], SymbolicTensor> {
  const { inverse = false } = knownOptions('spatialTransformer', options, ['inverse']);
  return (inputs, name) => apply(new SpatialTransformer({ inverse, name }), [...inputs]);
}
