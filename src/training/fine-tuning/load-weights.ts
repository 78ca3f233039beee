import type { LayersModel } from '@tensorflow/tfjs-layers';
import { readZip } from '../../bytes';
import {
  importKeras,
  loadStateDict,
  parseSafetensors,
  prefixesOf,
  readOnnx,
  readPth,
  stateDict,
  type LoadReport,
  type StateDict,
} from '../../interop';
import type { KeypointSet } from '../../keypoints';
import { hasRecords, readRecordParts } from '../../models';
import { decodeCheckpoint } from '../checkpoint/checkpoint-file';
import { loadFitting } from './load-fitting';
import { matchKeypoints } from './match-keypoints';

/** The loaded weights, and the file's format. */
export interface WeightsReport extends LoadReport {
  readonly format: 'safetensors' | 'checkpoint' | 'pth' | 'keras' | 'onnx';
  /** Prefixes of the file's keys before the network's: `module.`, `backbone.`. */
  readonly prefixes: readonly string[];
  /** Loaded weights of which only the channels of keypoints of the same names are the file's. */
  readonly matched: readonly string[];
}

/**
 * Initialises a network with the weights of a file: a pose model, a checkpoint of a run, safetensors, PyTorch's `.pth`, Keras' `.keras` or ONNX, detected from its
 * bytes. This is a partial load by name and shape that reports the other keys; prefixes of wrappers (`module.`, `backbone.`, `keypoint_head.`) are detected.
 *
 * @param source name of the file in errors
 * @throws RangeError when no key matches, or the file has none of these formats.
 * @example console.log(formatLoadReport(await loadWeights(network, await readFile('resnet50.pth'), 'resnet50.pth')));
 */
export async function loadWeights(
  network: LayersModel,
  bytes: Uint8Array,
  source: string,
  {
    keypointSet,
  }: {
    /** The network's keypoints: of a pose model for another set, the head keeps the channels of keypoints of the same names. @defaultValue such a head is not loaded */
    readonly keypointSet?: KeypointSet;
  } = {},
): Promise<WeightsReport> {
  const format = formatOf(bytes, source);
  if (format === 'safetensors') {
    const { tensors, metadata } = parseSafetensors(bytes, source);
    if (!metadata['format']?.startsWith('poseblocks')) {
      const { keypointSet: saved } = hasRecords(metadata) ? readRecordParts(metadata, source) : {};
      const matched = saved && keypointSet ? matchKeypoints(tensors, await stateDict(network), saved, keypointSet) : {};
      const report = await fromTensors(network, { ...tensors, ...matched }, format, source);
      return { ...report, matched: Object.keys(matched) };
    }
    const { tensors: saved } = decodeCheckpoint(bytes, source);
    const ofNetwork = Object.entries(saved).filter(([name]) => name.startsWith('network/'));
    const stripped = Object.fromEntries(ofNetwork.map(([name, value]) => [name.slice('network/'.length), value]));
    return {
      ...loadFitting(network, ofNetwork.length > 0 ? stripped : saved),
      format: 'checkpoint',
      prefixes: [],
      matched: [],
    };
  }
  if (format === 'pth') return fromTensors(network, readPth(bytes), format, source);
  if (format === 'onnx') {
    const { tensors } = readOnnx(bytes);
    const normalizes = (names: readonly string[]): boolean => names.some((name) => name.endsWith('.running_mean'));
    // Filters with folded normalisation look like others, but are wrong before a normalisation.
    if (normalizes(Object.keys(await stateDict(network))) && !normalizes(Object.keys(tensors)))
      throw new RangeError(
        `${source}: must have the network's normalisations as separate layers. Received: an ONNX file in which they are folded into the filters. Use the pose model or .pth that it was exported from, or export with training=TrainingMode.PRESERVE.`,
      );
    return fromTensors(network, tensors, format, source);
  }
  const other = await importKeras(bytes);
  try {
    return await fromTensors(network, await stateDict(other), format, source);
  } finally {
    other.dispose();
  }
}

async function fromTensors(
  network: LayersModel,
  tensors: StateDict,
  format: WeightsReport['format'],
  source: string,
): Promise<WeightsReport> {
  const own = new Set(Object.keys(await stateDict(network)));
  const prefixes = prefixesOf(Object.keys(tensors), own) ?? [];
  try {
    const report = loadStateDict(network, tensors, { strict: false, mismatched: 'skip', prefix: prefixes });
    return { ...report, format, prefixes, matched: [] };
  } catch (cause) {
    throw new RangeError(`${source}: ${(cause as Error).message}`, { cause });
  }
}

function formatOf(bytes: Uint8Array, source: string): Exclude<WeightsReport['format'], 'checkpoint'> {
  const [a, b] = bytes;
  if (bytes.length > 9 && bytes[8] === 0x7b) return 'safetensors'; // the header's length, then {
  if (a === 0x50 && b === 0x4b) return readZip(bytes, source).has('model.weights.h5') ? 'keras' : 'pth';
  if (a === 0x80) return 'pth';
  if (a === 0x08) return 'onnx'; // its version, the first field
  throw new RangeError(
    `${source}: must be weights: a pose model or checkpoint, .safetensors, .pth, .keras or .onnx. Received: ${bytes.length} bytes of none of these.`,
  );
}
