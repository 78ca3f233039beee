/** Each takes pointers, byte strides and counts as its AssemblyScript source under assembly/ says. */
export type Kernel = (...args: number[]) => void;

/** Kernels that take the whole of the work. */
export type SerialKernel = 'copyRows';

/** Kernels whose last two arguments, `part` and `parts`, say which share of the work a thread does. */
export type ParallelKernel =
  | 'affineColumns'
  | 'centredProducts'
  | 'columnSums'
  | 'columnVariances'
  | 'convolution'
  | 'convolutionFilterGradient'
  | 'convolutionInputGradient'
  | 'depthwiseFilterGradient'
  | 'depthwiseInputGradient'
  | 'matrixProduct'
  | 'maxPoolGradient'
  | 'reluGradient';

export type SimdExports = Readonly<Record<SerialKernel | ParallelKernel, Kernel>>;
