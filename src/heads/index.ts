export { deconv, type DeconvOptions } from './deconv';
export { deconvHead, type DeconvHeadOptions } from './deconv-head';
export {
  groupedConv2dTranspose,
  GroupedConv2DTranspose,
  type GroupedConv2DTransposeConfig,
} from './grouped-conv2d-transpose';
export { registerLayers } from './register-layers';
