import type { Keypoints, Size } from '../keypoints';
import type { Decoder, DecoderJSON } from '../postprocess';

/**
 * A target's encoding and decoding in one object, so that sizes and conventions are written once. Plain arrays.
 *
 * A codec says how exact it is, and the tests hold it to that: for every keypoint on the image,
 * `|decode(encode(p)) − p| ≤ precision` on each axis if p is at least `margin` away from the border, else
 * `≤ borderPrecision`. All three are in input pixels.
 */
export interface Codec<Target> {
  /** `[width, height]` of the network's input, which keypoints refer to. */
  readonly inputSize: Size;
  readonly precision: number;
  readonly margin: number;
  readonly borderPrecision: number;
  /** @throws TypeError when the frame is not `input`; RangeError when a labelled coordinate is not finite. */
  encode(keypoints: Keypoints<'input'>): Target;
  /** @throws RangeError when the target's shape is not this codec's. */
  decode(target: Target): Keypoints<'input'>;
  /**
   * Several people as plain memory: what `encodeBatch` makes tensors of, and what crosses from one thread to another.
   *
   * @throws RangeError when there is nobody or the numbers of keypoints differ.
   */
  encodeArrays(people: readonly Keypoints<'input'>[]): TargetArrays;
  /** What `codecFromJSON` restores; each codec types its own. @throws TypeError when the codec holds a function of your own. */
  toJSON(): { readonly codec: string };
}

/** Numbers of a tensor and its shape, N first. */
export interface TargetArray {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** A batch's target, one array for each tensor that a loss compares with, and the weights [N, K]. */
export interface TargetArrays {
  readonly target: readonly TargetArray[];
  readonly weights: TargetArray;
}

/** Heatmaps of one person: `heatmaps` [H, W, K] channels last, `weights` [K], 1 where the keypoint takes part in the loss. */
export interface HeatmapTarget {
  readonly heatmaps: Float32Array;
  readonly weights: Float32Array;
  readonly shape: readonly [height: number, width: number, keypoints: number];
}

/**
 * @internal The check at the door of every `encode`.
 * @throws TypeError when the frame is not `input`; RangeError when a labelled coordinate is not finite.
 */
export function assertEncodable(where: string, { frame, xy, score }: Keypoints): void {
  if (frame !== 'input') {
    throw new TypeError(
      `${where}: keypoints must be in the input frame; crop.toInput takes them there. Received: frame "${frame}".`,
    );
  }
  if (score.length === 0 || xy.length !== 2 * score.length) {
    throw new RangeError(
      `${where}: keypoints must have two coordinates for each score. Received: ${xy.length} and ${score.length}.`,
    );
  }
  for (let k = 0; k < score.length; k++) {
    if (score[k]! > 0 && !(Number.isFinite(xy[2 * k]!) && Number.isFinite(xy[2 * k + 1]!))) {
      throw new RangeError(
        `${where}: labelled keypoints must have finite coordinates. Received: [${xy[2 * k]}, ${xy[2 * k + 1]}] for keypoint ${k}.`,
      );
    }
  }
}

/**
 * @internal
 * @throws TypeError when the decoder is a function of the user's own.
 */
export function savedDecoder(where: string, refine: Decoder): DecoderJSON {
  if (refine.toJSON) return refine.toJSON();
  throw new TypeError(
    `${where}.toJSON: refine must be a decoder of this library to be saved. Received: a function of your own.`,
  );
}
