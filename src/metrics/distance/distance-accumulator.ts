import type { PoseInput } from '../pose';
import { ExactSum } from '../store/exact-sum';
import { distances } from './distances';

/** Options of {@link DistanceAccumulator}. */
export interface DistanceAccumulatorOptions {
  /** Number of keypoints K. */
  readonly keypoints: number;
  /** Thresholds of normalised distance at which PCK can be reported; a keypoint at a threshold is correct. */
  readonly thresholds: readonly number[];
}

/** A {@link DistanceAccumulator} as JSON. */
export interface DistanceState extends DistanceAccumulatorOptions {
  readonly counts: readonly number[];
  /** By keypoint × thresholds + threshold. */
  readonly correct: readonly number[];
  readonly pixels: readonly (readonly number[])[];
  readonly normalized: readonly (readonly number[])[];
}

/**
 * Accumulates counts and sums of keypoint distances, batch by batch, for PCK, PDJ, AUC, EPE and NME. Shards merge in any
 * order to the metrics of the whole, to the last bit; `JSON.stringify` writes one and {@link DistanceAccumulator.fromJSON} reads it.
 *
 * @example
 * const accumulator = new DistanceAccumulator({ keypoints: 17, thresholds: [0.05, 0.2] });
 * for await (const batch of batches) accumulator.add(predict(batch), batch.truth, longerSides(batch.boxes));
 * pckOf(accumulator, 0.2).mean
 */
export class DistanceAccumulator {
  readonly keypoints: number;
  readonly thresholds: readonly number[];
  /** Number of labelled keypoints, per keypoint. */
  readonly counts: number[];
  private readonly correct: number[];
  private readonly pixels: ExactSum[];
  private readonly normalized: ExactSum[];

  /** @throws RangeError when `keypoints` is not a positive integer, or a threshold is negative or not finite. */
  constructor({ keypoints, thresholds }: DistanceAccumulatorOptions) {
    if (!(Number.isSafeInteger(keypoints) && keypoints > 0)) {
      throw new RangeError(`DistanceAccumulator: keypoints must be a positive integer. Received: ${keypoints}.`);
    }
    if (!thresholds.every((t) => t >= 0 && t < Infinity)) {
      throw new RangeError(`DistanceAccumulator: thresholds must be at least 0. Received: ${thresholds.join(', ')}.`);
    }
    this.keypoints = keypoints;
    this.thresholds = [...thresholds];
    this.counts = new Array<number>(keypoints).fill(0);
    this.correct = new Array<number>(keypoints * thresholds.length).fill(0);
    this.pixels = Array.from({ length: keypoints }, () => new ExactSum());
    this.normalized = Array.from({ length: keypoints }, () => new ExactSum());
  }

  /**
   * Adds people: N predictions and their N truths, in one frame. Keypoints with visibility 0 do not count.
   *
   * @param normalizer the length by which distances are divided, pixels: one for all, or one each; a person whose
   *   normaliser is NaN (it could not be measured) is left out.
   * @throws RangeError when the counts differ, a coordinate is not finite, or a normaliser is not positive; in that case nothing is added.
   */
  add(predicted: readonly PoseInput[], truth: readonly PoseInput[], normalizer: number | ArrayLike<number> = 1): this {
    return this.addFor('DistanceAccumulator.add', predicted, truth, normalizer);
  }

  /** @internal {@link DistanceAccumulator.add} with another function name for errors. */
  addFor(
    name: string,
    predicted: readonly PoseInput[],
    truth: readonly PoseInput[],
    normalizer: number | ArrayLike<number>,
  ): this {
    for (const { keypoint, pixels, unit } of distances(name, this.keypoints, predicted, truth, normalizer)) {
      const scaled = pixels / unit;
      this.counts[keypoint]!++;
      this.pixels[keypoint]!.add(pixels);
      this.normalized[keypoint]!.add(scaled);
      this.thresholds.forEach((threshold, t) => {
        if (scaled <= threshold) this.correct[keypoint * this.thresholds.length + t]!++;
      });
    }
    return this;
  }

  /** @throws RangeError when the keypoints or thresholds differ. */
  merge(other: DistanceAccumulator): this {
    const alike = this.keypoints === other.keypoints && `${this.thresholds}` === `${other.thresholds}`;
    if (!alike) {
      throw new RangeError(
        `DistanceAccumulator.merge: both must have the same keypoints and thresholds. Received: ${this.keypoints} at ${this.thresholds} and ${other.keypoints} at ${other.thresholds}.`,
      );
    }
    other.counts.forEach((count, k) => (this.counts[k]! += count));
    other.correct.forEach((count, i) => (this.correct[i]! += count));
    other.pixels.forEach((sum, k) => this.pixels[k]!.merge(sum));
    other.normalized.forEach((sum, k) => this.normalized[k]!.merge(sum));
    return this;
  }

  /** Number of correct keypoints at one of the thresholds, per keypoint. */
  correctAt(threshold: number): readonly number[] {
    const t = this.thresholds.indexOf(threshold);
    if (t < 0) {
      throw new RangeError(
        `DistanceAccumulator: threshold must be one of its thresholds. Received: ${threshold}; it has ${this.thresholds.join(', ')}.`,
      );
    }
    return this.counts.map((_, k) => this.correct[k * this.thresholds.length + t]!);
  }

  /** Sum of distances of each keypoint, in pixels. */
  pixelSums(): readonly number[] {
    return this.pixels.map((sum) => sum.value());
  }

  /** Sum of normalised distances of each keypoint. */
  normalizedSums(): readonly number[] {
    return this.normalized.map((sum) => sum.value());
  }

  toJSON(): DistanceState {
    const { keypoints, thresholds, counts, correct, pixels, normalized } = this;
    const plain = (sums: ExactSum[]): (readonly number[])[] => sums.map((sum) => sum.toJSON());
    return { keypoints, thresholds, counts, correct, pixels: plain(pixels), normalized: plain(normalized) };
  }

  /** @throws RangeError when the state is not an output of {@link toJSON}. */
  static fromJSON(state: DistanceState): DistanceAccumulator {
    const made = new DistanceAccumulator(state);
    const lengths = [made.counts.length, made.correct.length, made.keypoints, made.keypoints];
    const lists = [state.counts, state.correct, state.pixels, state.normalized];
    if (!lists.every((list, i) => Array.isArray(list) && list.length === lengths[i])) {
      throw new RangeError(
        `DistanceAccumulator.fromJSON: counts, correct, pixels and normalized must hold ${lengths.join(', ')} entries. Received: ${lists.map((list) => list?.length).join(', ')}.`,
      );
    }
    made.counts.splice(0, Infinity, ...state.counts);
    made.correct.splice(0, Infinity, ...state.correct);
    state.pixels.forEach((sum, k) => (made.pixels[k] = new ExactSum(sum)));
    state.normalized.forEach((sum, k) => (made.normalized[k] = new ExactSum(sum)));
    return made;
  }
}
