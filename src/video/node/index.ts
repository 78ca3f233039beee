export { graphModelFile } from './graph-model-file';
export { imageFiles, type ImageFile } from './image-files';
export { videoFile, type VideoFileOptions, type VideoFilePicture } from './video-file';
