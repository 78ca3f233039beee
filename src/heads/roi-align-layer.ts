import * as tf from '@tensorflow/tfjs-core';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { apply, Layer, type Block } from '../blocks';
import { roiAlign } from './roi-align';

/** Configuration of {@link RoiAlign}, as it is saved. */
export interface RoiAlignConfig {
  /** Height and width of the result, in cells. */
  size: number;
  /** Image pixels per cell of each map. */
  strides: readonly number[];
  /** Samples per cell and direction. */
  samplingRatio: number;
}

type Shape = (number | null)[];

/** {@link roiAlign} as a layer: maps [N, Hₗ, Wₗ, C] and, as the last input, boxes [N, R, 4] in pixels of the image → [N · R, size, size, C]. */
export class RoiAlign extends Layer {
  static readonly className = 'PoseBlocks>RoiAlign';
  readonly config: RoiAlignConfig;

  constructor({ size, strides, samplingRatio, ...options }: RoiAlignConfig & { name?: string }) {
    super(options);
    this.config = { size, strides: [...strides], samplingRatio };
  }

  override computeOutputShape(shapes: Shape | Shape[]): Shape {
    const { size } = this.config;
    return [null, size, size, (shapes as Shape[])[0]![3]!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const maps = (inputs as tf.Tensor[]).slice(0, -1) as tf.Tensor4D[];
    const boxes = (inputs as tf.Tensor[]).at(-1) as tf.Tensor3D;
    const { size, strides, samplingRatio } = this.config;
    const [N, R] = boxes.shape;
    return tf.tidy(() => {
      const images = tf.tensor1d(
        Int32Array.from({ length: N * R }, (_, i) => Math.floor(i / R)),
        'int32',
      );
      return roiAlign(maps, tf.reshape(boxes, [N * R, 4]), images, { size: [size, size], strides, samplingRatio });
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { size, strides, samplingRatio } = this.config;
    return { ...super.getConfig(), size, strides: [...strides], samplingRatio };
  }
}

/**
 * {@link roiAlign} as a block: maps and, as the last input, boxes [N, R, 4] → [N · R, size, size, C], the boxes of the first image first.
 *
 * @example roiAlignment({ size: 14, strides: [4, 8, 16, 32] })([p2, p3, p4, p5, boxes], 'roi_heads.keypoint_roi_pool')
 */
export function roiAlignment({
  size,
  strides,
  samplingRatio = 2,
}: Omit<RoiAlignConfig, 'samplingRatio'> & { samplingRatio?: number }): Block<
  readonly SymbolicTensor[],
  SymbolicTensor
> {
  return (inputs, name) => apply(new RoiAlign({ size, strides, samplingRatio, name }), [...inputs]);
}
