import { parseJsonText, readZip, shown } from '../../bytes';

/** The member of the archive that has a pose model's records. Keras opens an archive by the names of its own members, and passes over it. */
export const KERAS_RECORDS = 'poseblocks-model.json';

const WHERE = 'kerasMetadata';

/** The records of an archive that is open; none where Keras wrote it. */
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
 * What `exportKeras` kept of a pose model in a `.keras` file: `poseblocks.codec`, `poseblocks.normalization` …, as JSON. Empty where there is nothing, as in files that Keras saved.
 *
 * @throws RangeError when the bytes are no archive, or the records are none.
 * @example const codec = codecFromJSON(JSON.parse(kerasMetadata(bytes)['poseblocks.codec']));
 */
export function kerasMetadata(bytes: Uint8Array): Readonly<Record<string, string>> {
  return recordsIn(readZip(bytes, WHERE), WHERE);
}
