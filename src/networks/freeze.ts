import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkStatistics, matches, setTrainable, weightedLayers, type FrozenStatistics } from '../graph';
import type { Backbone } from './backbones/backbone';

/** Which parts of a backbone keep their weights: none, every child but the last, or all. */
export type Freeze = 'none' | 'all-but-last' | 'all';

/**
 * The freeze rule of paper 000: the layers of the backbone's frozen children become untrainable, those of its others trainable. Layers of the head are
 * not touched. `unfreeze`, or this with `'none'`, undoes it.
 *
 * @param statistics what batch normalisation of frozen children does with its moving statistics. @defaultValue `'move'`
 * @throws RangeError for an unknown rule, or unknown statistics.
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
    throw new RangeError(
      `freezeBackbone: freeze must be 'none', 'all-but-last' or 'all'. Received: ${String(freeze)}.`,
    );
  }
  checkStatistics('freezeBackbone', statistics);
  for (const layer of weightedLayers(network)) {
    if (!matches(children, layer.name)) continue;
    const isFrozen = matches(frozen, layer.name);
    setTrainable(layer, !isFrozen, isFrozen ? statistics : 'move');
  }
}
