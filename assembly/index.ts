// The kernels of the wasm engine that composition cannot make fast, for the heap of tfjs-backend-wasm.
// They hold no data of their own: no strings, array literals, `new` or asserts, which would lie over the engine's.
export { attentionPool, attentionPoolGradient, rowDots, softmaxRows } from './attention';
export { affineColumns, columnSums } from './columns';
export { convolution, convolutionFilterGradient, convolutionInputGradient } from './convolution';
export { copyRows } from './copy';
export { depthwiseFilterGradient } from './depthwise-filter-gradient';
export { depthwiseConvolution } from './depthwise-forward';
export { depthwiseInputGradient } from './depthwise-input-gradient';
export { sum } from './maps';
export { matrixProduct, matrixProducts } from './matrix-product';
export { columnStatistics, normalizationGradient, normalizationSums } from './normalization';
export { adaptiveStep, descentStep, rmspropStep } from './optimizer';
export { packFilter } from './packed-product';
export { relu, reluGradient } from './pointwise';
export { maxPoolGradient } from './pool';
export { runProgram } from './program';
export { winogradConvolution, winogradFilter, winogradFilterGradient } from './winograd';
