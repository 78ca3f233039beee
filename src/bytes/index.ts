/**
 * Checksums, half precision, ZIP and HDF5, on bytes alone: what the files of this library are made of.
 *
 * @packageDocumentation
 */
export { fromBase64 } from './base64';
export { Budget, numbersBudget } from './budget';
export { crc32, crc32c } from './crc';
export { fromFloat16, toFloat16 } from './float16';
export { importByName } from './import-by-name';
export { parseJsonText } from './json';
export { knownOptions, nearestName } from './known-options';
export { NUMBER_TYPES, type NumberType } from './numbers';
export { packedVarints, ProtobufWriter, readProtobuf, type ProtobufField } from './protobuf';
export { boundedText, printable, printableLines, reasonOf, shown, shownNames } from './shown';
export { hasFields, inWords, requireThat } from './require-that';
export { readZip, writeZip } from './zip';
export { readHdf5 } from './hdf5/read-hdf5';
export { writeHdf5, type Dataset } from './hdf5/write-hdf5';
