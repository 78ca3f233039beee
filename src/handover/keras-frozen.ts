import type { LayersModel } from '@tensorflow/tfjs-layers';
import { keepsStatistics, weightedLayers } from '../graph';
import { kerasName } from '../interop';
import type { KerasFrozen } from './settings';

/** The layers that are frozen in a network, by the names that they have in its exported `.keras` file. */
export const kerasFrozen = (network: LayersModel): KerasFrozen[] =>
  weightedLayers(network)
    .filter(({ trainable }) => !trainable)
    .map((layer) => ({ layer: kerasName(layer.name), statistics: keepsStatistics(layer) ? 'keep' : 'move' }));
