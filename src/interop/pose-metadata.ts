import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { GraphNormalization, OperationOf } from '../graph';
import { definitionOf, type KeypointSet } from '../keypoints';

/** As much of a codec as a file takes. */
export interface ExportCodec {
  readonly inputSize: readonly [width: number, height: number];
  decodeOperation?(): OperationOf<'decode'> | undefined;
  checkOutputs?(where: string, shapes: readonly (readonly number[])[]): void;
  toJSON(): { readonly codec: string };
}

/** What may belong to a network, as a `PoseModel` of `poseblocks/models` has it. */
export interface PoseParts {
  readonly codec?: ExportCodec;
  readonly normalization?: GraphNormalization;
  readonly keypointSet?: KeypointSet;
  readonly crop?: object;
  readonly provenance?: object;
}

/** A network, or anything that has one and what belongs to it: a pose model. */
export type ExportSource = LayersModel | (PoseParts & { readonly network: LayersModel });

/** The version of the records in a file's metadata. */
export const POSE_RECORDS_VERSION = 1;

/**
 * What belongs to a network as text by key (`poseblocks.codec`, …), the form in which safetensors, ONNX and Keras files keep metadata.
 *
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

/** A network and what belongs to it, apart. */
export function apart(source: ExportSource): { readonly network: LayersModel; readonly parts: PoseParts } {
  return 'network' in source
    ? { network: source.network, parts: source }
    : { network: source as LayersModel, parts: {} };
}
