import type { LayersModel } from '@tensorflow/tfjs-layers';
import { hasFields, requireThat } from '../bytes';

const isNetwork = (value: unknown): boolean => hasFields(value, 'layers', 'inputs', 'outputs', 'predict');

/** @internal Fails unless it is a network of tfjs-layers, whichever copy of that made it. */
export function requireNetwork(where: string, network: unknown): asserts network is LayersModel {
  requireThat(
    isNetwork(network),
    where,
    'network must be a LayersModel, such as lpn(…) of poseblocks/networks gives',
    network,
  );
}

/** @internal The network itself, or that of a pose model. */
export function networkIn(where: string, source: unknown): LayersModel {
  const network = hasFields(source, 'network') ? (source as { readonly network: unknown }).network : source;
  requireThat(
    isNetwork(network),
    where,
    'source must be a network (a LayersModel), or a pose model',
    source,
    'loadPoseModel of poseblocks/models opens a file.',
  );
  return network as LayersModel;
}
