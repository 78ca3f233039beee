export { imageFileUrl } from './image-file-url';
export { toPng, type ToPngOptions } from './to-png';
