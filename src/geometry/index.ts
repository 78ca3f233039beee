/**
 * Boxes, crops and affine maps: from pixels of the photograph to pixels of a network's input, and back.
 *
 * @packageDocumentation
 */
export { cropFromMatrix, mirrorCrop, type Affine, type Crop } from './crop';
export { centerToCrop, type Alignment, type CropOptions, type Region } from './center-crop';
export { boxRegion, boxToCrop, cleanBox, type BoxCropOptions } from './box-crop';
export {
  bodyWindow,
  bodyWindowCrop,
  imageToCrop,
  keypointsBox,
  mpiiRegion,
  mpiiToCrop,
  type MpiiPerson,
} from './dataset-crops';
