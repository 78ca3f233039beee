import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

interface Variable {
  readonly originalName: string;
  read(): Tensor;
  write(value: Tensor): unknown;
}

/**
 * Shrinks the last convolutions of a network until its outputs begin as small as asked, in training mode, so that it starts near the loss of an empty map
 * whatever its initialisation is: networks of different papers then begin a comparison alike, and the first steps of none are lost to unlearning noise.
 * Nothing else changes, and a network that is quiet already stays as it is.
 *
 * @param images [N, H, W, 3], normalised: a batch of the training
 * @param level what the root mean square of each output may be at most
 * @returns the factors by which the layers were shrunk, by name; layers without weights, behind which outputs stay as they are, are not in it.
 * @throws RangeError when the level is not positive.
 * @example quietOutputs(network, images, { level: 0.01 }); // { final_layer: 0.013 }
 */
export async function quietOutputs(
  network: LayersModel,
  images: Tensor4D,
  { level }: { readonly level: number },
): Promise<Readonly<Record<string, number>>> {
  if (!(level > 0)) throw new RangeError(`quietOutputs: level must be above 0. Received: ${level}.`);
  // The pass moves running statistics: they are put back.
  const statistics = network.layers.flatMap((layer) => layer.weights as unknown as Variable[]).filter(({ originalName }) => /moving_(mean|variance)$/.test(originalName)); // prettier-ignore
  const before = statistics.map((variable) => tf.clone(variable.read()));
  const strengths = tf.tidy(() => {
    const outputs = [network.apply(images, { training: true })].flat() as Tensor[];
    return outputs.map((output) => tf.sqrt(tf.mean(tf.square(output))));
  });
  statistics.forEach((variable, i) => variable.write(before[i]!));
  const values = await Promise.all(strengths.map(async (strength) => (await strength.data())[0]!));
  tf.dispose([strengths, before]);
  const shrunk: Record<string, number> = {};
  network.outputs.forEach((output, i) => {
    const { sourceLayer: layer } = output;
    const factor = level / values[i]!;
    if (!(factor < 1) || layer.name in shrunk || layer.weights.length === 0) return;
    shrunk[layer.name] = factor;
    for (const variable of layer.weights as unknown as Variable[]) {
      tf.tidy(() => void variable.write(tf.mul(variable.read(), factor)));
    }
  });
  return shrunk;
}
