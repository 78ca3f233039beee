/**
 * Pictures and videos in files. For Node.
 *
 * @packageDocumentation
 */
export { detectorFile, DETECTOR_KINDS, type DetectorFileOptions, type DetectorKind, type FileDetector } from './detector-file'; // prettier-ignore
export { findPictures, type PictureFile } from './find-pictures';
export { graphModelFile } from './graph-model-file';
export { imageFiles, type ImageFile } from './image-files';
export { predictPictures, type PredictedPerson, type PredictedPicture, type PredictPicturesOptions } from './predict';
export { predictFiles, type PredictFilesOptions, type PredictReport } from './predict-files';
export { videoInfo, type VideoInfo } from './video-info';
export { videoFile, type VideoFileOptions, type VideoFilePicture } from './video-file';
