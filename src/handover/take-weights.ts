import { tensor, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { walk, type LayerWeight } from '../graph';
import { importKeras } from '../interop';
import { transposedGroups } from './keras-groups';

const fail = (what: string): never => {
  throw new RangeError(`takeover: ${what}`);
};

/** The corresponding weights of the two networks: those with the same path and name. */
const keyOf = ({ path, name }: LayerWeight): string => `${path}/${name}`;

/**
 * Copies the weights of a `.keras` file that was exported from a network and trained by Keras into that network. Kernels of grouped transposed convolutions,
 * which Keras stores dense, are reduced to their groups again.
 *
 * @throws RangeError naming the weight that is missing, has another shape, contains a number that is not finite, or is not zero between its groups; the
 *   network is not changed in that case.
 * @example await takeWeights(network, await readFile('run/last.keras'));
 */
export async function takeWeights(network: LayersModel, keras: Uint8Array): Promise<void> {
  const trained = await importKeras(keras);
  try {
    const found = new Map<string, LayerWeight>();
    for (const weight of walk(trained).nodes.flatMap(({ weights }) => weights)) found.set(keyOf(weight), weight);
    const groups = new Map(transposedGroups(network).map(({ path, groups }) => [path, groups]));
    const own = new Map<string, LayerWeight>();
    for (const weight of walk(network).nodes.flatMap(({ weights }) => weights)) own.set(keyOf(weight), weight);
    const surplus = [...found.keys()].find((key) => !own.has(key));
    if (surplus !== undefined) fail(`the file must belong to this network. Received: an unknown weight ${surplus}.`);
    const values = await Promise.all(
      [...own].map(async ([key, weight]) => {
        const given = found.get(key) ?? fail(`the file must hold ${key}. Received: none.`);
        const data = (await given.read().data()) as Float32Array;
        if (!data.every(Number.isFinite)) fail(`${key} must be finite. Received: NaN or an infinity.`);
        const count = weight.name === 'kernel' ? (groups.get(weight.path) ?? 1) : 1;
        const [shape, gathered] = count > 1 ? gather(key, given.shape, data, count) : [given.shape, data];
        if (shape.join() !== weight.shape.join()) {
          fail(`${key} must have shape [${weight.shape.join(', ')}]. Received: [${shape.join(', ')}].`);
        }
        return [weight, gathered] as const;
      }),
    );
    tidy(() => values.forEach(([weight, data]) => weight.write(tensor(data, [...weight.shape]))));
  } finally {
    trained.dispose();
  }
}

/** Converts the kernel [k, k, F, C] with zeros between groups to the grouped one [k, k, F/groups, C]. */
function gather(key: string, shape: readonly number[], data: Float32Array, groups: number): [number[], Float32Array] {
  const [height, width, filters, channels] = shape as [number, number, number, number];
  const [each, inputs] = [filters / groups, channels / groups];
  const out = new Float32Array(data.length / groups);
  for (let at = 0; at < data.length; at++) {
    const [c, row] = [at % channels, Math.floor(at / channels)];
    const [f, tap] = [row % filters, Math.floor(row / filters)];
    if (Math.floor(c / inputs) === Math.floor(f / each)) out[(tap * each + (f % each)) * channels + c] = data[at]!;
    else if (data[at] !== 0) {
      fail(
        `${key} must be zero between its ${groups} groups. Received: ${data[at]} from channel ${c} to filter ${f}. It was trained without the masks that train.py applies to its gradient.`,
      );
    }
  }
  return [[height, width, each, channels], out];
}
