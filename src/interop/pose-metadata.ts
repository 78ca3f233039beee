import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { GraphNormalization, OperationOf } from '../graph';
import { definitionOf, type KeypointSet } from '../keypoints';

/** The part of a codec that files store. */
export interface ExportCodec {
  readonly inputSize: readonly [width: number, height: number];
  decodeOperation?(): OperationOf<'decode'> | undefined;
  checkOutputs?(where: string, shapes: readonly (readonly number[])[]): void;
  toJSON(): { readonly codec: string };
}

/** The records that may accompany a network, as in a `PoseModel` of `poseblocks/models`. */
export interface PoseParts {
  readonly codec?: ExportCodec;
  readonly normalization?: GraphNormalization;
  readonly keypointSet?: KeypointSet;
  readonly crop?: object;
  readonly provenance?: object;
}

/** A network, or an object with a network and its records: a pose model. */
export type ExportSource = LayersModel | (PoseParts & { readonly network: LayersModel });

/** The version of the records in file metadata. */
export const POSE_RECORDS_VERSION = 1;

/**
 * The records of a network as text by key (`poseblocks.codec`, …), the form of metadata in safetensors, ONNX and Keras files.
 *
 * @param more further records, each stored as JSON
 * @example poseMetadata(model)['poseblocks.version'] // '1'
 */
export function poseMetadata(parts: PoseParts, more: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  const { codec, keypointSet, normalization, crop, provenance } = parts;
  const records: Record<string, unknown> = {
    version: POSE_RECORDS_VERSION,
    codec: codec?.toJSON(),
    keypointSet: keypointSet && definitionOf(keypointSet),
    normalization,
    crop,
    provenance,
    ...more,
  };
  const known = Object.entries(records).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([key, value]) => [`poseblocks.${key}`, JSON.stringify(value)]));
}

/** Separates a network and its records. */
export function apart(source: ExportSource): { readonly network: LayersModel; readonly parts: PoseParts } {
  return 'network' in source
    ? { network: source.network, parts: source }
    : { network: source as LayersModel, parts: {} };
}
