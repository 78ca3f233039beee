import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { variablesOf } from '../checkpoint/named-weights';

/**
 * Scales the last convolutions of a network down until its outputs in training mode are at most as large as `level`. Training then starts near the loss of an empty map,
 * whatever the initialisation: networks of different papers start a comparison from the same loss, and none spends its first steps removing noise.
 * Nothing else changes. A network whose outputs are already below the level is not changed.
 *
 * @param images [N, H, W, 3], normalised: a training batch
 * @param level maximum root mean square of each output
 * @returns the factors of the scaled layers, by name. Layers without weights are not scaled and not listed.
 * @throws RangeError when the level is not positive.
 * @example quietOutputs(network, images, { level: 0.01 }); // { final_layer: 0.013 }
 */
export async function quietOutputs(
  network: LayersModel,
  images: Tensor4D,
  { level }: { readonly level: number },
): Promise<Readonly<Record<string, number>>> {
  if (!(level > 0)) throw new RangeError(`quietOutputs: level must be above 0. Received: ${level}.`);
  // The forward pass updates running statistics; they are restored.
  const statistics = [...variablesOf(network)].flatMap(([name, variable]) => /moving_(mean|variance)$/.test(name) ? [variable] : []); // prettier-ignore
  const before = statistics.map((variable) => tf.clone(variable));
  const strengths = tf.tidy(() => {
    const outputs = [network.apply(images, { training: true })].flat() as Tensor[];
    return outputs.map((output) => tf.sqrt(tf.mean(tf.square(output))));
  });
  statistics.forEach((variable, i) => variable.assign(before[i]!));
  const values = await Promise.all(strengths.map(async (strength) => (await strength.data())[0]!));
  tf.dispose([strengths, before]);
  const shrunk: Record<string, number> = {};
  network.outputs.forEach((output, i) => {
    const { sourceLayer: layer } = output;
    const factor = level / values[i]!;
    if (!(factor < 1) || layer.name in shrunk || layer.weights.length === 0) return;
    shrunk[layer.name] = factor;
    for (const variable of layer.weights) {
      tf.tidy(() => void variable.write(tf.mul(variable.read(), factor)));
    }
  });
  return shrunk;
}
