import { layers } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { channels, join, type Block } from './block';
import { apply } from './apply';
import { activation, conv, globalAveragePool, relu } from './layers';

/** Options of {@link squeezeExcite}. */
export interface SqueezeExciteOptions {
  /** Hidden channels; takes precedence over `ratio`. */
  filters?: number;
  /** Hidden channels as a fraction of the input channels. @defaultValue 1/16 */
  ratio?: number;
  /** Activation between the two transforms. @defaultValue ReLU */
  activation?: Block;
}

/**
 * Squeeze-and-Excitation (Hu et al. 2018): channels are scaled by a gate computed from their means. [N, H, W, C] → [N, H, W, C];
 * `y = x · sigmoid(fc2(activation(fc1(mean(x)))))`. Equal to torchvision's `SqueezeExcitation`.
 *
 * @throws TypeError for an option that does not exist, with the nearest that does.
 * @example squeezeExcite({ ratio: 1 / 16 })(x, 'layer1.0.att')
 */
export function squeezeExcite(options: SqueezeExciteOptions = {}): Block {
  const {
    filters,
    ratio = 1 / 16,
    activation: middle = relu(),
  } = knownOptions('squeezeExcite', options, ['filters', 'ratio', 'activation']);
  return (x, name) => {
    const hidden = filters ?? Math.max(1, Math.floor(channels(x) * ratio));
    let gate = globalAveragePool()(x, join(name, 'avgpool'));
    gate = conv({ filters: hidden, kernelSize: 1, useBias: true })(gate, join(name, 'fc1'));
    gate = middle(gate, join(name, 'activation'));
    gate = conv({ filters: channels(x), kernelSize: 1, useBias: true })(gate, join(name, 'fc2'));
    gate = activation('sigmoid')(gate, join(name, 'gate'));
    return apply(layers.multiply({ name: join(name, 'scale') }), [x, gate]);
  };
}
