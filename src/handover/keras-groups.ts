import type { LayersModel } from '@tensorflow/tfjs-layers';
import { readZip } from '../bytes';
import { walk } from '../graph';
import type { KerasGroups } from './settings';

const GROUPED = 'PoseBlocks>GroupedConv2DTranspose';

/** The number of groups of each transposed convolution of a network, by the path of its weights, in order. */
export function transposedGroups(network: LayersModel): { readonly path: string; readonly groups: number }[] {
  return walk(network)
    .nodes.filter(({ kind, shared }) => !shared && (kind === GROUPED || kind === 'Conv2DTranspose'))
    .map(({ kind, layer, weights }) => ({
      path: weights[0]!.path,
      groups: kind === GROUPED ? (layer.getConfig()['groups'] as number) : 1,
    }));
}

/**
 * The layers of an exported `.keras` file that replace grouped transposed convolutions, which Keras lacks. The exporter writes one Keras layer per
 * layer of ours, in order, so they are found whatever their names are.
 */
export function kerasGroups(network: LayersModel, exported: Uint8Array): KerasGroups[] {
  const config = JSON.parse(new TextDecoder().decode(readZip(exported, 'handover').get('config.json'))) as {
    config: { layers: { class_name: string; config: { name: string } }[] };
  };
  const layers = config.config.layers.filter(({ class_name }) => class_name === 'Conv2DTranspose');
  const ours = transposedGroups(network);
  if (layers.length !== ours.length) {
    throw new RangeError(
      `handover: the exported file must have ${ours.length} transposed convolutions. Received: ${layers.length}.`,
    );
  }
  return ours.flatMap(({ groups }, i) => (groups > 1 ? [{ layer: layers[i]!.config.name, groups }] : []));
}
