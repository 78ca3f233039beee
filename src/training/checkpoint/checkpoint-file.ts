import { crc32c } from '../../bytes';
import { parseSafetensors, writeSafetensors, type SafetensorsParts } from '../../interop';
import type { NamedWeights } from './named-weights';

/** The contents of a checkpoint file. */
export interface CheckpointContents {
  readonly tensors: NamedWeights;
  /** Plain data: numbers (including NaN and infinities), strings, arrays and objects of them. */
  readonly state: unknown;
}

/** A checkpoint that cannot be read, written or used; the message names it and the reason. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

const FORMAT = 'poseblocks-checkpoint-1';
/** JSON has neither NaN nor infinity, and the history of a diverged run contains both. */
const replacer = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;
const reviver = (_key: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && '$number' in value ? Number(value.$number) : value;

/**
 * Writes a safetensors file of float32 values. The state is JSON in the header's `__metadata__`, with a CRC-32C of the values.
 *
 * @example
 * const bytes = encodeCheckpoint({ tensors: await readWeights(network), state: { epoch: 3 } });
 */
export function encodeCheckpoint({ tensors, state }: CheckpointContents): Uint8Array {
  let checksum = 0;
  for (const { data } of Object.values(tensors)) {
    checksum = crc32c(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), checksum);
  }
  const metadata = { format: FORMAT, crc32c: String(checksum), state: JSON.stringify(state, replacer) };
  return writeSafetensors(tensors, { metadata });
}

/**
 * Reads the output of {@link encodeCheckpoint}.
 *
 * @param bytes of the checkpoint
 * @param file name for errors. @defaultValue `'decodeCheckpoint'`
 * @throws CheckpointError when the file is truncated, damaged, or not a checkpoint.
 * @example const { tensors } = decodeCheckpoint(await readFile('out/lpn-50/best.safetensors'));
 */
export function decodeCheckpoint(bytes: Uint8Array, file = 'decodeCheckpoint'): CheckpointContents {
  const fail = (what: string): never => {
    throw new CheckpointError(`${file}: ${what}`);
  };
  const { tensors, metadata, payload } = parts(bytes, file);
  if (metadata['format'] !== FORMAT) fail(`the format must be ${FORMAT}. Received: ${metadata['format']}.`);
  if (crc32c(payload) !== Number(metadata['crc32c'])) {
    fail(`the checksum must match. Received: a different one; the file is damaged. Use another checkpoint.`);
  }
  return { tensors, state: JSON.parse(metadata['state']!, reviver) };
}

function parts(bytes: Uint8Array, where: string): SafetensorsParts {
  try {
    return parseSafetensors(bytes, where);
  } catch (cause) {
    throw new CheckpointError((cause as Error).message, { cause });
  }
}
