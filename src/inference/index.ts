export { compile, type CompiledNetwork } from './compile';
export { compilePose, type CompiledPose, type CompilePoseOptions } from './compile-pose';
export { createEstimator, type Estimator, type EstimatorOptions, type ImageSource } from './estimator';
export type { OnnxRuntime, OnnxSource } from './onnx-pose';
export type { FlipTest } from './pose-runner';
