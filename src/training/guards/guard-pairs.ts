import { dispose } from '@tensorflow/tfjs-core';
import type { KeypointSet } from '../../keypoints';
import type { Callback } from '../fit/callbacks';
import { batchesFrom, disposeBatch, type Batches, type TrainingBatch } from '../fit/training-batch';
import type { Codec } from '../../targets';
import { endRun, type GuardOptions } from './fault';
import { heatmapsOf } from './heatmaps-of';
import { pairConfusion } from './inspect-heatmaps';

/** Options of {@link guardPairs}. */
export interface PairGuardOptions extends GuardOptions {
  /** Names the flip pairs. */
  readonly keypointSet: KeypointSet;
  /** Batches to check after each epoch: those of the validation, with their targets. Only the first is used. */
  readonly validation: Batches<TrainingBatch<unknown>>;
  /** The codec, which locates the heatmaps in output and target; without heatmaps in both, nothing is checked. @defaultValue both are heatmaps [N, H, W, K] */
  readonly codec?: Codec;
  /** Pairs count as swapped from this mean share of a prediction that lies on the counterpart. @defaultValue 0.4 */
  readonly share?: number;
  /** Number of consecutive epochs: a network may first learn that there are two, and then which is which. @defaultValue 3 */
  readonly patience?: number;
}

/**
 * Detects swapped left and right: validation labels in the other order than training labels, or an augmentation that
 * mirrors images without swapping labels. Validation cannot improve in that case.
 *
 * @example
 * const validation = withTargets(() => topDown({ persons: heldOut, readImage, codec }), codec);
 * fit(network, { callbacks: [guardPairs({ keypointSet: COCO, validation })], … });
 */
export function guardPairs(options: PairGuardOptions): Callback {
  const { codec, keypointSet, validation, share = 0.4, patience = 3, onFault = endRun } = options;
  let confused = 0;
  return {
    async onEpoch({ epoch, step, network }) {
      for await (const batch of batchesFrom(validation, epoch, 0)) {
        const maps = heatmapsOf(network, batch, codec);
        let confusion: number[];
        try {
          if (maps === undefined) return;
          confusion = await pairConfusion(maps.predicted, maps.target, batch.weights, keypointSet);
        } finally {
          if (maps) dispose([maps.predicted, maps.target]);
          disposeBatch(batch);
        }
        const known = confusion.filter((value) => !Number.isNaN(value));
        const mean = known.reduce((a, b) => a + b, 0) / known.length;
        confused = mean > share ? confused + 1 : 0;
        if (confused < patience) return;
        const cause =
          mean > 0.7
            ? 'The labels are swapped: compare the order of keypoints in the two annotation files, and the mirroring of the flip test.'
            : 'Both sides are predicted at once: an augmentation mirrors images without swapping the labels of each pair (flipPairs).';
        const message = `${Math.round(100 * mean)} % of what is predicted for a keypoint lies on its left–right counterpart, in ${known.length} pairs. ${cause}`;
        onFault({ kind: 'swapped-pairs', epoch, step, message });
        return;
      }
    },
  };
}
