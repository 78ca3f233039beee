import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { apply } from './apply';
import type { Block } from './block';
import { Layer } from './layer';

/**
 * Where a resized pixel lies on the map that it is read from, along an axis of `from` pixels that becomes `to`:
 *
 * - `'legacy'`: `i · from / to`, TensorFlow 1's `resize_bilinear`;
 * - `'alignCorners'`: `i · (from − 1) / (to − 1)`, the first and last pixels stay where they are (PyTorch's `align_corners=True`);
 * - `'halfPixel'`: `(i + ½) · from / to − ½`, pixels are areas (PyTorch's default, OpenCV's).
 */
export type ResizeMode = 'legacy' | 'alignCorners' | 'halfPixel';

/** Configuration of {@link ResizeBilinear}, as it is saved. */
export interface ResizeBilinearConfig {
  /** [height, width] in pixels. */
  size: readonly [height: number, width: number];
  mode: ResizeMode;
}

type Shape = (number | null)[];

/** @internal Bilinear resizing of a map, [N, H, W, C] → [N, height, width, C], on the device, differentiable. */
export function resizeMap(x: tf.Tensor4D, [height, width]: readonly [number, number], mode: ResizeMode): tf.Tensor4D {
  return tf.image.resizeBilinear(x, [height, width], mode === 'alignCorners', mode === 'halfPixel');
}

/**
 * Bilinear resizing to a fixed size, in each of the three conventions; tfjs-layers' `upSampling2d` has only the legacy one and whole factors.
 * Its gradient is right once an engine is chosen by `useEngine`, which replaces the one of tfjs 4.22 that ignores half-pixel centres.
 */
export class ResizeBilinear extends Layer {
  static readonly className = 'PoseBlocks>ResizeBilinear';
  readonly config: ResizeBilinearConfig;

  constructor({ size, mode, ...options }: ResizeBilinearConfig & { name?: string }) {
    super(options as ConstructorParameters<typeof layers.Layer>[0]);
    this.config = { size, mode };
  }

  override computeOutputShape(shape: Shape | Shape[]): Shape {
    const [batch, , , channels] = shape as Shape;
    return [batch ?? null, ...this.config.size, channels ?? null];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
    return tf.tidy(() => resizeMap(x, this.config.size, this.config.mode));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), size: [...this.config.size], mode: this.config.mode };
  }
}

/**
 * Resizes a map to a size given at building: [N, H, W, C] → [N, height, width, C]. A map that has that size already is returned as it is.
 *
 * @throws RangeError when the size is not of positive integers, or the mode is unknown.
 * @example resizeBilinear({ size: [64, 48], mode: 'alignCorners' })(coarse, 'global_net.upsamples.0.0')
 */
export function resizeBilinear(options: ResizeBilinearConfig): Block {
  const { size, mode } = knownOptions('resizeBilinear', options, ['size', 'mode']);
  return (x, name) => {
    if (!size.every((length) => Number.isInteger(length) && length > 0)) {
      throw new RangeError(
        `${name}: the size of resizing must be [height, width] in pixels. Received: [${size.join(', ')}].`,
      );
    }
    if (mode !== 'legacy' && mode !== 'alignCorners' && mode !== 'halfPixel') {
      throw new RangeError(
        `${name}: the mode of resizing must be legacy, alignCorners or halfPixel. Received: ${String(mode)}.`,
      );
    }
    if (x.shape[1] === size[0] && x.shape[2] === size[1]) return x;
    return apply(new ResizeBilinear({ size, mode, name }), x);
  };
}
