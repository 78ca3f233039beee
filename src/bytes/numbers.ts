import { fromBfloat16, fromFloat16 } from './float16';

/** Conversion of a file's numbers to single precision. */
export interface NumberType {
  /** Bytes per number. */
  readonly bytes: number;
  /** Little-endian numbers that fill the buffer. */
  readonly read: (buffer: ArrayBuffer) => Float32Array;
}

/** @internal Number types by name. Doubles, and integers above 2²⁴, are rounded to single precision. */
export const NUMBER_TYPES: Readonly<
  Record<
    | 'float16'
    | 'bfloat16'
    | 'float32'
    | 'float64'
    | 'int8'
    | 'int16'
    | 'int32'
    | 'int64'
    | 'uint8'
    | 'uint16'
    | 'uint32'
    | 'uint64',
    NumberType
  >
> = {
  float16: { bytes: 2, read: (buffer) => fromFloat16(new Uint16Array(buffer)) },
  bfloat16: { bytes: 2, read: (buffer) => fromBfloat16(new Uint16Array(buffer)) },
  float32: { bytes: 4, read: (buffer) => new Float32Array(buffer) },
  float64: { bytes: 8, read: (buffer) => Float32Array.from(new Float64Array(buffer)) },
  int8: { bytes: 1, read: (buffer) => Float32Array.from(new Int8Array(buffer)) },
  int16: { bytes: 2, read: (buffer) => Float32Array.from(new Int16Array(buffer)) },
  int32: { bytes: 4, read: (buffer) => Float32Array.from(new Int32Array(buffer)) },
  int64: { bytes: 8, read: (buffer) => Float32Array.from(new BigInt64Array(buffer), Number) },
  uint8: { bytes: 1, read: (buffer) => Float32Array.from(new Uint8Array(buffer)) },
  uint16: { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer)) },
  uint32: { bytes: 4, read: (buffer) => Float32Array.from(new Uint32Array(buffer)) },
  uint64: { bytes: 8, read: (buffer) => Float32Array.from(new BigUint64Array(buffer), Number) },
};
