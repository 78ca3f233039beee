import * as composed from './composed/kernels';
import type { KernelRoute } from './kernel-route';
import * as simd from './simd/kernels/kernels';

/** Every kernel that we add to the stock wasm engine, or replace in it. */
export const routes: readonly KernelRoute[] = [
  // Missing in the stock engine.
  {
    kernelName: 'Conv2DBackpropFilter',
    simd: simd.conv2dBackpropFilter,
    composed: composed.conv2dBackpropFilter,
  },
  {
    kernelName: 'DepthwiseConv2dNativeBackpropFilter',
    simd: simd.depthwiseBackpropFilter,
    composed: composed.depthwiseBackpropFilter,
  },
  {
    kernelName: 'DepthwiseConv2dNativeBackpropInput',
    simd: simd.depthwiseBackpropInput,
    composed: composed.depthwiseBackpropInput,
  },
  { kernelName: 'UnsortedSegmentSum', composed: composed.unsortedSegmentSum },
  { kernelName: 'Einsum', composed: composed.einsum },
  // Our own, for training.
  { kernelName: 'ReluGrad', simd: simd.reluGradient, composed: composed.reluGradient },
  {
    kernelName: 'FusedBatchNormGrad',
    simd: simd.fusedBatchNormGradient,
    composed: composed.fusedBatchNormGradient,
  },
  { kernelName: 'BatchNormTraining', simd: simd.batchNormTraining, composed: composed.batchNormTraining },
  {
    kernelName: 'BatchNormTrainingGrad',
    simd: simd.batchNormTrainingGradient,
    composed: composed.batchNormTrainingGradient,
  },
  { kernelName: 'AddRelu', simd: simd.addRelu, composed: composed.addRelu },
  { kernelName: 'AttentionPool', simd: simd.attentionPool, composed: composed.attentionPool },
  { kernelName: 'AttentionPoolGrad', simd: simd.attentionPoolGradient, composed: composed.attentionPoolGradient },
  // All weights in one call, for optimisers.
  { kernelName: 'OptimizerStep', simd: simd.optimizerStep, composed: composed.noOptimizerStep },
  // Wrong in the stock engine for some calls.
  { kernelName: 'BatchMatMul', simd: simd.matMul, composed: composed.batchMatMul },
  { kernelName: '_FusedMatMul', simd: simd.matMul, composed: composed.guardedMatMul },
  { kernelName: 'Conv2D', simd: simd.conv2d, composed: /* @__PURE__ */ composed.explicitSamePadding(false) },
  { kernelName: 'FusedConv2D', simd: simd.conv2d, composed: /* @__PURE__ */ composed.explicitSamePadding(false) },
  {
    kernelName: 'DepthwiseConv2dNative',
    simd: simd.depthwiseConv2d,
    composed: /* @__PURE__ */ composed.explicitSamePadding(true),
  },
  {
    kernelName: 'FusedDepthwiseConv2D',
    simd: simd.depthwiseConv2d,
    composed: /* @__PURE__ */ composed.explicitSamePadding(true),
  },
  { kernelName: 'MaxPoolGrad', simd: simd.maxPoolGradient, composed: composed.maxPoolGradient },
  // Slow in the stock engine, or on threads that would compete with ours.
  { kernelName: 'Add', simd: simd.add },
  { kernelName: 'Relu', simd: simd.relu },
  { kernelName: 'Conv2DBackpropInput', simd: simd.conv2dBackpropInput, composed: composed.conv2dBackpropInput },
  { kernelName: 'Sum', simd: simd.sum, composed: composed.sum },
  { kernelName: 'Mean', simd: simd.mean, composed: composed.mean },
  { kernelName: 'FusedBatchNorm', simd: simd.fusedBatchNorm, composed: composed.fusedBatchNorm },
  { kernelName: 'Identity', composed: composed.identity },
  { kernelName: 'Cast', composed: composed.castToSameType },
  { kernelName: 'Tile', composed: composed.tileLeading },
  { kernelName: 'DepthToSpace', composed: composed.depthToSpace },
  { kernelName: 'Slice', simd: simd.slice },
  { kernelName: 'SplitV', simd: simd.split },
  { kernelName: 'Unpack', simd: simd.unpack },
  { kernelName: 'Concat', simd: simd.concat },
  { kernelName: 'Pack', simd: simd.pack },
  { kernelName: 'PadV2', simd: simd.pad },
  // Several steps in one call, for compiled networks.
  { kernelName: 'PackFilter', simd: simd.packFilter, composed: composed.unpackedFilter },
  { kernelName: 'RunProgram', simd: simd.runProgram, composed: composed.noProgram },
];
