export { apply } from './apply';
export { trainAsPyTorch } from './batch-norm';
export { chain, channels, join, pipe, type Block, type BlockFactory } from './block';
export { basicBlock, bottleneck, lightweightBottleneck } from './bottleneck';
export { globalContext, type GlobalContextOptions } from './global-context';
export { GroupedConv2D, type GroupedConv2DConfig } from './grouped-conv2d';
export { kernelInitializer, withoutInitialization } from './initializer';
export {
  activation,
  batchNorm,
  conv,
  depthwiseConv,
  globalAveragePool,
  identity,
  layerNorm,
  maxPool,
  relu,
  silu,
  sum,
  upsample,
  type ConvOptions,
  type DepthwiseConvOptions,
} from './layers';
export { noActivation, projection, residual, type ResidualOptions } from './residual';
export { squeezeExcite, type SqueezeExciteOptions } from './squeeze-excite';
export { stage } from './stage';
export { resnetStem } from './stem';
