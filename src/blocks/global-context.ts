import { layers } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { chain, channels, join, type Block } from './block';
import { apply } from './apply';
import { activation, conv, globalAveragePool, layerNorm, relu, sum } from './layers';

/** Options of {@link globalContext}. */
export interface GlobalContextOptions {
  /** Hidden channels of the transform as a fraction of the input channels. @defaultValue 1/16, as in LPN */
  ratio?: number;
  /** Minimum number of hidden channels. @defaultValue 16, as in LPN */
  minFilters?: number;
  /** How pixels are weighted in the context. @defaultValue 'attention' */
  pooling?: 'attention' | 'average';
  /** How the transformed context is combined with the input. @defaultValue 'add' */
  fusion?: 'add' | 'scale';
}

/** The mean over all pixels, weighted by the softmax of a learned mask: [N, H, W, C] → [N, 1, 1, C]. */
const attentionPool: Block = (x, name) => {
  const [, height, width] = x.shape as [null, number, number];
  if (!height || !width) {
    throw new RangeError(
      `${name}: attention pooling needs a fixed height and width. Received: [${x.shape.join(', ')}]. Give the input a full shape.`,
    );
  }
  const pixels = height * width;
  const reshaped =
    (key: string, targetShape: number[]): Block =>
    (y) =>
      apply(layers.reshape({ targetShape, name: join(name, key) }), y);
  // tfjs' softmax accepts the last axis only, so the pixels are moved there first.
  const mask = reshaped('mask', [pixels])(
    conv({ filters: 1, kernelSize: 1, useBias: true })(x, join(name, 'conv_mask')),
    '',
  );
  const weights = reshaped('weights', [pixels, 1])(apply(layers.softmax({ name: join(name, 'softmax') }), mask), '');
  const values = reshaped('values', [pixels, channels(x)])(x, '');
  const context = apply(layers.dot({ axes: 1, name: join(name, 'pool') }), [values, weights]);
  return reshaped('context', [1, 1, channels(x)])(context, '');
};

/**
 * The Global Context block (Cao et al., GCNet, 2019): every pixel receives the same learned summary of all pixels.
 * [N, H, W, C] → [N, H, W, C]; `y = x + transform(Σₚ softmax(mask)ₚ xₚ)`, and with `fusion: 'scale'`, `y = x · sigmoid(transform(…))`.
 *
 * It commutes with any permutation of the pixels. Equal to `ContextBlock` of the official GCNet code, which LPN uses with 'attention' and 'add'.
 *
 * @throws RangeError when `fusion` is another word; TypeError for an option that does not exist, with the nearest that does.
 * @example globalContext({ ratio: 1 / 16 })(x, 'layer1.0.att')
 */
export function globalContext(options: GlobalContextOptions = {}): Block {
  const {
    ratio = 1 / 16,
    minFilters = 16,
    pooling = 'attention',
    fusion = 'add',
  } = knownOptions('globalContext', options, ['ratio', 'minFilters', 'pooling', 'fusion']);
  if (fusion !== 'add' && fusion !== 'scale') {
    throw new RangeError(`globalContext: fusion must be 'add' or 'scale'. Received: ${String(fusion)}.`);
  }
  return (x, name) => {
    const filters = Math.max(Math.floor(channels(x) * ratio), minFilters);
    const context = pooling === 'attention' ? attentionPool(x, name) : globalAveragePool()(x, join(name, 'average'));
    const transform = chain([
      conv({ filters, kernelSize: 1, useBias: true }),
      layerNorm(),
      relu(),
      conv({ filters: channels(x), kernelSize: 1, useBias: true }),
    ]);
    if (fusion === 'add') return sum([x, transform(context, join(name, 'channel_add_conv'))], join(name, 'fuse'));
    const gate = activation('sigmoid')(transform(context, join(name, 'channel_mul_conv')), join(name, 'gate'));
    return apply(layers.multiply({ name: join(name, 'fuse') }), [x, gate]);
  };
}
