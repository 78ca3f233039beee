import type { LayersModel } from '@tensorflow/tfjs-layers';
import { hasFields, requireThat } from '../bytes';

/** @internal Fails unless it is a network of tfjs-layers, whichever copy of that made it. */
export function requireNetwork(where: string, network: unknown): asserts network is LayersModel {
  requireThat(
    hasFields(network, 'layers', 'inputs', 'outputs', 'predict'),
    where,
    'network must be a LayersModel, such as lpn(…) of poseblocks/networks gives',
    network,
  );
}

/** @internal The network itself, or that of a pose model. */
export function networkIn(where: string, source: unknown): LayersModel {
  const network = hasFields(source, 'network') ? (source as { readonly network: unknown }).network : source;
  requireThat(
    hasFields(network, 'layers', 'inputs', 'outputs', 'predict'),
    where,
    'source must be a network (a LayersModel), or a pose model',
    source,
    'loadPoseModel of poseblocks/models opens a file.',
  );
  return network as LayersModel;
}
