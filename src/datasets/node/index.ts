export { decodeImage } from './decode-image';
export { imageFolder, type ImageFolderOptions } from './image-folder';
export { readCocoFile, readDetectionsFile, readLspFile, readMpiiFile } from './read-files';
