export { crc32, crc32c } from './crc';
export { fromBfloat16, fromFloat16, toFloat16 } from './float16';
export { readZip, writeZip } from './zip';
