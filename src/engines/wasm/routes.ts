import { fusedBatchNorm } from './composed/batch-norm';
import { columnMeans, columnSums, leadingReduction } from './composed/column-sums';
import { conv2dBackpropFilter, conv2dBackpropInput } from './composed/conv2d-gradients';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './composed/depthwise-gradients';
import { einsum } from './composed/einsum';
import { castToSameType, depthToSpace, identity, tileLeading } from './composed/layout';
import { batchMatMul, guardedMatMul } from './composed/matmul';
import { explicitSamePadding } from './composed/same-padding';
import { unsortedSegmentSum } from './composed/segment-sum';
import type { KernelRoute } from './kernel-route';

/** Every kernel that we add to the stock wasm engine, or take over from it. */
export const routes: readonly KernelRoute[] = [
  // absent from the stock engine
  { kernelName: 'Conv2DBackpropFilter', composed: conv2dBackpropFilter },
  { kernelName: 'DepthwiseConv2dNativeBackpropFilter', composed: depthwiseBackpropFilter },
  { kernelName: 'DepthwiseConv2dNativeBackpropInput', composed: depthwiseBackpropInput },
  { kernelName: 'UnsortedSegmentSum', composed: unsortedSegmentSum },
  { kernelName: 'Einsum', composed: einsum },
  // wrong there
  { kernelName: 'BatchMatMul', composed: batchMatMul },
  { kernelName: '_FusedMatMul', composed: guardedMatMul },
  { kernelName: 'Conv2D', composed: explicitSamePadding(false) },
  { kernelName: 'FusedConv2D', composed: explicitSamePadding(false) },
  { kernelName: 'DepthwiseConv2dNative', composed: explicitSamePadding(true) },
  { kernelName: 'FusedDepthwiseConv2D', composed: explicitSamePadding(true) },
  // slow there
  { kernelName: 'Conv2DBackpropInput', composed: conv2dBackpropInput },
  { kernelName: 'Sum', composed: (args) => leadingReduction(args, columnSums) },
  { kernelName: 'Mean', composed: (args) => leadingReduction(args, columnMeans) },
  { kernelName: 'FusedBatchNorm', composed: fusedBatchNorm },
  { kernelName: 'Identity', composed: identity },
  { kernelName: 'Cast', composed: castToSameType },
  { kernelName: 'Tile', composed: tileLeading },
  { kernelName: 'DepthToSpace', composed: depthToSpace },
];
