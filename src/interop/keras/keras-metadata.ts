import { parseJsonText, readZip, shown } from '../../bytes';

/** The archive member with a pose model's records. Keras opens its own members by name and ignores it. */
export const KERAS_RECORDS = 'poseblocks-model.json';

const WHERE = 'kerasMetadata';

/** The records of an open archive; empty where Keras wrote it. */
export function recordsIn(files: ReadonlyMap<string, Uint8Array>, where: string): Record<string, string> {
  const file = files.get(KERAS_RECORDS);
  if (!file) return {};
  let value: unknown;
  try {
    value = parseJsonText(file, KERAS_RECORDS);
  } catch (cause) {
    throw new RangeError(`${where}: ${(cause as Error).message}`, { cause });
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject || !Object.values(value as object).every((each) => typeof each === 'string'))
    throw new RangeError(`${where}: ${KERAS_RECORDS} must be an object of texts. Received: ${shown(value)}.`);
  return value as Record<string, string>;
}

/**
 * The pose model's records that `exportKeras` stored in a `.keras` file: `poseblocks.codec`, `poseblocks.normalization` …, as JSON. Empty without records, as in files that Keras saved.
 *
 * @throws RangeError when the bytes are not an archive, or the records are invalid.
 * @example const codec = codecFromJSON(JSON.parse(kerasMetadata(bytes)['poseblocks.codec']));
 */
export function kerasMetadata(bytes: Uint8Array): Readonly<Record<string, string>> {
  return recordsIn(readZip(bytes, WHERE), WHERE);
}
