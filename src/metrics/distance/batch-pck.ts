import { LSP, type KeypointSet } from '../../keypoints';
import type { PoseInput } from '../pose';
import { ExactSum } from '../store/exact-sum';
import { heatmapPck, type HeatmapPckOptions } from './heatmap-pck';

/** Metrics of {@link BatchPckAccumulator}, fractions. */
export interface BatchPckMetrics {
  /** Unweighted mean of `perKeypoint`: "Total PCK". */
  readonly mean: number;
  readonly perKeypoint: readonly number[];
  /** Left and right averaged, by the name without the side: the columns of the paper's Table 2. */
  readonly paired: Readonly<Record<string, number>>;
  /** Number of batches in which each keypoint counted. */
  readonly batches: readonly number[];
}

/** A {@link BatchPckAccumulator} as JSON. */
export interface BatchPckState {
  readonly sums: readonly (readonly number[])[];
  readonly batches: readonly number[];
}

/**
 * The protocol of the LSP baselines (paper 000): {@link heatmapPck} of each batch, then the unweighted mean over batches, so that
 * a short last batch counts as much as a full one; the total is the unweighted mean of the joints, and Table 2 averages left and
 * right. Shards of whole batches merge in any order, to the last bit.
 *
 * @example
 * const accumulator = new BatchPckAccumulator({ heatmapSize: [64, 64] });
 * for (const { predicted, target } of batches) accumulator.add(predicted, target);
 * accumulator.metrics().paired // { ankle, knee, hip, wrist, elbow, shoulder, neck, head_top }
 */
export class BatchPckAccumulator {
  private readonly set: KeypointSet;
  private readonly options: HeatmapPckOptions;
  private sums: ExactSum[];
  private batches: number[];

  /** @param set keypoint set. Default: LSP. */
  constructor(options: HeatmapPckOptions, set: KeypointSet = LSP) {
    this.options = options;
    this.set = set;
    this.sums = set.names.map(() => new ExactSum());
    this.batches = set.names.map(() => 0);
  }

  /**
   * Adds one batch: the argmax of predicted and target heatmaps, in cells.
   *
   * @throws RangeError when the batch is empty, the counts differ, or a coordinate is not finite; in that case nothing is added.
   */
  add(predicted: readonly PoseInput[], target: readonly PoseInput[]): this {
    const { perKeypoint } = heatmapPck(predicted, target, this.options);
    if (perKeypoint.length !== this.sums.length) {
      throw new RangeError(
        `BatchPckAccumulator.add: people must have the ${this.sums.length} keypoints of ${this.set.name}. Received: ${perKeypoint.length}.`,
      );
    }
    perKeypoint.forEach((accuracy, k) => {
      if (Number.isNaN(accuracy)) return; // the keypoint does not count in this batch
      this.sums[k]!.add(accuracy);
      this.batches[k]!++;
    });
    return this;
  }

  /** @throws RangeError when the keypoints differ. */
  merge(other: BatchPckAccumulator): this {
    if (other.sums.length !== this.sums.length) {
      throw new RangeError(
        `BatchPckAccumulator.merge: both must have the same keypoints. Received: ${this.sums.length} and ${other.sums.length}.`,
      );
    }
    this.sums.forEach((sum, k) => sum.merge(other.sums[k]!));
    other.batches.forEach((count, k) => (this.batches[k]! += count));
    return this;
  }

  metrics(): BatchPckMetrics {
    const perKeypoint = this.sums.map((sum, k) => (this.batches[k]! > 0 ? sum.value() / this.batches[k]! : NaN));
    const counted = perKeypoint.filter((value) => !Number.isNaN(value));
    const sides = new Map<string, number[]>();
    this.set.names.forEach((name, k) => {
      const plain = name.replace(/^(left|right)_/, '');
      sides.set(plain, [...(sides.get(plain) ?? []), perKeypoint[k]!]);
    });
    return {
      mean: meanOf(counted),
      perKeypoint,
      paired: Object.fromEntries([...sides].map(([name, values]) => [name, meanOf(values)])),
      batches: [...this.batches],
    };
  }

  toJSON(): BatchPckState {
    return { sums: this.sums.map((sum) => sum.toJSON()), batches: [...this.batches] };
  }

  /** @throws RangeError when the keypoints of the state and the set differ. */
  static fromJSON(state: BatchPckState, options: HeatmapPckOptions, set: KeypointSet = LSP): BatchPckAccumulator {
    const made = new BatchPckAccumulator(options, set);
    if (state.sums.length !== set.names.length || state.batches.length !== set.names.length) {
      throw new RangeError(
        `BatchPckAccumulator.fromJSON: the state must have the ${set.names.length} keypoints of ${set.name}. Received: ${state.sums.length}.`,
      );
    }
    made.sums = state.sums.map((partials) => new ExactSum(partials));
    made.batches = [...state.batches];
    return made;
  }
}

/** NaN of nothing. */
const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
