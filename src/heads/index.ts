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
export { registerLayers } from './register-layers';
