import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { KeypointSet } from '../../keypoints';
import type { Callback, StepEvent } from '../fit/callbacks';
import type { Codec } from '../../targets';
import { heatmapsOf } from './heatmaps-of';
import { endRun, type GuardOptions } from './fault';
import { inspectHeatmaps } from './inspect-heatmaps';

/** Options of {@link guardHeatmaps}. */
export interface HeatmapGuardOptions extends GuardOptions {
  /** The codec, which locates the heatmaps in output and target; without heatmaps in both, only labels are checked. @defaultValue both are heatmaps [N, H, W, K] */
  readonly codec?: Codec;
  /** The keypoint names for messages. */
  readonly keypointSet?: KeypointSet;
  /** Check every N steps. @defaultValue 100 */
  readonly everySteps?: number;
  /** Steps during which heatmaps may be flat. @defaultValue 1000 */
  readonly after?: number;
  /** Peaks below this fraction of the target peaks count as collapsed. @defaultValue 0.1 */
  readonly collapsed?: number;
}

/**
 * Detects heatmaps that have collapsed to 0 (the failure that paper 000 reports), and dead keypoints: never
 * labelled in an epoch, or flat while the others are not.
 *
 * @example
 * fit(network, { callbacks: [guardHeatmaps({ keypointSet: COCO })], … });
 */
export function guardHeatmaps(options: HeatmapGuardOptions = {}): Callback {
  const { codec, keypointSet, everySteps = 100, after = 1000, collapsed = 0.1, onFault = endRun } = options;
  const named = (k: number): string => keypointSet?.names[k] ?? `keypoint ${k}`;
  let labelled: number[] = [];

  const collapse = ({ epoch, step }: StepEvent, mean: number, loss: number): void =>
    onFault({
      kind: 'heatmap-collapse',
      epoch,
      step,
      message:
        `predicted peaks reach ${mean.toPrecision(2)} of the targets' on average, and the loss is ${loss.toPrecision(3)} of that of empty heatmaps: the network has learned to predict nothing. ` +
        'Scale the targets by epoch (epochScale), widen sigma, raise the rate, or use adaptiveWing; check that targets lie where the people are (overfit on a few).',
    });

  return {
    async onStep(event) {
      const { step, data, network } = event;
      const weights = data.weights as Tensor2D;
      const seen = await weights.data();
      const columns = weights.shape[1];
      const K = keypointSet?.names.length ?? columns;
      const each = columns / K; // the offset codec has three weights per keypoint
      for (let i = 0; i < seen.length; i += each) {
        const k = Math.floor((i % columns) / each);
        if (seen[i]! > 0) labelled[k] = (labelled[k] ?? 0) + 1;
      }
      for (let k = 0; k < K; k++) labelled[k] ??= 0;
      if (step < after || step % everySteps !== 0) return;

      const maps = heatmapsOf(network, data, codec);
      if (maps === undefined) return;
      const { peaks, loss } = await inspectHeatmaps(maps.predicted, maps.target, weights);
      tf.dispose([maps.predicted, maps.target]);
      const known = peaks.filter((peak) => !Number.isNaN(peak));
      if (known.length === 0) return;
      const mean = known.reduce((a, b) => a + b, 0) / known.length;
      if (mean < collapsed) return collapse(event, mean, loss);
      const median = [...known].sort((a, b) => a - b)[known.length >> 1]!;
      peaks.forEach((peak, k) => {
        if (!(median > 0.4 && peak < collapsed)) return;
        onFault({
          kind: 'dead-keypoint',
          epoch: event.epoch,
          step,
          message:
            `${named(k)} is predicted nowhere: its peaks reach ${peak.toPrecision(2)} of the targets', half of the keypoints more than ${median.toPrecision(2)}. ` +
            'Look at its labels in an overlay, how often it is labelled, and its index in the keypoint set.',
        });
      });
    },
    onEpoch({ epoch, step }) {
      const never = labelled.flatMap((count, k) => (count === 0 ? [named(k)] : []));
      labelled = [];
      if (never.length === 0) return;
      onFault({
        kind: 'dead-keypoint',
        epoch,
        step,
        message:
          `${never.join(', ')} never labelled in this epoch, so never learned. ` +
          'Leave them out of the keypoint set, or look at how visibility is read from the annotations.',
      });
    },
  };
}
