import type { LayersModel } from '@tensorflow/tfjs-layers';
import { freezeStatistics } from '../blocks';
import type { Backbone } from './backbones/backbone';

/** Which parts of a backbone keep their weights: none, every child but the last, or all. */
export type Freeze = 'none' | 'all-but-last' | 'all';

/** What the batch normalisations of frozen parts do with their statistics in training: go on moving (PyTorch's default), or stay. */
export type FrozenStatistics = 'move' | 'keep';

/**
 * The freeze rule of paper 000: layers of the backbone's frozen children become untrainable. Call it before training; layers of the head are not touched.
 *
 * @throws RangeError for an unknown rule.
 * @example freezeBackbone(network, resnet('resnet-50'), 'all-but-last', 'keep')
 */
export function freezeBackbone(
  network: LayersModel,
  { children }: Pick<Backbone, 'children'>,
  freeze: Freeze,
  statistics: FrozenStatistics = 'move',
): void {
  const frozen = { none: [], 'all-but-last': children.slice(0, -1), all: children }[freeze];
  if (!frozen) {
    throw new RangeError(`freeze: must be 'none', 'all-but-last' or 'all'. Received: ${String(freeze)}.`);
  }
  if (statistics !== 'move' && statistics !== 'keep') {
    throw new RangeError(`frozenStatistics: must be 'move' or 'keep'. Received: ${String(statistics)}.`);
  }
  for (const layer of network.layers) {
    if (!frozen.some((child) => layer.name === child || layer.name.startsWith(`${child}.`))) continue;
    layer.trainable = false;
    if (layer.getClassName() === 'BatchNormalization') freezeStatistics(layer, statistics === 'keep');
  }
}
