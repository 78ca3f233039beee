import { crc32c, ProtobufWriter } from '../../bytes';

/** A TensorBoard event: scalars by tag, or the version that starts every file. */
export interface TensorboardEvent {
  /** Unix time in seconds. */
  readonly seconds: number;
  readonly step?: number;
  readonly fileVersion?: string;
  readonly scalars?: Readonly<Record<string, number>>;
}

/** `Event` of tensorflow/core/util/event.proto: wall_time 1, step 2, file_version 3, summary 5 { value 1 { tag 1, simple_value 2 } }. */
function message({ seconds, step = 0, fileVersion, scalars }: TensorboardEvent): Uint8Array {
  const event = new ProtobufWriter().double(1, seconds);
  if (step !== 0) event.int(2, step);
  if (fileVersion !== undefined) event.bytes(3, fileVersion);
  const summary = new ProtobufWriter();
  for (const [tag, value] of Object.entries(scalars ?? {})) {
    summary.bytes(1, new ProtobufWriter().bytes(1, tag).float(2, value));
  }
  const values = summary.finish();
  if (values.length > 0) event.bytes(5, values);
  return event.finish();
}

/** TFRecord masks its checksums, so that the checksum of data that contains checksums stays meaningful. */
const masked = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

/**
 * @internal One event as a TFRecord: length (8 bytes), its masked CRC-32C, the protocol buffer, its masked CRC-32C.
 *
 * A file of events (`events.out.tfevents.…`) starts with `{ fileVersion: 'brain.Event:2' }`.
 *
 * @throws RangeError when the step is not an integer from 0.
 * @example
 * tensorboardEvent({ seconds: Date.now() / 1000, step: 3, scalars: { 'train/loss': 0.1 } });
 */
export function tensorboardEvent(event: TensorboardEvent): Uint8Array {
  const { step = 0 } = event;
  if (!(Number.isSafeInteger(step) && step >= 0)) {
    throw new RangeError(`tensorboardEvent: step must be an integer from 0. Received: ${step}.`);
  }
  const data = message(event);
  const record = new Uint8Array(8 + 4 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, masked(data), true);
  return record;
}
