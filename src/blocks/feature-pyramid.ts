import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { apply } from './apply';
import { join, type Block } from './block';
import { conv, sum } from './layers';
import { upsample } from './upsample';

/** Options of {@link featurePyramid}. */
export interface FeaturePyramidOptions {
  /** Channels of every level. @defaultValue 256 */
  filters?: number;
}

/**
 * Feature pyramid network (Lin et al., "Feature Pyramid Networks for Object Detection", 2017, arXiv:1612.03144): maps C₂ … C₅, finest first, each
 * half as large as the one before → P₂ … P₅ and P₆, all with `filters` channels.
 *
 * Each level is the sum of its 1×1 convolution and the coarser level enlarged twice (nearest), then a 3×3 convolution; biases, no normalisation, no activation.
 * P₆ takes every second pixel of P₅.
 * Equal to torchvision's `FeaturePyramidNetwork` with `LastLevelMaxPool`: `inner_blocks.i.0`, `layer_blocks.i.0`.
 *
 * @throws RangeError when a map is not twice as high and wide as the next.
 * @example featurePyramid()(resnet('resnet-50').features(image, '').map(({ x }) => x), 'fpn')
 */
export function featurePyramid(options: FeaturePyramidOptions = {}): Block<readonly SymbolicTensor[]> {
  const { filters = 256 } = knownOptions('featurePyramid', options, ['filters']);
  return (maps, name) => {
    maps.slice(1).forEach((coarse, i) => {
      const fine = maps[i]!;
      if ([1, 2].some((axis) => coarse.shape[axis] != null && fine.shape[axis] !== 2 * coarse.shape[axis]!)) {
        throw new RangeError(
          `${join(name, 'inner_blocks')}: each map must be twice as high and wide as the next. Received: [${fine.shape.join(', ')}] before [${coarse.shape.join(', ')}].`,
        );
      }
    });
    const block = (list: string, i: number, kernelSize: number): Block => {
      const at = join(join(join(name, list), i), 0);
      return (x) => conv({ filters, kernelSize, useBias: true })(x, at);
    };
    const inner: SymbolicTensor[] = [];
    for (let i = maps.length - 1; i >= 0; i--) {
      const lateral = block('inner_blocks', i, 1)(maps[i]!, name);
      const above = inner[0] && upsample({ size: 2 })(inner[0], join(name, `top_down.${i}`));
      inner.unshift(above ? sum([lateral, above], join(name, `sum.${i}`)) : lateral);
    }
    const levels = inner.map((x, i) => block('layer_blocks', i, 3)(x, name));
    const last = layers.maxPooling2d({ poolSize: 1, strides: 2, padding: 'valid', name: join(name, 'pool') });
    return [...levels, apply(last, levels.at(-1)!)];
  };
}
