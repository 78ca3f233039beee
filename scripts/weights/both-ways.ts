import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from 'poseblocks/datasets';
import { LSP, type Keypoints } from 'poseblocks/keypoints';
import type { HeatmapCodec } from 'poseblocks/targets';

/** The people of some batches as a network finds them, without and with the flip test, by the name of the codec that decodes. */
export interface BothWays {
  readonly truth: Keypoints<'image'>[];
  readonly plain: Readonly<Record<string, Keypoints<'image'>[]>>;
  readonly flipped: Readonly<Record<string, Keypoints<'image'>[]>>;
}

/**
 * All ways from one pass over the images: the network's output for the image as it is serves them all.
 *
 * @param codecs differ in how they decode only
 */
export async function bothWays(
  run: (images: tf.Tensor4D) => tf.Tensor4D,
  batches: AsyncIterable<Batch>,
  codecs: Readonly<Record<string, HeatmapCodec>>,
): Promise<BothWays> {
  const [merging] = Object.values(codecs) as [HeatmapCodec];
  const none = (): Record<string, Keypoints<'image'>[]> => Object.fromEntries(Object.keys(codecs).map((name) => [name, []])); // prettier-ignore
  const all: BothWays = { truth: [], plain: none(), flipped: none() };
  for await (const { images, crops, samples } of batches) {
    all.truth.push(...samples.map(({ keypoints }) => keypoints));
    const plain = run(images);
    const flipped = tf.tidy(() => merging.mergeFlip(plain, run(tf.reverse(images, 2)), LSP) as tf.Tensor4D);
    for (const [name, codec] of Object.entries(codecs)) {
      for (const [found, heatmaps] of [
        [all.plain, plain],
        [all.flipped, flipped],
      ] as const) {
        // prettier-ignore
        const decoded = await codec.decodeBatch(heatmaps);
        found[name]!.push(...decoded.map((pose, n) => crops[n]!.toImage(pose)));
      }
    }
    tf.dispose([images, plain, flipped]);
  }
  return all;
}
