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
