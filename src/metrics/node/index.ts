/**
 * COCO evaluations of files of any size. For Node.
 *
 * @packageDocumentation
 */
export { readAccumulatorFile, readCocoFiles, type CocoFiles } from './read-files';
export { readAnnotationHead, type AnnotationHead } from './annotation-head';
export {
  evaluateFiles,
  evaluationOptions,
  readEvaluation,
  type EvaluateFilesOptions,
  type FilesEvaluation,
} from './evaluate-files';
export { evaluationSet, type AskedSigmas, type EvaluationSet } from './evaluation-set';
