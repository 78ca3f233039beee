import type { Tensor3D } from '@tensorflow/tfjs-core';
import { shown } from '../bytes';
import type { Keypoints, Size } from '../keypoints';
import { coordinateFlip, type TensorArray } from '../postprocess';
import { assertEncodable, type Codec } from './codec';
import { defineCodec } from './define-codec';
import { isSize, LONGEST_SIDE } from './grid';
import { sameCount, stackArrays } from './heatmap-batch';

/** Options of {@link coordinateCodec}. */
export interface CoordinateCodecOptions {
  /** `[width, height]` of the network's input in pixels. */
  readonly inputSize: Size;
}

/** A saved {@link coordinateCodec}. */
export interface CoordinateCodecJSON {
  readonly codec: 'coordinate';
  readonly inputSize: Size;
}

/** One person's coordinates [K, 2], `pixel / size − ½`, and weights [K]. */
export interface CoordinateTarget {
  readonly coordinates: Float32Array;
  readonly weights: Float32Array;
}

/** Target: coordinates [N, K, 2]. Output: the same, or [N, K, 3], whose z is ignored; decoded people have score 1. */
export interface CoordinateCodec extends Codec<Tensor3D, Tensor3D, CoordinateTarget> {
  toJSON(): CoordinateCodecJSON;
}

/**
 * Coordinates as Integral Regression trains them: `x / width − ½, y / height − ½` of the crop. Weight 1 for labelled keypoints, including those off the image, as in
 * the authors' code; score 1 for every decoded keypoint, since the network predicts no confidence.
 *
 * For networks that output coordinates (`integralRegression`, `integralHead`). For networks that output heatmaps use `integralCodec`, which also gives scores.
 *
 * Follows github.com/JimmySuen/integral-human-pose; Sun et al. 2018, arxiv.org/abs/1711.08229.
 *
 * @throws RangeError when a size is not positive.
 * @example
 * const codec = coordinateCodec({ inputSize: [256, 256] });
 * const { target, weights } = codec.encodeBatch(people); // [N, K, 2] and [N, K]
 * const poses = await codec.decodeBatch(network.predict(images));
 */
export function coordinateCodec({ inputSize }: CoordinateCodecOptions): CoordinateCodec {
  if (!isSize(inputSize)) {
    throw new RangeError(
      `coordinateCodec: inputSize must be [width, height] in pixels, at most ${LONGEST_SIDE}. Received: ${shown(inputSize)}.`,
    );
  }
  const sizeOf = (i: number): number => inputSize[i % 2 === 0 ? 0 : 1];
  const checkCoordinates = (where: string, shape: readonly number[]): void => {
    if (shape.length !== 3 || (shape[2] !== 2 && shape[2] !== 3)) {
      throw new RangeError(`${where}: coordinates must be [N, K, 2] or [N, K, 3]. Received: [${shape.join(', ')}].`);
    }
  };
  const codec: CoordinateCodec = defineCodec({
    name: 'coordinateCodec',
    inputSize,
    // Only the rounding of float32.
    precision: 1e-3,
    margin: 0,
    borderPrecision: 1e-3,
    encode(keypoints: Keypoints<'input'>): CoordinateTarget {
      assertEncodable('coordinateCodec.encode', keypoints);
      const weights = keypoints.score.map((labelled) => (labelled > 0 ? 1 : 0));
      return {
        coordinates: keypoints.xy.map((v, i) => (weights[i >> 1]! > 0 ? v / sizeOf(i) - 0.5 : 0)),
        weights,
      };
    },
    decode({ coordinates, weights }: CoordinateTarget): Keypoints<'input'> {
      if (weights.length === 0 || coordinates.length !== 2 * weights.length) {
        throw new RangeError(
          `coordinateCodec.decode: coordinates must be [K, 2] and weights [K]. Received: ${coordinates.length} and ${weights.length} numbers.`,
        );
      }
      return { frame: 'input', xy: coordinates.map((v, i) => (v + 0.5) * sizeOf(i)), score: weights.slice() };
    },
    encodeArrays(people: readonly Keypoints<'input'>[]) {
      const K = sameCount('coordinateCodec.encodeBatch', people);
      const targets = people.map((person) => codec.encode(person));
      const coordinates = targets.map((target) => target.coordinates);
      const weights = targets.map((target) => target.weights);
      return { target: [stackArrays(coordinates, [K, 2])], weights: stackArrays(weights, [K]) };
    },
    decodeArrays([found]: readonly TensorArray[]) {
      const { values, shape } = found!;
      checkCoordinates('coordinateCodec.decodeArrays', shape);
      const [N, K, axes] = shape as [number, number, number];
      const weights = new Float32Array(K).fill(1);
      return Array.from({ length: N }, (_, n) => {
        const own = Float32Array.from({ length: 2 * K }, (_, i) => values[(n * K + (i >> 1)) * axes + (i % 2)]!);
        return codec.decode({ coordinates: own, weights });
      });
    },
    checkOutputs: (where, [shape]) => checkCoordinates(where, shape!),
    flipRules: (set, [shape]) => [coordinateFlip(set, shape![2]!, { normalized: inputSize[0] })],
    toJSON: (): CoordinateCodecJSON => ({ codec: 'coordinate', inputSize }),
  });
  return codec;
}
