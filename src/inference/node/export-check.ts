import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cropImage, rgbImage, syntheticPeople, type RgbImage } from '../../datasets';
import { imageToCrop } from '../../geometry';
import { registerLayers } from '../../heads';
import { importKeras, loadStateDict, onnxMetadata, readPth } from '../../interop';
import type { Keypoints } from '../../keypoints';
import { poseModel, type PoseModel } from '../../models';
import { createEstimator } from '..';

/** The difference between an exported file and its model. */
export interface ExportCheck {
  /** The software that ran it. */
  readonly by: 'onnxruntime-node' | 'this library';
  /** Largest difference of an output, as a fraction of the outputs' standard deviation; absent where the graph decodes itself. */
  readonly outputs?: number;
  /** Largest distance of a keypoint, in pixels of the network's input. */
  readonly keypoints: number;
  /** The limit on `outputs`, or on `keypoints` without it: the rounding of the stored weights. */
  readonly limit: number;
  readonly passed: boolean;
}

const PEOPLE = 2;

/** Of outputs, in their deviations, and of keypoints, in pixels of the input: rounding of the stored weights. */
const LIMITS = {
  float32: { outputs: 1e-3, keypoints: 0.05 },
  float16: { outputs: 0.05, keypoints: 2 },
  int8: { outputs: 2, keypoints: 4 },
} as const;

/** Pictures of synthetic people in the input size, for which the network's heatmaps have peaks. */
function pictures({ codec }: Pick<PoseModel, 'codec'>): readonly RgbImage[] {
  const [width, height] = codec.inputSize;
  const { images } = syntheticPeople({ seed: 17, count: PEOPLE, imageSize: [width, height], people: [1, 1] });
  return images.map(rgbImage);
}

/** The network's outputs for the pictures, concatenated. */
async function outputsOf(network: LayersModel, { codec, normalization }: PoseModel): Promise<Float32Array[]> {
  const input = cropped({ codec, normalization });
  const outputs = tf.tidy(() => [network.predict(input)].flat() as tf.Tensor[]);
  const read = await Promise.all(outputs.map(async (output) => (await output.data()) as Float32Array));
  tf.dispose([input, outputs]);
  return read;
}

function cropped(model: Pick<PoseModel, 'codec' | 'normalization'>): tf.Tensor4D {
  const { codec, normalization } = model;
  const [width, height] = codec.inputSize;
  const values = pictures(model).flatMap((picture) => [
    ...cropImage(picture, imageToCrop([width, height], [width, height], { fit: 'stretch' }), { normalization }),
  ]);
  return tf.tensor4d(values, [PEOPLE, height, width, 3]);
}

async function peopleOf(
  source: Parameters<typeof createEstimator>[0],
  model: PoseModel,
): Promise<Keypoints<'image'>[]> {
  const estimator = await createEstimator(source);
  try {
    const [width, height] = model.codec.inputSize;
    const images = pictures(model).map((image) => ({ image, boxes: [[0, 0, width, height]] as const }));
    return (await estimator.estimateAll(images)).flat();
  } finally {
    await estimator.dispose();
  }
}

/**
 * Runs the exported file and the model on synthetic people, and reports the difference. ONNX files run in onnxruntime-node; the others are opened by this
 * library's readers, because Keras and PyTorch do not run in Node.
 *
 * @param path path of the file, or of the folder for tfjs.
 * @param weights the type of the stored weights, which bounds the difference
 */
export async function checkExport(
  model: PoseModel,
  to: 'onnx' | 'keras' | 'torch' | 'tfjs',
  path: string,
  weights: keyof typeof LIMITS,
): Promise<ExportCheck> {
  const { outputs: limit, keypoints: most } = LIMITS[weights];
  const expected = await peopleOf(model, model);
  if (to === 'onnx') {
    const onnx = new Uint8Array(await readFile(path));
    const found = await peopleOf({ onnx, runtime: 'node' }, model);
    const keypoints = farthest(expected, found);
    const outputs = await onnxOutputs(onnx, model);
    return outputs === undefined
      ? { by: 'onnxruntime-node', keypoints, limit: most, passed: keypoints <= most }
      : { by: 'onnxruntime-node', outputs, keypoints, limit, passed: outputs <= limit };
  }
  const reference = await outputsOf(model.network, model);
  const opened = await open(model, to, path);
  try {
    const outputs = difference(reference, await outputsOf(opened, model));
    const found = await peopleOf(poseModel({ ...model, network: opened }), model);
    return { by: 'this library', outputs, keypoints: farthest(expected, found), limit, passed: outputs <= limit };
  } finally {
    if (opened !== model.network) opened.dispose();
  }
}

/** The network of a file. A PyTorch file has only weights: they are loaded into the model's own network. */
async function open(model: PoseModel, to: 'keras' | 'torch' | 'tfjs', path: string): Promise<LayersModel> {
  registerLayers();
  if (to === 'keras') return importKeras(await readFile(path));
  if (to === 'torch') {
    loadStateDict(model.network, readPth(await readFile(path)));
    return model.network;
  }
  const json = JSON.parse(await readFile(join(path, 'model.json'), 'utf8')) as {
    modelTopology: object;
    weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
  };
  const bytes = await readFile(join(path, 'weights.bin'));
  const weightData = Uint8Array.from(bytes).buffer;
  const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights);
  return loadLayersModel({ load: async () => ({ modelTopology: json.modelTopology, weightSpecs, weightData }) });
}

/** Undefined where the graph decodes itself or takes pixels; keypoints are compared in that case. */
async function onnxOutputs(onnx: Uint8Array, model: PoseModel): Promise<number | undefined> {
  const includes = JSON.parse(onnxMetadata(onnx)['poseblocks.includes'] ?? '{}') as { decode?: boolean; normalization?: boolean; layout?: string }; // prettier-ignore
  if (includes.decode || includes.normalization || includes.layout === 'nchw') return undefined;
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(onnx);
  const input = cropped(model);
  try {
    const values = (await input.data()) as Float32Array;
    const results = await session.run({ [session.inputNames[0]!]: new Tensor('float32', values, input.shape) });
    const found = session.outputNames.map((name) => results[name]!.data as Float32Array);
    return difference(await outputsOf(model.network, model), found);
  } finally {
    input.dispose();
    await session.release();
  }
}

/** The maximum over all outputs of |a − b| / σ(a). */
function difference(expected: readonly Float32Array[], found: readonly Float32Array[]): number {
  let worst = expected.length === found.length ? 0 : Infinity;
  expected.forEach((a, i) => {
    const b = found[i];
    if (b?.length !== a.length) return void (worst = Infinity);
    const mean = a.reduce((sum, value) => sum + value, 0) / a.length;
    const deviation = Math.sqrt(a.reduce((sum, value) => sum + (value - mean) ** 2, 0) / a.length);
    let most = 0;
    for (let k = 0; k < a.length; k++) most = Math.max(most, Math.abs(a[k]! - b[k]!));
    worst = Math.max(worst, Number.isNaN(most) ? Infinity : most / (deviation || 1));
  });
  return worst;
}

function farthest(expected: readonly Keypoints[], found: readonly Keypoints[]): number {
  let worst = expected.length === found.length ? 0 : Infinity;
  expected.forEach(({ xy }, n) => {
    for (let k = 0; k < xy.length; k += 2) {
      const distance = Math.hypot(xy[k]! - found[n]!.xy[k]!, xy[k + 1]! - found[n]!.xy[k + 1]!);
      worst = Math.max(worst, Number.isNaN(distance) ? Infinity : distance);
    }
  });
  return worst;
}
