export { batchNormTraining, batchNormTrainingGradient, fusedBatchNorm, fusedBatchNormGradient } from './batch-norm';
export { conv2d, conv2dBackpropFilter, conv2dBackpropInput } from './conv2d';
export { depthwiseBackpropFilter, depthwiseBackpropInput, depthwiseConv2d } from './depthwise';
export { concat, pack, pad, slice, split, unpack } from './layout';
export { matMul } from './matmul';
export { optimizerStep } from './optimizer-step';
export { packFilter, runProgram } from './program';
export { add, addRelu, maxPoolGradient, relu, reluGradient } from './pointwise';
export { mean, sum } from './reduce';
