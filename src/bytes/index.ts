export { crc32, crc32c } from './crc';
export { fromBfloat16, fromFloat16, toFloat16 } from './float16';
export { parseJsonText } from './json';
export { NUMBER_TYPES, type NumberType } from './numbers';
export { printable, shown, shownNames } from './shown';
export { readZip, writeZip } from './zip';
export { readHdf5 } from './hdf5/read-hdf5';
export { writeHdf5, type Dataset } from './hdf5/write-hdf5';
