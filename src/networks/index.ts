/**
 * The networks of the papers and of the systems that they compare with, as tables and short functions, and the backbones they stand on.
 *
 * @packageDocumentation
 */
export { requireVariant, type Backbone, type Feature } from './backbones/backbone';
export {
  dilatedResnet,
  type DilatedBackbone,
  type DilatedResnetOptions,
  type DilatedResnetVariant,
} from './backbones/dilated-resnet';
export { EFFICIENTNET_V2, efficientNetV2, type EfficientNetV2Variant } from './backbones/efficientnet-v2';
export { highResolutionBackbone, type HighResolutionBackboneOptions } from './backbones/hrnet';
export { RESNET, residualBackbone, resnet, type ResidualBackboneOptions, type ResnetVariant } from './backbones/resnet';
export { SHUFFLENET_V2, shuffleNetV2, type ShuffleNetV2Variant } from './backbones/shufflenet-v2';
export { buildNetwork, type NetworkOptions } from './build';
export { CPN, cpn, type CpnForm, type CpnOptions, type CpnVariant } from './cpn';
export { freezeBackbone, type Freeze } from './freeze';
export type { FrozenStatistics } from '../graph';
export { GRMI, grmi, type GrmiOptions, type GrmiVariant } from './grmi';
export { HOURGLASS_NET, hourglassNet, type HourglassNetOptions, type HourglassNetVariant } from './hourglass-net';
export { HRNET, hrnet, type HrnetOptions, type HrnetVariant } from './hrnet';
export { initialize, type Initialization } from './initialize';
export {
  INTEGRAL_REGRESSION,
  integralRegression,
  type IntegralRegressionOptions,
  type IntegralVariant,
} from './integral-regression';
export { lastOutput } from './last-output';
export { keypointRcnn, keypointRcnnFeatures, keypointRcnnHead, type KeypointRcnnOptions } from './keypoint-rcnn';
export { LPN, lpn, type LpnOptions, type LpnVariant } from './lpn';
export { pyranet, type PyraNetOptions } from './pyranet';
export { simpleBaseline, type BackboneVariant, type SimpleBaselineOptions } from './simple-baseline';
export {
  stackedHourglass,
  type HourglassBlockName,
  type HourglassStemName,
  type StackedHourglassOptions,
} from './stacked-hourglass';
export { withSpatialTransformer, type SpatialTransformerWrapOptions } from './with-spatial-transformer';
