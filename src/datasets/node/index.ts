export { decodeImage } from './decode-image';
export { imageFolder, type ImageFolderOptions } from './image-folder';
export { readCocoFile } from './read-coco-file';
