/**
 * Networks compiled for prediction, and estimators: from photographs and boxes to keypoints, on TensorFlow.js or ONNX Runtime.
 *
 * @packageDocumentation
 */
export { compile, type CompiledNetwork, type CompileOptions, type Precision } from './compile';
export { compilePose, type CompiledPose, type CompilePoseOptions } from './compile-pose';
export { createEstimator, type BoxedImage, type Estimator, type EstimatorOptions } from './estimator';
export { imageSize, readPixels, type ImagePart, type ImageSource, type PartOptions } from './image-source';
export type { OnnxRuntime, OnnxRuntimeModule, OnnxSource } from './onnx-pose';
export type { FlipTest } from './pose-runner';
