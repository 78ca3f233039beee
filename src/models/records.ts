import { parseJsonText, reasonOf, shown } from '../bytes';
import { normalizationOf, type Normalization } from '../datasets';
import { POSE_RECORDS_VERSION } from '../interop';
import { keypointSet, type KeypointSet, type KeypointSetDefinition } from '../keypoints';
import { codecFromJSON, type Codec } from '../targets';
import { checkedCrop, type CropRule, type Provenance } from './pose-model';

/** The records that accompany a network: in the file of a pose model, or in an exported ONNX or Keras file. */
export interface PoseRecords {
  readonly codec: Codec;
  readonly keypointSet: KeypointSet;
  readonly normalization: Normalization;
  readonly crop: CropRule;
  readonly provenance: Provenance;
}

/** A file of another version, or a file that is not a pose model. */
export class PoseModelError extends RangeError {
  override readonly name = 'PoseModelError';
}

const PREFIX = 'poseblocks.';

/**
 * Reads the complete records that `poseMetadata` of `poseblocks/interop` wrote. `where` starts error messages.
 *
 * @throws PoseModelError when the records have a newer version, are incomplete, or are invalid.
 */
export function readRecords(metadata: Readonly<Record<string, string>>, where: string): PoseRecords {
  const found = readRecordParts(metadata, where);
  const missing = (['codec', 'keypointSet', 'normalization', 'crop', 'provenance'] as const).filter(
    (key) => !(key in found),
  );
  if (missing.length > 0) {
    throw new PoseModelError(
      `${where}: the file must hold poseblocks.${missing.join(', poseblocks.')}. Received: none. Is the file complete?`,
    );
  }
  return found as PoseRecords;
}

/** @internal The records that exist, and `includes`, which exported graphs have. @throws PoseModelError as {@link readRecords} does. */
export function readRecordParts(
  metadata: Readonly<Record<string, string>>,
  where: string,
): Partial<PoseRecords> & { readonly includes?: unknown } {
  const version = read(metadata, 'version', where);
  if (!(Number.isInteger(version) && (version as number) >= 1)) {
    throw new PoseModelError(
      `${where}: poseblocks.version must be a whole number from 1. Received: ${shown(version)}.`,
    );
  }
  if ((version as number) > POSE_RECORDS_VERSION) {
    throw new PoseModelError(
      `${where}: the file must be of version ${POSE_RECORDS_VERSION} or older. Received: version ${shown(version)}. Update poseblocks to read it.`,
    );
  }
  const makers = {
    codec: (json: { codec: string }) => codecFromJSON(json),
    keypointSet: setOf,
    normalization: (value: Normalization) => normalizationOf(value),
    crop: checkedCrop,
    provenance: provenanceOf,
    includes: (value: unknown) => value,
  };
  const found: Record<string, unknown> = {};
  for (const [key, make] of Object.entries(makers)) {
    const value = read(metadata, key, where);
    if (value === undefined) continue;
    try {
      found[key] = make(value as never);
    } catch (cause) {
      throw new PoseModelError(
        `${where}: poseblocks.${key} must be valid. Received: ${reasonOf(cause, 'one of another form')}.`,
        {
          cause,
        },
      );
    }
  }
  return found;
}

/** @internal Whether metadata contains the records of a pose model. */
export const hasRecords = (metadata: Readonly<Record<string, string>>): boolean => `${PREFIX}version` in metadata;

/** One record, or undefined. */
export function read(metadata: Readonly<Record<string, string>>, key: string, where: string): unknown {
  const text = metadata[`${PREFIX}${key}`];
  if (text === undefined) return undefined;
  try {
    return parseJsonText(text, key);
  } catch (cause) {
    throw new PoseModelError(`${where}: poseblocks.${key} must be JSON. Received: ${shown(text)}.`, { cause });
  }
}

/** A definition of keypoints whose fields are of the kinds that `keypointSet` goes on from. */
function setOf(value: unknown): KeypointSet {
  const { name, names, flipPairs, edges, sigmas } = (value ?? {}) as Partial<Record<keyof KeypointSetDefinition, unknown>>; // prettier-ignore
  const isList = (list: unknown, holds: (each: unknown) => boolean): boolean =>
    Array.isArray(list) && list.every(holds);
  const isText = (each: unknown): boolean => typeof each === 'string';
  const isPair = (each: unknown): boolean => isList(each, isText);
  const fields: readonly (readonly [string, unknown, boolean])[] = [
    ['name', name, isText(name)],
    ['names', names, isList(names, isText)],
    ['flipPairs', flipPairs, flipPairs === undefined || isList(flipPairs, isPair)],
    ['edges', edges, edges === undefined || isList(edges, isPair)],
    ['sigmas', sigmas, sigmas === undefined || typeof sigmas === 'number' || isList(sigmas, (each) => typeof each === 'number')], // prettier-ignore
  ];
  for (const [field, given, fine] of fields)
    if (!fine) throw new TypeError(`${field} must be one of keypoints. Received: ${shown(given)}.`);
  return keypointSet(value as KeypointSetDefinition);
}

function provenanceOf(value: unknown): Provenance {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new TypeError(`it must be an object. Received: ${shown(value)}.`);
  }
  return value as Provenance;
}
