import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkStatistics, matches, setTrainable, weightedLayers, type FrozenStatistics } from '../graph';
import type { Backbone } from './backbones/backbone';

/** Which parts of a backbone are frozen: none, every child but the last, or all. */
export type Freeze = 'none' | 'all-but-last' | 'all';

/**
 * The freeze rule of paper 000: freezes the layers of the selected children of the backbone and unfreezes the layers of the others. It does not change the
 * layers of the head. `unfreeze`, or this function with `'none'`, undoes it.
 *
 * @param statistics whether batch normalisation in frozen children updates its moving statistics. @defaultValue `'move'`
 * @throws RangeError for an unknown rule or unknown statistics.
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
