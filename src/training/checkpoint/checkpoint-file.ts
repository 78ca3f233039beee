import { readSafetensors, type Safetensors } from '../../interop';
import { crc32c } from './crc32c';
import type { NamedWeights } from './named-weights';

/** What a checkpoint file holds. */
export interface CheckpointContents {
  readonly tensors: NamedWeights;
  /** Plain data: numbers (also NaN and infinities), strings, arrays and objects of them. */
  readonly state: unknown;
}

/** A checkpoint that cannot be read, written or used; the message says which and why. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

const FORMAT = 'poseblocks-checkpoint-1';
/** JSON has no NaN and no infinity, and a run that diverged has both in its history. */
const replacer = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;
const reviver = (_key: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && '$number' in value ? Number(value.$number) : value;

/**
 * Writes a safetensors file: 8 bytes of header length, a JSON header, then the float32 values, little-endian. The state is
 * JSON in the header's `__metadata__`, beside a CRC-32C of the values. https://github.com/huggingface/safetensors
 *
 * @example
 * const bytes = encodeCheckpoint({ tensors: await readWeights(network), state: { epoch: 3 } });
 */
export function encodeCheckpoint({ tensors, state }: CheckpointContents): Uint8Array {
  let offset = 0;
  const entries = Object.entries(tensors).map(([name, { shape, data }]) => {
    const from = offset;
    offset += data.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [from, offset] }] as const;
  });
  const payload = new Uint8Array(offset);
  for (const [name, { data_offsets }] of entries) {
    const { buffer, byteOffset, byteLength } = tensors[name]!.data;
    payload.set(new Uint8Array(buffer, byteOffset, byteLength), data_offsets[0]);
  }
  const metadata = { format: FORMAT, crc32c: String(crc32c(payload)), state: JSON.stringify(state, replacer) };
  const json = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const header = Math.ceil(json.length / 8) * 8; // padded with spaces, so that the values are aligned
  const bytes = new Uint8Array(8 + header + offset).fill(0x20, 8, 8 + header);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header), true);
  bytes.set(json, 8);
  bytes.set(payload, 8 + header);
  return bytes;
}

/**
 * Reads what {@link encodeCheckpoint} wrote.
 *
 * @param where what to call the file in errors
 * @throws CheckpointError when it is cut short, damaged, or something else.
 */
export function decodeCheckpoint(bytes: Uint8Array, where = 'decodeCheckpoint'): CheckpointContents {
  const fail = (what: string): never => {
    throw new CheckpointError(`${where}: ${what}`);
  };
  let file: Safetensors;
  try {
    file = readSafetensors(bytes, where);
  } catch (error) {
    throw new CheckpointError((error as Error).message, { cause: error });
  }
  const { tensors, metadata, payload } = file;
  if (metadata['format'] !== FORMAT) fail(`the format must be ${FORMAT}. Received: ${metadata['format']}.`);
  if (crc32c(payload) !== Number(metadata['crc32c'])) {
    fail(`the checksum must match. Received: another one; the file is damaged. Use another checkpoint.`);
  }
  return { tensors, state: JSON.parse(metadata['state']!, reviver) };
}
