import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { topDown, type Person } from 'poseblocks/datasets';
import type { Keypoints } from 'poseblocks/keypoints';
import {
  evaluateCoco,
  longerSides,
  pck,
  toCocoResult,
  type CocoResult,
  type CocoSummary,
  type KeypointMetrics,
} from 'poseblocks/metrics';
import { flipAverage } from 'poseblocks/postprocess';
import type { HeatmapCodec } from 'poseblocks/targets';
import type { DemoData } from './data';

export interface Prediction {
  readonly person: Person;
  readonly keypoints: Keypoints<'image'>;
  /** [H, W, K] of the crop, averaged over the flip test. */
  readonly heatmaps: Float32Array;
}

export interface Evaluation {
  readonly predictions: readonly Prediction[];
  readonly results: readonly CocoResult[];
  readonly coco: CocoSummary;
  /** PCK@0.2 of the box's longer side. */
  readonly pck: KeypointMetrics;
}

/** Predicts every person from the annotated box, with the flip test, and measures. */
export async function evaluate(network: LayersModel, codec: HeatmapCodec, data: DemoData): Promise<Evaluation> {
  const { evaluation: persons, readImage, keypointSet, truth } = data;
  const predictions: Prediction[] = [];
  for await (const { images, crops, samples } of topDown({ persons, readImage, codec })) {
    const heatmaps = tf.tidy(() => {
      const mirrored = network.predict(tf.reverse(images, 2)) as tf.Tensor4D;
      return flipAverage(network.predict(images) as tf.Tensor4D, mirrored, keypointSet);
    });
    const people = await codec.decodeBatch(heatmaps);
    const values = (await heatmaps.data()) as Float32Array;
    const size = values.length / people.length;
    people.forEach((keypoints, n) =>
      predictions.push({
        person: samples[n]!,
        keypoints: crops[n]!.toImage(keypoints),
        heatmaps: values.slice(n * size, (n + 1) * size),
      }),
    );
    tf.dispose([images, heatmaps]);
  }
  const results = predictions.map(({ person, keypoints }) => toCocoResult(keypoints, { imageId: person.imageId }));
  return {
    predictions,
    results,
    coco: evaluateCoco(results, truth, { sigmas: keypointSet.sigmas }),
    pck: pck(
      predictions.map(({ keypoints }) => keypoints),
      predictions.map(({ person }) => person.keypoints),
      { normalizer: longerSides(predictions.map(({ person }) => person.box)) },
    ),
  };
}
