import type { LayersModel } from '@tensorflow/tfjs-layers';
import { reasonOf } from '../bytes';
import { requireEngine } from '../engines';
import { registerLayers } from '../heads';
import { importKeras, kerasMetadata, loadStateDict, parseSafetensors } from '../interop';
import { fetchBytes, type FetchOptions } from './fetch-bytes';
import { poseModel, type PoseModel } from './pose-model';
import { hasRecords, PoseModelError, read, readRecords } from './records';
import { networkOf } from './topology';

/** Source of a pose model: its bytes, or a URL, in a page relative to it. */
export type PoseModelSource = Uint8Array | ArrayBuffer | Blob | Response | URL | string;

/**
 * Opens a pose model that `savePoseModel`, `fit` or `poseblocks train` wrote, or `exportKeras` of one: rebuilds the network with its weights, and restores codec, keypoints, normalisation and crop rule. The
 * network belongs to the caller, who disposes it.
 *
 * Files are data: no code runs, and the file's size bounds time and memory. Networks with your own layer classes open after these are registered
 * (`serialization.registerClass`).
 *
 * @param source bytes, a Blob, a Response, or a URL as object or string. For a path in Node: `loadPoseModelFile` of `poseblocks/models/node`.
 * @throws PoseModelError when the file has a newer version, is not a pose model, or is damaged; Error when it cannot be fetched.
 * @example
 * import { createEstimator } from 'poseblocks/inference';
 * import { loadPoseModel } from 'poseblocks/models';
 * const model = await loadPoseModel('/lpn-50.safetensors', { onProgress: ({ loaded, total }) => console.log(loaded, total) });
 * const estimator = await createEstimator(model);
 */
export async function loadPoseModel(source: PoseModelSource, options: FetchOptions = {}): Promise<PoseModel> {
  return openPoseModel(await bytesOf(source, options));
}

async function bytesOf(source: PoseModelSource, options: FetchOptions): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof Blob !== 'undefined' && source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  if (
    typeof source === 'string' ||
    source instanceof URL ||
    (typeof Response !== 'undefined' && source instanceof Response)
  ) {
    return fetchBytes(source, options);
  }
  throw new TypeError(
    `loadPoseModel: source must be bytes, a Blob, a Response, or a URL as object or string. Received: ${source === null ? 'null' : typeof source}.`,
  );
}

const WHERE = 'loadPoseModel';

async function openPoseModel(bytes: Uint8Array): Promise<PoseModel> {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return openKeras(bytes);
  const { tensors, metadata } = parseSafetensors(bytes, WHERE);
  if (!hasRecords(metadata)) {
    throw new PoseModelError(
      `${WHERE}: the file must be a pose model. Received: safetensors with ${Object.keys(tensors).length} tensors and no poseblocks records. ` +
        'Load weights alone into a network with loadStateDict, and runs of poseblocks 0.1 with poseModelOfRun of poseblocks/recipes/node.',
    );
  }
  const records = readRecords(metadata, WHERE);
  const topology = read(metadata, 'topology', WHERE);
  if (topology === undefined)
    throw new PoseModelError(`${WHERE}: the file must hold poseblocks.topology. Received: none.`);
  requireEngine(WHERE);
  const numbers = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
  const network = await built(topology, numbers);
  try {
    loadStateDict(network, tensors, { complete: true });
    return poseModel({ network, ...records });
  } catch (cause) {
    network.dispose();
    throw new PoseModelError(
      `${WHERE}: weights and records must match the network. Received: ${reasonOf(cause, 'others')}.`,
      { cause },
    );
  }
}

/** A `.keras` file, which is a ZIP archive. */
async function openKeras(bytes: Uint8Array): Promise<PoseModel> {
  requireEngine(WHERE);
  let network: LayersModel | undefined;
  try {
    const metadata = kerasMetadata(bytes);
    if (!hasRecords(metadata)) {
      throw new PoseModelError(
        `${WHERE}: the file must be a pose model. Received: an archive without poseblocks records, as Keras saves them. importKeras of poseblocks/interop opens its network.`,
      );
    }
    const records = readRecords(metadata, WHERE);
    registerLayers();
    network = await importKeras(bytes);
    return poseModel({ network, ...records });
  } catch (cause) {
    network?.dispose();
    if (cause instanceof PoseModelError) throw cause;
    throw new PoseModelError(
      `${WHERE}: the file must be a complete pose model. Received: ${reasonOf(cause, 'another')}.`,
      {
        cause,
      },
    );
  }
}

async function built(topology: unknown, numbers: number): Promise<LayersModel> {
  try {
    return await networkOf(topology, numbers);
  } catch (cause) {
    const { message } = cause as Error;
    const hint = /unknown|not.*registered|class/i.test(message)
      ? ' Register layer classes of your own with serialization.registerClass of @tensorflow/tfjs-core first.'
      : '';
    throw new PoseModelError(
      `${WHERE}: the network of the file must be buildable. Received: ${reasonOf(cause, 'one that no layer takes')}.${hint}`,
      { cause },
    );
  }
}
