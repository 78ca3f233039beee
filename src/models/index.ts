export { loadPoseModel, type PoseModelSource } from './load-pose-model';
export type { FetchOptions, FetchProgress } from './fetch-bytes';
export { cropOf, poseModel, type CropRule, type PoseModel, type PoseModelOptions, type Provenance } from './pose-model';
export { PoseModelError, readRecordParts, hasRecords, type PoseRecords } from './records';
export { savePoseModel, type SavePoseModelOptions } from './save-pose-model';
