import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { OperationOf } from '../graph';
import type { Keypoints, KeypointSet, Size } from '../keypoints';
import type { Decoder, DecoderJSON, FlipRule, TensorArray } from '../postprocess';

/** What a network returns: one tensor, or one for each output. */
export type Prediction = Tensor | Tensor[];

/** A batch's target as a loss takes it, and the weights [N, K], 0 for a keypoint that teaches nothing. The tensors belong to the caller. */
export type EncodedBatch<Target> = { readonly target: Target; readonly weights: Tensor2D };

/** The same as plain memory: one array for each tensor of the target. */
export interface TargetArrays {
  readonly target: readonly TensorArray[];
  readonly weights: TensorArray;
}

/**
 * The contract between a network's output and keypoints: what people become for training, how an output is read, and how the flip test merges two outputs.
 * Sizes and conventions are written once, in it; training, validation, loaders, estimators and exports ask it and nothing else.
 *
 * A codec says how exact it is, and the tests hold it to that: for every keypoint on the image,
 * `|decode(encode(p)) − p| ≤ precision` on each axis if p is at least `margin` away from the border, else
 * `≤ borderPrecision`. All three are in input pixels.
 *
 * @typeParam Target what a loss compares with, as tensors: heatmaps [N, H, W, K], a list of them, coordinates [N, K, 2], SimCC's `[x, y]`.
 * @typeParam Output what of the network's prediction is decoded. Of a network with more outputs the codec takes the last ones, {@link Codec.outputs} of them.
 * @typeParam One one person's target on plain memory.
 */
export interface Codec<Target = unknown, Output = unknown, One = unknown> {
  /** `[width, height]` of the network's input, which keypoints refer to. */
  readonly inputSize: Size;
  readonly precision: number;
  readonly margin: number;
  readonly borderPrecision: number;
  /** How many of a network's outputs, from the last, are decoded: 2 for SimCC's x and y, else 1. */
  readonly outputs: number;
  /** One person on plain memory. @throws TypeError when the frame is not `input`; RangeError when a labelled coordinate is not finite. */
  encode(keypoints: Keypoints<'input'>): One;
  /** @throws RangeError when the target's shape is not this codec's. */
  decode(target: One): Keypoints<'input'>;
  /**
   * Several people on plain memory: what crosses from one thread to another.
   *
   * @throws RangeError when there is nobody or the numbers of keypoints differ.
   */
  encodeArrays(people: readonly Keypoints<'input'>[]): TargetArrays;
  /** The tensors of {@link Codec.encodeArrays}' result. */
  targetTensors(arrays: TargetArrays): EncodedBatch<Target>;
  /** Several people as a loss takes them: {@link Codec.targetTensors} of {@link Codec.encodeArrays}. */
  encodeBatch(people: readonly Keypoints<'input'>[]): EncodedBatch<Target>;
  /**
   * The network's outputs of N people, as `outputs` arrays on plain memory → N people.
   *
   * @throws RangeError when a shape is not this codec's.
   */
  decodeArrays(output: readonly TensorArray[]): Keypoints<'input'>[];
  /** What the network returned for N people → N people. Reads back once; disposes nothing. @throws RangeError when a shape is not this codec's. */
  decodeBatch(output: Output | Prediction): Promise<Keypoints<'input'>[]>;
  /**
   * The mean of an output and of that for the mirrored input, turned back, left and right of the set exchanged. On the device; belongs to the caller.
   *
   * @throws RangeError when the shapes differ or the set has another number of keypoints.
   */
  mergeFlip(output: Output | Prediction, mirrored: Output | Prediction, set: KeypointSet): Output;
  /** {@link Codec.mergeFlip} on plain memory. */
  mergeFlipArrays(
    output: readonly TensorArray[],
    mirrored: readonly TensorArray[],
    set: KeypointSet,
  ): readonly TensorArray[];
  /** @throws RangeError when outputs of these shapes, N first, are not what this codec decodes. `where` begins the message. */
  checkOutputs(where: string, shapes: readonly (readonly number[])[]): void;
  /** How each of the outputs is turned back in the flip test. */
  flipRules(set: KeypointSet, shapes: readonly (readonly number[])[]): readonly FlipRule[];
  /** The decoding as an operation that compiled graphs and ONNX files take; absent where it is for arrays only (DARK, Hough voting). */
  decodeOperation?(): OperationOf<'decode'> | undefined;
  /** Heatmaps [N, H, W, K], one for each keypoint, of an output: for pictures and guards. Absent where the output has none. Belongs to the caller. */
  heatmaps?(output: Output | Prediction): Tensor4D;
  /** The same of a target, which the heatmaps of a trained network equal. Belongs to the caller. */
  targetHeatmaps?(target: Target): Tensor4D;
  /** What `codecFromJSON` restores; each codec types its own. @throws TypeError when the codec holds a function of your own. */
  toJSON(): { readonly codec: string };
}

/** A codec's target, as its loss takes it. */
export type TargetOf<C extends Codec> = C extends Codec<infer Target> ? Target : never;

/** A codec, or one for each epoch, counted from 0: `(epoch) => codec.withFactor(epochScale()(epoch))`. */
export type CodecAt<C extends Codec = Codec> = C | ((epoch: number) => C);

/** @internal The codec of an epoch. */
export function codecAt<C extends Codec>(codec: CodecAt<C>, epoch: number): C {
  return typeof codec === 'function' ? codec(epoch) : codec;
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
