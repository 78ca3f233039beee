/**
 * Codecs: what a network is trained to give for a person, and how its output becomes keypoints again. One object for training, evaluation and deployment.
 *
 * @packageDocumentation
 */
export {
  codecAt,
  type Codec,
  type CodecAt,
  type EncodedBatch,
  type HeatmapTarget,
  type Prediction,
  type TargetArrays,
  type TargetOf,
} from './codec';
export { defineCodec, type CodecDefinition } from './define-codec';
export { gaussianCodec, type GaussianCodecJSON, type GaussianCodecOptions, type HeatmapCodec } from './gaussian-codec';
export { offsetCodec, type OffsetCodec, type OffsetCodecJSON, type OffsetCodecOptions } from './offset-codec';
export {
  simccCodec,
  type AxisPair,
  type SimccCodec,
  type SimccCodecJSON,
  type SimccCodecOptions,
  type SimccTarget,
} from './simcc-codec';
export {
  integralCodec,
  type CellTarget,
  type IntegralCodec,
  type IntegralCodecJSON,
  type IntegralCodecOptions,
} from './integral-codec';
export {
  coordinateCodec,
  type CoordinateCodec,
  type CoordinateCodecJSON,
  type CoordinateCodecOptions,
  type CoordinateTarget,
} from './coordinate-codec';
export { cpnCodec, type CpnCodec, type CpnCodecJSON, type CpnCodecOptions, type CpnTarget } from './cpn-codec';
export {
  diskOffsetCodec,
  type DiskOffsetCodec,
  type DiskOffsetCodecJSON,
  type DiskOffsetCodecOptions,
} from './disk-offset-codec';
export { codecFromJSON, type AnyCodec, type CodecJSON } from './codec-json';
export { centerPose } from './center-pose';
export { roiKeypointTarget, type RoiKeypointTarget } from './roi-keypoints';
export { epochScale, linearSigma } from './epoch-scale';
