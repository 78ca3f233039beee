/**
 * A network's layers and operations as data, which counting, compiling and exporting read.
 *
 * @packageDocumentation
 */
export { fold } from './fold';
export {
  checkStatistics,
  freeze,
  isBatchNormalization,
  setTrainable,
  unfreeze,
  keepsStatistics,
  weightedLayers,
  type FreezeReport,
  type FrozenStatistics,
} from './freeze';
export type { ActivationKind, Graph, Node as GraphNode, Operation, OperationOf, Sides, Weights } from './graph';
export { layerOf, matches, type LayerMatch } from './layer-match';
export type { LayerContext, LayerConverter, LayerConverters } from './layer-operations';
export { withDecode, withNormalization, type GraphNormalization } from './pose-ends';
export { splitDoublings } from './phases';
export { networkIn, requireNetwork } from './require-network';
export { graphOf, type GraphOptions } from './read-network';
export { fixedShape, walk, type LayerGraph, type LayerNode, type LayerWeight, type OpenShape } from './walk';
