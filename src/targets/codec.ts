import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { OperationOf } from '../graph';
import type { Keypoints, KeypointSet, Size } from '../keypoints';
import type { Decoder, DecoderJSON, FlipRule, TensorArray } from '../postprocess';

/** The output of a network: one tensor, or one per output. */
export type Prediction = Tensor | Tensor[];

/** A batch's target in the form of the loss, and the weights [N, K]: 0 excludes a keypoint from the loss. The tensors belong to the caller. */
export type EncodedBatch<Target> = { readonly target: Target; readonly weights: Tensor2D };

/** The same on plain arrays: one array per tensor of the target. */
export interface TargetArrays {
  readonly target: readonly TensorArray[];
  readonly weights: TensorArray;
}

/**
 * The contract between a network's output and keypoints: it encodes people as targets, decodes outputs, and merges the two outputs of the flip test.
 * It is the only place that knows sizes and conventions; training, validation, loaders, estimators and exports use it alone.
 *
 * A codec states its precision, and the tests verify it: for every keypoint on the image,
 * `|decode(encode(p)) − p| ≤ precision` on each axis if p is at least `margin` away from the border, else
 * `≤ borderPrecision`. All three are in input pixels.
 *
 * @typeParam Target what the loss compares with, as tensors: heatmaps [N, H, W, K], a list of them, coordinates [N, K, 2], SimCC's `[x, y]`.
 * @typeParam Output what is decoded: the last {@link Codec.outputs} outputs of the network.
 * @typeParam One the target of one person on plain arrays.
 */
export interface Codec<Target = unknown, Output = unknown, One = unknown> {
  /** `[width, height]` of the network's input, in which keypoints are measured. */
  readonly inputSize: Size;
  readonly precision: number;
  readonly margin: number;
  readonly borderPrecision: number;
  /** How many of the network's last outputs are decoded: 2 for SimCC's x and y, else 1. */
  readonly outputs: number;
  /** Encodes one person on plain arrays. @throws TypeError when the frame is not `input`; RangeError when a labelled coordinate is not finite. */
  encode(keypoints: Keypoints<'input'>): One;
  /** Decodes one person on plain arrays. @throws RangeError when the target does not have this codec's shape. */
  decode(target: One): Keypoints<'input'>;
  /**
   * Encodes several people on plain arrays, which can be passed between threads.
   *
   * @throws RangeError when there are no people, or the numbers of keypoints differ.
   */
  encodeArrays(people: readonly Keypoints<'input'>[]): TargetArrays;
  /** The result of {@link Codec.encodeArrays} as tensors. */
  targetTensors(arrays: TargetArrays): EncodedBatch<Target>;
  /** Encodes several people for a loss: {@link Codec.targetTensors} of {@link Codec.encodeArrays}. */
  encodeBatch(people: readonly Keypoints<'input'>[]): EncodedBatch<Target>;
  /**
   * Decodes the network's outputs for N people, given as `outputs` plain arrays.
   *
   * @throws RangeError when the outputs do not have this codec's shapes.
   */
  decodeArrays(output: readonly TensorArray[]): Keypoints<'input'>[];
  /** Decodes the network's prediction for N people. Reads back once; disposes nothing. @throws RangeError when the outputs do not have this codec's shapes. */
  decodeBatch(output: Output | Prediction): Promise<Keypoints<'input'>[]>;
  /**
   * The mean of an output and of the output for the mirrored input, mirrored back with left and right swapped. On the device; belongs to the caller.
   *
   * @throws RangeError when the shapes differ, or the set has another number of keypoints.
   */
  mergeFlip(output: Output | Prediction, mirrored: Output | Prediction, set: KeypointSet): Output;
  /** {@link Codec.mergeFlip} on plain arrays. */
  mergeFlipArrays(
    output: readonly TensorArray[],
    mirrored: readonly TensorArray[],
    set: KeypointSet,
  ): readonly TensorArray[];
  /** @throws RangeError when this codec does not decode outputs of these shapes, N first. `where` starts the message. */
  checkOutputs(where: string, shapes: readonly (readonly number[])[]): void;
  /** How the flip test mirrors each output back. */
  flipRules(set: KeypointSet, shapes: readonly (readonly number[])[]): readonly FlipRule[];
  /** The decoding as an operation of compiled graphs and ONNX files; absent for decoders that run on arrays only (DARK, Hough voting). */
  decodeOperation?(): OperationOf<'decode'> | undefined;
  /** The heatmaps [N, H, W, K] in an output, one per keypoint, for pictures and guards. Absent where the output has none. Belongs to the caller. */
  heatmaps?(output: Output | Prediction): Tensor4D;
  /** The heatmaps in a target; a trained network's heatmaps approach them. Belongs to the caller. */
  targetHeatmaps?(target: Target): Tensor4D;
  /** The JSON that `codecFromJSON` restores; each codec types its own. @throws TypeError when the codec holds a function of your own. */
  toJSON(): { readonly codec: string };
}

/** A codec's target, as its loss takes it. */
export type TargetOf<C extends Codec> = C extends Codec<infer Target> ? Target : never;

/** A codec, or a function from the epoch, counted from 0, to its codec: `(epoch) => codec.withFactor(epochScale()(epoch))`. */
export type CodecAt<C extends Codec = Codec> = C | ((epoch: number) => C);

/** @internal The codec of an epoch. */
export function codecAt<C extends Codec>(codec: CodecAt<C>, epoch: number): C {
  return typeof codec === 'function' ? codec(epoch) : codec;
}

/** Heatmaps of one person: `heatmaps` [H, W, K] channels last, `weights` [K], 1 where the keypoint counts in the loss. */
export interface HeatmapTarget {
  readonly heatmaps: Float32Array;
  readonly weights: Float32Array;
  readonly shape: readonly [height: number, width: number, keypoints: number];
}

/**
 * @internal Validates the keypoints passed to every `encode`.
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
