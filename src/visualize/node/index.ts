/**
 * The same pictures as PNG. For Node.
 *
 * @packageDocumentation
 */
export { loadSharp } from './load-sharp';
export { imageFileUrl } from './image-file-url';
export { pictureSheet, pictureThumbnail, type PictureSheetOptions, type SheetPicture } from './picture-sheet';
export { posePicture, type PicturePixels, type PosePictureOptions } from './pose-picture';
export { toPng, type ToPngOptions } from './to-png';
