import {
  hasFields,
  knownOptions,
  NUMBER_TYPES,
  type NumberType,
  parseJsonText,
  requireThat,
  shown,
  shownNames,
  toFloat16,
} from '../../bytes';
import type { StateDict, StateTensor } from '../state-dict';
import { expandInt8, scalesOf, toInt8 } from './int8';

const READERS: Readonly<Record<string, NumberType>> = {
  F32: NUMBER_TYPES.float32,
  F16: NUMBER_TYPES.float16,
  BF16: NUMBER_TYPES.bfloat16,
  F64: NUMBER_TYPES.float64,
  I64: NUMBER_TYPES.int64,
  U64: NUMBER_TYPES.uint64,
  I32: NUMBER_TYPES.int32,
  U32: NUMBER_TYPES.uint32,
  I16: NUMBER_TYPES.int16,
  U16: NUMBER_TYPES.uint16,
  I8: NUMBER_TYPES.int8,
  U8: NUMBER_TYPES.uint8,
  BOOL: NUMBER_TYPES.uint8,
};

/** The parts of a safetensors file. */
export interface SafetensorsParts {
  readonly tensors: Record<string, StateTensor>;
  /** Free text stored beside the tensors. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The bytes of all tensors. */
  readonly payload: Uint8Array;
}

/** Maximum number of axes; weights of networks have fewer. */
const MOST_AXES = 32;
/** Maximum nesting: a tensor, its type and its shape. */
const DEEPEST = 8;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const isEntry = (value: unknown): value is Entry => {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const counts = (list: unknown): list is number[] =>
    Array.isArray(list) && list.length <= MOST_AXES && list.every((each) => Number.isSafeInteger(each) && each >= 0);
  return typeof dtype === 'string' && counts(shape) && counts(offsets) && offsets.length === 2;
};

interface Header {
  readonly json: Record<string, unknown>;
  /** Length of the header's text, which starts at byte 8. */
  readonly length: number;
}

function readHeader(bytes: Uint8Array, fail: (what: string, cause?: unknown) => never): Header {
  if (bytes.length < 8) fail(`the file must start with the length of its header. Received: ${bytes.length} bytes.`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true));
  if (length > bytes.length - 8) {
    fail(
      `the header must fit the file. Received: ${length} of ${bytes.length} bytes. Is it a complete safetensors file?`,
    );
  }
  let json: unknown;
  try {
    json = parseJsonText(bytes.subarray(8, 8 + length), 'the header', DEEPEST);
  } catch (cause) {
    fail((cause as Error).message, cause);
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    fail(`the header must be an object. Received: ${shown(json)}.`);
  return { json: json as Record<string, unknown>, length };
}

const failing =
  (where: string) =>
  (what: string, cause?: unknown): never => {
    throw new RangeError(`${where}: ${what}`, { cause });
  };

function metadataOf({ json }: Header, fail: (what: string) => never): Record<string, string> {
  const metadata = json['__metadata__'] ?? {};
  const isText = (value: unknown): boolean => typeof value === 'string';
  return typeof metadata === 'object' && !Array.isArray(metadata) && Object.values(metadata).every(isText)
    ? (metadata as Record<string, string>)
    : fail(`__metadata__ must be an object of texts. Received: ${shown(metadata)}.`);
}

/** Tensors must not share bytes, as the format requires; otherwise a small file could expand to any size. */
function checkOverlaps(entries: readonly (readonly [string, Entry])[], fail: (what: string) => never): void {
  const order = entries
    .filter(([, { data_offsets: [from, to] }]) => to > from)
    .sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]); // prettier-ignore
  order.slice(1).forEach(
    (
      [
        name,
        {
          data_offsets: [from],
        },
      ],
      i,
    ) => {
      const [before, { data_offsets: [, end] }] = order[i]!; // prettier-ignore
      if (from < end) fail(`tensors must not overlap. Received: ${shownNames([before, name])}, both at byte ${from}.`);
    },
  );
}

/** @internal Reads a file with its metadata. `where` starts error messages. */
export function parseSafetensors(bytes: Uint8Array, where = 'parseSafetensors'): SafetensorsParts {
  requireThat(bytes instanceof Uint8Array, where, 'bytes must be those of a file, a Uint8Array', bytes, 'In Node: await readFile(path).'); // prettier-ignore
  const fail = failing(where);
  const header = readHeader(bytes, fail);
  const { __metadata__: _, ...rest } = header.json;
  const payload = bytes.subarray(8 + header.length);
  const entries = Object.entries(rest).map(([name, entry]): [string, Entry] => {
    const called = shownNames([name]);
    if (!isEntry(entry)) return fail(`${called} must have dtype, shape and data_offsets. Received: ${shown(entry)}.`);
    const { dtype, shape, data_offsets: [from, to] } = entry; // prettier-ignore
    const reader = Object.hasOwn(READERS, dtype) ? READERS[dtype] : undefined;
    if (!reader) return fail(`${called} must be of type ${Object.keys(READERS).join(', ')}. Received: ${shownNames([dtype])}.`); // prettier-ignore
    const count = shape.reduce((a, b) => a * b, 1);
    if (to - from !== count * reader.bytes || to > payload.length) {
      fail(
        `${called} must lie within the file. Received: bytes ${from} to ${to} of ${payload.length} for ${shown(shape)} ${dtype}.`,
      );
    }
    return [name, entry];
  });
  checkOverlaps(entries, fail);
  const tensors = entries.map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]): [string, StateTensor] => {
      // A copy: files are not aligned, and Node's buffers share memory.
      return [name, { shape, data: READERS[dtype]!.read(Uint8Array.from(payload.subarray(from, to)).buffer) }];
    },
  );
  return { tensors: expandInt8(Object.fromEntries(tensors), fail), metadata: metadataOf(header, fail), payload };
}

/**
 * Reads a safetensors file (github.com/huggingface/safetensors): tensors by name, in single precision whatever their stored type.
 * Memory is bounded by the file's size, since tensors must not share bytes.
 *
 * @throws RangeError when the file is truncated or not safetensors, or a tensor has an unsupported type (8-bit floats).
 * @example loadStateDict(network, readSafetensors(await readFile('lpn-50.safetensors')))
 */
export function readSafetensors(bytes: Uint8Array): Record<string, StateTensor> {
  return parseSafetensors(bytes, 'readSafetensors').tensors;
}

/**
 * The free text beside the tensors of a safetensors file, such as `format: 'pt'`. Reads the header only.
 *
 * @param bytes of the file, or of its header alone
 * @throws RangeError or SyntaxError when the header is damaged.
 * @example safetensorsMetadata(await readFile('model.safetensors'))['format'] // 'pt'
 */
export function safetensorsMetadata(bytes: Uint8Array): Readonly<Record<string, string>> {
  const fail = failing('safetensorsMetadata');
  return metadataOf(readHeader(bytes, fail), fail);
}

/** Options of {@link writeSafetensors}. */
export interface WriteSafetensorsOptions {
  /**
   * Type of the stored numbers. `float16` halves the file and rounds each weight by up to 2⁻¹¹ of it; values above 65,504 are an error.
   * `int8` is a quarter of the size: filters as integers with one scale per output channel, which is stored as `name.int8_scale` and which readers here
   * multiply by; vectors as float16, where they are small enough.
   *
   * @defaultValue 'float32'
   */
  dtype?: 'float32' | 'float16' | 'int8';
  /** Free text stored beside the tensors. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes tensors as a safetensors file, which PyTorch, JAX and {@link readSafetensors} read.
 *
 * @throws RangeError when the length of a tensor differs from its shape, or a value is too large for float16.
 * @example await writeFile('lpn-50.safetensors', writeSafetensors(await stateDict(network), { dtype: 'float16' }))
 */
export function writeSafetensors(tensors: StateDict, options: WriteSafetensorsOptions = {}): Uint8Array {
  requireThat(
    hasFields(tensors) && Object.values(tensors).every((tensor) => hasFields(tensor, 'shape', 'data')),
    'writeSafetensors',
    'tensors must be { name: { shape, data } }',
    tensors,
    'await stateDict(network) gives those of a network.',
  );
  const { dtype = 'float32', metadata } = knownOptions('writeSafetensors', options, ['dtype', 'metadata']);
  if (!['float32', 'float16', 'int8'].includes(dtype)) {
    throw new RangeError(`writeSafetensors: dtype must be 'float32', 'float16' or 'int8'. Received: ${String(dtype)}.`);
  }
  let offset = 0;
  const parts: Uint8Array[] = [];
  const entries: [string, object][] = [];
  const put = (name: string, type: string, shape: readonly number[], stored: ArrayBufferView): void => {
    parts.push(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
    entries.push([name, { dtype: type, shape, data_offsets: [offset, (offset += stored.byteLength)] }]);
  };
  const putVector = (name: string, shape: readonly number[], data: Float32Array, least: number): void =>
    fitsHalf(data, least) ? put(name, 'F16', shape, toFloat16(data)) : put(name, 'F32', shape, data);
  const whole: (() => void)[] = []; // at the end, so that four-byte values are aligned
  for (const [name, tensor] of Object.entries(tensors)) {
    const { shape, data } = tensor;
    if (shape.reduce((a, b) => a * b, 1) !== data.length) {
      throw new RangeError(
        `writeSafetensors: ${name} must have as many numbers as its shape. Received: ${data.length} for [${shape.join(', ')}].`,
      );
    }
    const int8 = dtype === 'int8' ? toInt8(tensor) : undefined;
    if (int8) {
      putVector(scalesOf(name), [int8.scales.length], int8.scales, 2 ** -16);
      whole.push(() => put(name, 'I8', shape, int8.data));
    } else if (dtype === 'int8') putVector(name, shape, data, 0);
    else if (dtype === 'float16') put(name, 'F16', shape, halves(name, data));
    else put(name, 'F32', shape, data);
  }
  whole.forEach((write) => write());
  const header = { ...(metadata && { __metadata__: metadata }), ...Object.fromEntries(entries) };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8; // padded with spaces, so that the values are aligned
  const bytes = new Uint8Array(8 + length + offset).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  let at = 8 + length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function halves(name: string, data: Float32Array): Uint16Array {
  const large = data.find((value) => Math.abs(value) >= 65520 && Number.isFinite(value));
  if (large !== undefined) {
    throw new RangeError(
      `writeSafetensors: ${name} must be below 65,520 to be stored as float16. Received: ${large}. Write it as float32.`,
    );
  }
  return toFloat16(data);
}

/** Whether float16 holds all values: to 2⁻¹¹ of each from 2⁻¹⁴ on, and to 2⁻²⁵ below. */
function fitsHalf(data: Float32Array, least: number): boolean {
  return data.every((value) => value === 0 || (Math.abs(value) >= least && Math.abs(value) < 65520));
}
