/**
 * What turns features into keypoints: transposed-convolution heads, GlobalNet and RefineNet, integral heads, SimCC, RoIAlign and the keypoint head on it.
 *
 * @packageDocumentation
 */
export { deconv, type DeconvOptions } from './deconv';
export { deconvHead, type DeconvHeadOptions } from './deconv-head';
export {
  groupedConv2dTranspose,
  GroupedConv2DTranspose,
  type GroupedConv2DTransposeConfig,
} from './grouped-conv2d-transpose';
export { globalNet, type GlobalNetOptions, type GlobalNetOutputs } from './global-net';
export { refineBottleneck, refineNet, type RefineNetOptions } from './refine-net';
export { IntegralCoordinates, integralHead, type IntegralHeadOptions } from './integral-head';
export { keypointRoiHead, type KeypointRoiHeadOptions } from './keypoint-roi-head';
export { roiAlign, roiLevels, type RoiAlignOptions } from './roi-align';
export { RoiAlign, roiAlignment, type RoiAlignConfig } from './roi-align-layer';
export { simccHead, type SimccHeadOptions } from './simcc-head';
export { registerLayers } from './register-layers';
