import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { apply } from './apply';
import type { Block } from './block';
import { Layer } from './layer';

/**
 * How a resized pixel i maps to a position on the source map, along an axis of `from` pixels that becomes `to`:
 *
 * - `'legacy'`: `i · from / to`, TensorFlow 1's `resize_bilinear`;
 * - `'alignCorners'`: `i · (from − 1) / (to − 1)`, the first and last pixels keep their positions (PyTorch's `align_corners=True`);
 * - `'halfPixel'`: `(i + ½) · from / to − ½`, pixels are areas (PyTorch's default, OpenCV's).
 */
export type ResizeMode = 'legacy' | 'alignCorners' | 'halfPixel';

/** Configuration of {@link ResizeBilinear}, as it is saved. */
export interface ResizeBilinearConfig {
  /** [height, width] in pixels. */
  size: readonly [height: number, width: number];
  /** The rule by which positions correspond. */
  mode: ResizeMode;
}

type Shape = (number | null)[];

/** @internal Bilinear resizing of a map, [N, H, W, C] → [N, height, width, C], on the device, differentiable. */
export function resizeMap(x: tf.Tensor4D, [height, width]: readonly [number, number], mode: ResizeMode): tf.Tensor4D {
  return tf.image.resizeBilinear(x, [height, width], mode === 'alignCorners', mode === 'halfPixel');
}

/**
 * Bilinear resizing to a fixed size, in any of the three conventions; tfjs-layers' `upSampling2d` has only the legacy one and integer factors.
 * The gradient is correct once `useEngine` has chosen an engine: it replaces the gradient of tfjs 4.22, which ignores half-pixel centres.
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
 * Resizes a map to a size given at building time: [N, H, W, C] → [N, height, width, C]. A map that already has that size is returned unchanged.
 *
 * @throws RangeError when the size is not two positive integers, or the mode is unknown.
 * @example resizeBilinear({ size: [64, 48], mode: 'alignCorners' })(coarse, 'global_net.upsamples.0.0')
 */
export function resizeBilinear(options: ResizeBilinearConfig): Block {
  const { size, mode } = knownOptions('resizeBilinear', options, ['size', 'mode']);
  return (x, name) => {
    if (!size.every((length) => Number.isInteger(length) && length > 0)) {
      throw new RangeError(`${name}: size must be [height, width] in pixels. Received: [${size.join(', ')}].`);
    }
    if (mode !== 'legacy' && mode !== 'alignCorners' && mode !== 'halfPixel') {
      throw new RangeError(`${name}: mode must be legacy, alignCorners or halfPixel. Received: ${String(mode)}.`);
    }
    if (x.shape[1] === size[0] && x.shape[2] === size[1]) return x;
    return apply(new ResizeBilinear({ size, mode, name }), x);
  };
}
