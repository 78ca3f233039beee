// A baseline JPEG decoder for a memory of its own, equal to libjpeg's to the bit.
export { toRgb } from './jpeg-color';
export { decodeScan, unstuff } from './jpeg-scan';
