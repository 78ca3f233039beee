/**
 * Layers as functions of a tensor and a name, and the functions that combine them: `chain`, `pipe`, `residual`, `stage`. Bottlenecks, attention, hourglasses, HRNet
 * modules, stems. The name of a block is the path of its weights in a PyTorch checkpoint.
 *
 * @packageDocumentation
 */
export { computeAskedGradientsOf } from './asked-gradients';
export { apply } from './apply';
export { groupedConv2d as groupedConvolution } from './convolution';
export { BatchNormalization, batchNorm, type BatchNormConfig } from './batch-norm';
export { chain, channels, join, pipe, type Block, type BlockFactory } from './block';
export { bnReluConv, bnReluConvResidual } from './bn-relu-conv';
export { basicBlock, bottleneck, lightweightBottleneck, type BottleneckOptions } from './bottleneck';
export {
  fractionalMaxPool,
  FractionalMaxPooling2D,
  fractionalWindows,
  poolWindows,
  type FractionalMaxPoolOptions,
} from './fractional-max-pool';
export { featurePyramid, type FeaturePyramidOptions } from './feature-pyramid';
export { globalContext, type GlobalContextOptions } from './global-context';
export { GroupedConv2D, type GroupedConv2DConfig } from './grouped-conv2d';
export {
  exchange,
  highResolutionModule,
  transition,
  type Branches,
  type HighResolutionModuleOptions,
} from './high-resolution';
export {
  bearpawNames,
  hourglass,
  namanNames,
  pyranetNames,
  type HourglassBlocks,
  type HourglassOptions,
  type HourglassPart,
} from './hourglass';
export {
  bearpawStem,
  namanStem,
  patchifyStem,
  princetonStem,
  reducedStem,
  type HourglassStemOptions,
} from './hourglass-stem';
export { kernelInitializer, withoutInitialization } from './initializer';
export { fusedMbConv, mbConv, type InvertedBottleneckOptions } from './inverted-bottleneck';
export {
  activation,
  conv,
  depthwiseConv,
  globalAveragePool,
  identity,
  layerNorm,
  maxPool,
  relu,
  silu,
  sum,
  type ConvOptions,
  type DepthwiseConvOptions,
} from './layers';
export { Layer } from './layer';
export { multiDilated } from './multi-dilated';
export {
  preActivation,
  preActivationBottleneck,
  separableBottleneck,
  twoRegular,
  twoSeparable,
  type HourglassBlockOptions,
} from './pre-activation';
export {
  pyramidResidualModule,
  pyranetResidual,
  type PyramidResidualOptions,
  type PyraNetResidualOptions,
} from './pyramid-residual';
export { projection, residual, type ResidualOptions } from './residual';
export {
  ResizeBilinear,
  resizeBilinear,
  resizeMap,
  type ResizeBilinearConfig,
  type ResizeMode,
} from './resize-bilinear';
export { separableConv, type SeparableConvOptions } from './separable';
export { channelShuffle, shuffleUnit } from './shuffle-unit';
export {
  affineSample,
  inverseAffine,
  SpatialTransformer,
  spatialTransformer,
  type SpatialTransformerOptions,
} from './spatial-transformer';
export { squeezeExcite, type SqueezeExciteOptions } from './squeeze-excite';
export { stage } from './stage';
export { resnetStem } from './stem';
export { StochasticDepth, stochasticDepth, type StochasticDepthOptions } from './stochastic-depth';
export { NearestUpSampling2D, upsample } from './upsample';
export { weightedRows } from './weighted-rows';
