/**
 * A pose model: a network with its codec, keypoints, normalisation, crop rule and origin, in one safetensors file.
 *
 * @packageDocumentation
 */
export { loadPoseModel, type PoseModelSource } from './load-pose-model';
export type { FetchOptions, FetchProgress } from './fetch-bytes';
export { cropOf, poseModel, type CropRule, type PoseModel, type PoseModelOptions, type Provenance } from './pose-model';
export { PoseModelError, readRecordParts, hasRecords, type PoseRecords } from './records';
export { savePoseModel, type SavePoseModelOptions } from './save-pose-model';
