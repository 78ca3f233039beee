/**
 * From heatmaps to coordinates: argmax, quarter offset, DARK, soft-argmax, Hough voting; the flip test; non-maximum suppression of poses.
 *
 * @packageDocumentation
 */
export { boxToCrop } from '../geometry';
export type { Cells, Decoder, DecoderError, DecoderJSON, GaussianModel, HeatmapArray } from './decoder';
export { argmax } from './argmax';
export { quarterOffset } from './quarter-offset';
export { dark, darkDecoder } from './dark';
export { DARK_UDP, darkUdp, darkUdpDecoder } from './dark-udp';
export { softArgmaxDecoder, type SoftArgmaxDecoderOptions } from './soft-argmax-decoder';
export { softArgmax, type SoftArgmaxOptions } from './soft-argmax';
export { coordinateFlip, flipAverageCoordinates, integralCoordinates } from './integral';
export { houghDecode, houghVotes, offsetArgmax, type HoughOptions } from './hough';
export { splitOffsetChannels, offsetChannels, offsetFlip, type OffsetOrder } from './offset-channels';
export { secondMaximum, type SecondMaximumOptions } from './second-maximum';
export { flipAverage, flipBack, heatmapFlip } from './flip-average';
export { flipMean, flipMeanArray, type FlipRule, type TensorArray } from './flip-rule';
export { decoderFromJSON } from './decoder-json';
export { oksNms, rescore, softOksNms, type OksNmsOptions, type ScoredPose } from './oks-nms';
export {
  PARAMETRIC_POSE_NMS,
  parametricPoseNms,
  type BoxedPose,
  type MergedPose,
  type ParametricPoseNmsOptions,
  type PoseNmsRound,
} from './parametric-pose-nms';
export { roiHeatmapDecode } from './roi-heatmap-decode';
export { blurKernel, blurredArgmax, MOST_TAPS } from './blur';
export { argmaxOnDevice, darkOnDevice, quarterOffsetOnDevice } from './on-device';
