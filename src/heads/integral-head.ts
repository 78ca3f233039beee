import type { layers } from '@tensorflow/tfjs-layers';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { serialization } from '@tensorflow/tfjs-core';
import { knownOptions } from '../bytes';
import { apply, channels, Layer, type Block } from '../blocks';
import { integralCoordinates } from '../postprocess';

type Shape = (number | null)[];

/** Options of {@link integralHead}. */
export interface IntegralHeadOptions {
  /** Cells along z, stored as channels: `joint · depth + z`. 1 for two dimensions. @defaultValue 1 */
  depth?: number;
}

/** {@link integralCoordinates} as a layer, which has no weights. */
export class IntegralCoordinates extends Layer {
  static readonly className = 'PoseBlocks>IntegralCoordinates';
  readonly depth: number;

  constructor({ depth, ...options }: { depth: number; name?: string }) {
    super(options as ConstructorParameters<typeof layers.Layer>[0]);
    this.depth = depth;
  }

  override computeOutputShape(shape: Shape | Shape[]): Shape {
    const [batch, , , count] = shape as Shape;
    return [batch ?? null, count! / this.depth, this.depth === 1 ? 2 : 3];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return integralCoordinates((Array.isArray(inputs) ? inputs[0] : inputs) as Tensor4D, { depth: this.depth });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), depth: this.depth };
  }
}

/**
 * The head of Integral Regression (Sun et al. 2018): maps the heatmap logits of any network to expected coordinates, so that the network trains on
 * coordinates. [N, H, W, K] → [N, K, 2]; with a depth, [N, H, W, K · depth] → [N, K, 3]. Values are `index / size − ½`; see {@link integralCoordinates}.
 *
 * @throws RangeError when the depth does not divide the channels.
 * @example pipe(body, deconvHead({ keypoints: 17, filters: [256, 256, 256] }), integralHead())
 */
export function integralHead(options: IntegralHeadOptions = {}): Block {
  const { depth = 1 } = knownOptions('integralHead', options, ['depth']);
  return (x, name) => {
    if (!Number.isInteger(depth) || depth < 1 || channels(x) % depth !== 0) {
      throw new RangeError(
        `${name || 'integralHead'}: depth must be a positive integer that divides the channels. Received: depth=${depth}, channels=${channels(x)}.`,
      );
    }
    return apply(new IntegralCoordinates({ depth, name: name === '' ? 'integral' : `${name}.integral` }), x);
  };
}
