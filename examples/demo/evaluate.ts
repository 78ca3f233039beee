import type { LayersModel } from '@tensorflow/tfjs-layers';
import { topDown } from 'poseblocks/datasets';
import type { Keypoints } from 'poseblocks/keypoints';
import {
  evaluateCoco,
  longerSides,
  meanPose,
  pck,
  toCocoResult,
  type CocoResult,
  type CocoSummary,
  type KeypointMetrics,
} from 'poseblocks/metrics';
import type { HeatmapCodec } from 'poseblocks/targets';
import { reviewPeople, type Review } from 'poseblocks/training';
import type { DemoData } from './data';
import { demoCrop } from './network';

/** What one way of finding keypoints reaches. PCK is by the longer side of the box. */
export interface Scores {
  readonly coco: CocoSummary;
  readonly pck10: KeypointMetrics;
  readonly pck20: KeypointMetrics;
}

export interface Evaluation {
  readonly network: Scores;
  /** The mean pose of the people that were trained on, in each box: what needs no network. */
  readonly baseline: Scores;
  readonly results: readonly CocoResult[];
  /** The best and the worst people, with their heatmaps. */
  readonly review: Review;
}

/** Predicts every person from the annotated box, with the flip test, and measures, beside the mean pose. */
export async function evaluate(network: LayersModel, codec: HeatmapCodec, data: DemoData): Promise<Evaluation> {
  const { evaluation: persons, readImage, keypointSet, truth, training } = data;
  const batches = () => topDown({ persons, readImage, codec, crop: demoCrop });
  const review = await reviewPeople(network, { batches, codec, keypointSet, flipTest: true, keep: 6 });
  const people = review.predictions.map(({ sample }) => sample);
  const asResults = (found: readonly Keypoints<'image'>[]): CocoResult[] =>
    found.map((keypoints, n) => toCocoResult(keypoints, { imageId: people[n]!.imageId }));
  const scores = (found: readonly Keypoints<'image'>[]): Scores => {
    const within = (threshold: number): KeypointMetrics =>
      pck(
        found,
        people.map(({ keypoints }) => keypoints),
        { normalizer: longerSides(people.map(({ box }) => box)), threshold },
      );
    const coco = evaluateCoco(asResults(found), truth, { sigmas: keypointSet.sigmas });
    return { coco, pck10: within(0.1), pck20: within(0.2) };
  };
  const found = review.predictions.map(({ keypoints }) => keypoints);
  const baseline = meanPose(training);
  return {
    network: scores(found),
    baseline: scores(people.map(({ box }) => baseline(box))),
    results: asResults(found),
    review,
  };
}
