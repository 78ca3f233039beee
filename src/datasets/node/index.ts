/**
 * Data sets on disk: annotation files, photographs, a loader in worker threads, and the doctor. For Node.
 *
 * @packageDocumentation
 */
export { contactSheet } from './contact-sheet';
export { decodeImage } from './decode-image';
export { doctor, type DoctorOptions, type FileDiagnosis } from './doctor';
export { imageFolder, type ImageFolderOptions } from './image-folder';
export { insideFolder } from './inside-folder';
export {
  readBoxesFile,
  readCocoFile,
  readDetectionsFile,
  readLspFile,
  readMpiiFile,
  streamCocoFile,
} from './read-files';
export { withImageSizes } from './with-image-sizes';
export {
  topDownLoader,
  type LoadedBatch,
  type TopDownLoader,
  type TopDownLoaderOptions,
} from './loader/top-down-loader';
export { readPoseFile, POSE_FILE_FORMATS, type PoseFileFormat } from './pose-file';
export { readPeopleFiles, type PeopleFiles, type ReadPeople, type ReadPeopleFilesOptions } from './people-files';
export { readEvaluationFiles, type ReadEvaluation, type ReadEvaluationOptions } from './evaluate-pose-files';
