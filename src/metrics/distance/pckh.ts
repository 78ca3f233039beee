import { requirePeople } from './require-people';
import { knownOptions } from '../../bytes';
import { MPII } from '../../keypoints';
import type { PoseInput } from '../pose';
import { countCorrect, type CorrectCounts } from './count-correct';
import { DistanceAccumulator } from './distance-accumulator';
import { keypointMetrics, type KeypointMetrics } from './keypoint-metrics';

/** Options of {@link pckh}. */
export interface PckhOptions {
  /** Head size of each person, pixels: `mpiiHeadSizes(headBoxes)`. */
  readonly headSize: ArrayLike<number>;
  /** Maximum distance of a correct keypoint, as a fraction of the head size. @defaultValue 0.5 */
  readonly threshold?: number;
}

/** MPII's groups of keypoints, in the order of its tables. */
export type MpiiGroup = 'head' | 'shoulder' | 'elbow' | 'wrist' | 'hip' | 'knee' | 'ankle';

/** PCKh metrics, in percent. */
export interface PckhMetrics extends KeypointMetrics {
  /** Head is the head top alone; the others are the unweighted mean of left and right. */
  readonly groups: Readonly<Record<MpiiGroup, number>>;
  /** The value that MPII's evaluation prints as "Mean@0.1": the mean at 0.11, the threshold at its index. */
  readonly meanAt01: number;
}

/** The threshold of MPII's "Mean@0.1": entry 11 of 0, 0.01 … 0.5. */
const printedAsTenth = 0.11;

/**
 * PCKh of MPII's 16 keypoints, **in percent** as MPII publishes it (http://human-pose.mpi-inf.mpg.de; HRNet's
 * `MPIIDataset.evaluate`). The mean weighs keypoints by their number of labelled instances and excludes pelvis and thorax.
 *
 * @param predicted N people, 16 keypoints each, in the frame of `truth`: MPII's file numbers pixels from 1, so add 1 to
 *   0-based predictions.
 * @param truth the same people; keypoints with visibility 0 do not count.
 * @throws RangeError when a person does not have 16 keypoints, the counts differ, or a head size is not positive.
 * @example pckh(predicted, truth, { headSize: mpiiHeadSizes(headBoxes) }).mean // PCKh@0.5
 */
export function pckh(predicted: readonly PoseInput[], truth: readonly PoseInput[], options: PckhOptions): PckhMetrics {
  const { headSize, threshold = 0.5 } = knownOptions('pckh', options ?? {}, ['headSize', 'threshold']);
  requirePeople('pckh', predicted, truth, 'headSize', headSize);
  return pckhFrom(countCorrect('pckh', MPII.names.length, predicted, truth, headSize, threshold), threshold);
}

/**
 * An accumulator for {@link pckhOf}: add batches with their head sizes, and merge shards.
 *
 * @param thresholds fractions of the head size
 * @example const accumulator = pckhAccumulator([0.1, 0.5]);
 */
export function pckhAccumulator(thresholds: readonly number[] = [0.5]): DistanceAccumulator {
  return new DistanceAccumulator({
    keypoints: MPII.names.length,
    thresholds: [...new Set([...thresholds, printedAsTenth])],
  });
}

/**
 * PCKh of an accumulator from {@link pckhAccumulator}.
 *
 * @param threshold fraction of the head size, one of the accumulator
 * @example pckhOf(accumulator).mean // in percent
 */
export function pckhOf(accumulator: DistanceAccumulator, threshold = 0.5): PckhMetrics {
  return pckhFrom(accumulator, threshold);
}

function pckhFrom(found: CorrectCounts, threshold: number): PckhMetrics {
  const { counts } = found;
  const percent = (at: number): number[] => found.correctAt(at).map((n, k) => (100 * n) / counts[k]!);
  const counted = MPII.names.flatMap((name, k) =>
    name === 'pelvis' || name === 'thorax' || counts[k] === 0 ? [] : [k],
  );
  const total = counted.reduce((sum, k) => sum + counts[k]!, 0);
  const mean = (values: readonly number[]): number =>
    total === 0 ? NaN : counted.reduce((sum, k) => sum + values[k]! * (counts[k]! / total), 0);
  const perKeypoint = percent(threshold);
  const of = (name: string): number => perKeypoint[MPII.names.indexOf(name)]!;
  const sides = (name: string): number => 0.5 * (of(`left_${name}`) + of(`right_${name}`));
  return {
    ...keypointMetrics(
      perKeypoint.map((value, k) => value * counts[k]!),
      counts,
      'count',
    ),
    perKeypoint,
    mean: mean(perKeypoint),
    groups: {
      head: of('head_top'),
      shoulder: sides('shoulder'),
      elbow: sides('elbow'),
      wrist: sides('wrist'),
      hip: sides('hip'),
      knee: sides('knee'),
      ankle: sides('ankle'),
    },
    meanAt01: mean(percent(printedAsTenth)),
  };
}
