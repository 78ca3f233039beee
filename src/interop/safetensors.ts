import type { StateTensor } from './state-dict';

/** A safetensors file as {@link readSafetensors} gives it. */
export interface Safetensors {
  /** The float32 and float16 tensors, as float32. */
  readonly tensors: Readonly<Record<string, StateTensor>>;
  /** Names of tensors of other types (`num_batches_tracked`, int64): not read. */
  readonly skipped: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** The bytes of all values, behind the header. */
  readonly payload: Uint8Array;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const BYTES: Readonly<Record<string, number>> = { F32: 4, F16: 2 };

/**
 * Reads a safetensors file: 8 bytes of header length, a JSON header, then the values, little-endian. In Python,
 * `safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')` writes one.
 *
 * https://github.com/huggingface/safetensors
 *
 * @param where what to call the file in errors
 * @throws RangeError when it is cut short or something else.
 * @example
 * const { tensors } = readSafetensors(await readFile('resnet50.safetensors'), 'resnet50.safetensors');
 * loadStateDict(network, tensors, { strict: false });
 */
export function readSafetensors(bytes: Uint8Array, where = 'readSafetensors'): Safetensors {
  const fail = (what: string, cause?: unknown): never => {
    throw new RangeError(`${where}: ${what}`, { cause });
  };
  if (bytes.length < 8) fail(`a safetensors file must have a header. Received: ${bytes.length} bytes.`);
  const header = Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true));
  if (header > bytes.length - 8) fail(`the header must fit the file. Received: ${header} of ${bytes.length} bytes.`);
  let json: { __metadata__?: Record<string, string> } & Record<string, unknown> = {};
  try {
    json = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + header))) as typeof json;
  } catch (error) {
    fail(`the header must be JSON. Received: ${(error as Error).message}.`, error);
  }
  const { __metadata__: metadata = {}, ...entries } = json;
  const payload = bytes.subarray(8 + header);
  const skipped: string[] = [];
  const read = Object.entries(entries as Record<string, Entry>).flatMap(([name, { dtype, shape, data_offsets }]) => {
    const size = BYTES[dtype];
    if (size === undefined) {
      skipped.push(name);
      return [];
    }
    const [from, to] = data_offsets;
    const length = size * shape.reduce((a, b) => a * b, 1);
    if (!(from >= 0 && to <= payload.length && to - from === length)) {
      fail(`${name} must lie in the file and fill its shape [${shape}]. Received: bytes ${from} to ${to}.`);
    }
    const { buffer } = Uint8Array.from(payload.subarray(from, to)); // not slice: Node's Buffer makes that a view
    const data = size === 4 ? new Float32Array(buffer) : Float32Array.from(new Uint16Array(buffer), halfToFloat);
    return [[name, { shape, data }] as const];
  });
  return { tensors: Object.fromEntries(read), skipped, metadata, payload };
}

/** IEEE 754 binary16. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
