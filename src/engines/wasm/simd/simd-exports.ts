/**
 * The arguments are pointers, byte strides and counts as documented in the AssemblyScript source in assembly/. A kernel that returns 1 waits for
 * the other threads and must be called again.
 */
export type Kernel = (...args: number[]) => number | void;

/** Kernels that one thread runs. */
export type SerialKernel = 'copyRows' | 'packFilter';

/** Kernels whose last two arguments, `part` and `parts`, select a thread's share of the work. */
export const PARALLEL_KERNELS = [
  'adaptiveStep',
  'affineColumns',
  'attentionPool',
  'attentionPoolGradient',
  'columnStatistics',
  'columnSums',
  'convolution',
  'convolutionFilterGradient',
  'convolutionInputGradient',
  'depthwiseConvolution',
  'depthwiseFilterGradient',
  'depthwiseInputGradient',
  'descentStep',
  'matrixProduct',
  'matrixProducts',
  'maxPoolGradient',
  'normalizationGradient',
  'normalizationSums',
  'relu',
  'reluGradient',
  'rmspropStep',
  'rowDots',
  'runProgram',
  'softmaxRows',
  'sum',
  'winogradConvolution',
  'winogradFilter',
  'winogradFilterGradient',
] as const;

export type ParallelKernel = (typeof PARALLEL_KERNELS)[number];

export type SimdExports = Readonly<Record<SerialKernel | ParallelKernel, Kernel>>;
