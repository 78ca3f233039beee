import type { LayersModel } from '@tensorflow/tfjs-layers';
import { codecFromJSON, type AnyCodec } from './codec-json';

const KEY = 'poseblocksCodec';

/**
 * Writes a codec into the model, whose `save` then stores it with the weights (`userDefinedMetadata` of model.json). Other
 * metadata of the model stays.
 *
 * @throws TypeError when the codec holds a function of your own.
 * @example
 * attachCodec(network, codec);
 * await network.save('file://lpn-50');
 * const restored = codecOf<HeatmapCodec>(await loadLayersModel('file://lpn-50/model.json'));
 */
export function attachCodec(model: LayersModel, codec: AnyCodec): void {
  model.setUserDefinedMetadata({ ...model.getUserDefinedMetadata(), [KEY]: codec.toJSON() });
}

/**
 * The codec that {@link attachCodec} wrote.
 *
 * @throws RangeError when the model carries none.
 * @example
 * const codec = codecOf<HeatmapCodec>(network);
 */
export function codecOf<C extends AnyCodec = AnyCodec>(model: LayersModel): C {
  const json = (model.getUserDefinedMetadata() as Record<string, ReturnType<C['toJSON']>> | undefined)?.[KEY];
  if (json === undefined) {
    throw new RangeError(
      `codecOf: the model must carry a codec; attachCodec(model, codec) writes it. Received: ${model.name}.`,
    );
  }
  return codecFromJSON<C>(json);
}
