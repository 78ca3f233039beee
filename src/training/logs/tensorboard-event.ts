import { crc32c } from '../../bytes';

/** An event as TensorBoard reads it: scalars by tag, or the version that begins every file. */
export interface TensorboardEvent {
  /** Unix time in seconds. */
  readonly seconds: number;
  readonly step?: number;
  readonly fileVersion?: string;
  readonly scalars?: Readonly<Record<string, number>>;
}

/** Protocol buffer wire format, the little that events need. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}
const field = (number: number, wire: number, payload: Iterable<number>): number[] => [
  ...varint(number * 8 + wire),
  ...payload,
];
const delimited = (number: number, payload: ArrayLike<number>): number[] =>
  field(number, 2, [...varint(payload.length), ...Array.from(payload)]);
const text = (number: number, value: string): number[] => delimited(number, new TextEncoder().encode(value));
function fixed(number: number, size: 4 | 8, value: number): number[] {
  const view = new DataView(new ArrayBuffer(size));
  if (size === 8) view.setFloat64(0, value, true);
  else view.setFloat32(0, value, true);
  return field(number, size === 8 ? 1 : 5, new Uint8Array(view.buffer));
}

/** `Event` of tensorflow/core/util/event.proto: wall_time 1, step 2, file_version 3, summary 5 { value 1 { tag 1, simple_value 2 } }. */
function message({ seconds, step = 0, fileVersion, scalars }: TensorboardEvent): Uint8Array {
  const summary = Object.entries(scalars ?? {}).flatMap(([tag, value]) =>
    delimited(1, [...text(1, tag), ...fixed(2, 4, value)]),
  );
  return Uint8Array.from([
    ...fixed(1, 8, seconds),
    ...(step === 0 ? [] : field(2, 0, varint(step))),
    ...(fileVersion === undefined ? [] : text(3, fileVersion)),
    ...(summary.length === 0 ? [] : delimited(5, summary)),
  ]);
}

/** TFRecord masks its checksums, so that a record of records does not check itself. */
const masked = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

/**
 * One event as a TFRecord: length (8 bytes), its masked CRC-32C, the protocol buffer, its masked CRC-32C.
 *
 * A file of events (`events.out.tfevents.…`) is `{ fileVersion: 'brain.Event:2' }` and then any others.
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
