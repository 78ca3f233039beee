import { knownOptions } from '../bytes';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { normalizationOf, type Normalization, type NormalizationName } from '../datasets';
import type { Crop } from '../geometry';
import type { Box, Keypoints, KeypointSet, Size } from '../keypoints';
import type { LayerConverters } from '../graph';
import { cropOf, type CropRule, type PoseModel } from '../models';
import type { Codec } from '../targets';
import { compilePose, requireCodec } from './compile-pose';
import { around, cropPart, footprint, neededScale } from './crop-pixels';
import { imageSize, readPixels, type ImagePart, type ImageSource } from './image-source';
import { onnxPose, onnxRecords, type OnnxRecords, type OnnxSource } from './onnx-pose';
import { flipSet, type FlipTest, type PoseRunner } from './pose-runner';

/** Options of {@link createEstimator}. */
export interface EstimatorOptions {
  /** Decodes the network's output. Required with a network alone; a pose model, and an ONNX file exported from one, have their own. */
  readonly codec?: Codec;
  /** Normalisation of the crops. @defaultValue the model's; 'imagenet' for a network alone */
  readonly normalization?: NormalizationName | Normalization;
  /** Flip test: averages with the mirrored crop; `true` swaps left and right by the model's keypoint set. @defaultValue false */
  readonly flipTest?: FlipTest;
  /** Factor on the box before cropping. @defaultValue the model's; 1.25 for a network alone */
  readonly padding?: number;
  /** Number of crops per run of the network. @defaultValue 16 */
  readonly batchSize?: number;
  /** Converters for your own layers: see `graphOf` of `poseblocks/graph`. @defaultValue none */
  readonly converters?: LayerConverters;
}

/** Estimates the keypoints of people in an image, given their boxes. */
export interface Estimator {
  /**
   * Returns one person per box, in order, in pixels of the image.
   *
   * @param boxes `[x, y, width, height]` each, in pixels of the image. Optional where the model takes the whole image.
   * @throws TypeError when the image is not decoded, or there are no boxes; RangeError for a box outside the image.
   */
  estimate(image: ImageSource, boxes?: readonly Box[]): Promise<Keypoints<'image'>[]>;
  /**
   * As `estimate`, for several images: their people share the batches of the network, which is faster where each image has one or two.
   *
   * @returns the people of each image, in order.
   */
  estimateAll(images: readonly BoxedImage[]): Promise<Keypoints<'image'>[][]>;
  readonly codec: Codec;
  /** Keypoint set of the pose model or the ONNX file; undefined for a network alone. */
  readonly keypointSet: KeypointSet | undefined;
  /** Frees the network's constants, or the session. It does not dispose a pose model's network. */
  dispose(): Promise<void>;
}

/** An image and the boxes of its people, `[x, y, width, height]` each, in pixels of the image. */
export interface BoxedImage {
  readonly image: ImageSource;
  readonly boxes?: readonly Box[];
}

/** The properties of a network, whatever source it has. */
interface Parts {
  readonly codec: Codec;
  readonly keypointSet: KeypointSet | undefined;
  /** Normalisation of the crops. */
  readonly normalization: Normalization;
  readonly crop: CropRule;
}

const AS_BYTES: Normalization = { channels: 'rgb', mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] };

/** Combines the source's records with the options. */
function partsOf(own: OnnxRecords, options: EstimatorOptions): Parts {
  const { padding } = options;
  if (padding !== undefined && !(padding > 0 && Number.isFinite(padding))) {
    throw new RangeError(`createEstimator: padding must be a number above 0. Received: ${String(padding)}.`);
  }
  return {
    codec: requireCodec('createEstimator', options.codec ?? own.codec),
    keypointSet: own.keypointSet,
    normalization: own.includes?.normalization
      ? AS_BYTES
      : normalizationOf(options.normalization ?? own.normalization ?? 'imagenet'),
    crop: padding !== undefined ? { region: 'box', padding } : (own.crop ?? { region: 'box', padding: 1.25 }),
  };
}

/** A tfjs network, compiled for the current engine. */
async function compiledPose(
  network: LayersModel,
  { codec }: Parts,
  set: KeypointSet | undefined,
  { converters }: EstimatorOptions,
): Promise<PoseRunner> {
  const flipTest = set && { keypointSet: set };
  const estimate = await compilePose(network, {
    codec,
    ...(flipTest && { flipTest }),
    ...(converters && { converters }),
  });
  const [width, height] = codec.inputSize;
  return {
    run: async (pixels, batch) => {
      const crops = tf.tensor4d(pixels, [batch, height, width, 3]);
      try {
        return await estimate(crops);
      } finally {
        crops.dispose();
      }
    },
    dispose: async () => estimate.dispose(),
  };
}

/**
 * Creates an estimator from images and boxes to keypoints in pixels of the image: it crops, runs the network in batches, decodes and maps back.
 * The result is the same whether the network runs compiled on tfjs or as an ONNX file in onnxruntime.
 *
 * @param source a pose model, which needs no options; a network, with its `codec`; or an ONNX file from `exportOnnx`, with the runtime that runs it.
 * @throws TypeError where a network comes without a codec; RangeError for options out of range, or a file that does not match its codec; Error with the install
 *   command when onnxruntime is missing.
 * @example
 * import { createEstimator } from 'poseblocks/inference';
 * const estimator = await createEstimator(model, { flipTest: true });
 * const people = await estimator.estimate(await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true }), [[40, 20, 110, 300]]);
 */
export async function createEstimator(
  source: PoseModel | LayersModel | OnnxSource,
  options: EstimatorOptions = {},
): Promise<Estimator> {
  if (
    source === null ||
    typeof source !== 'object' ||
    !('onnx' in source || 'network' in source || 'predict' in source)
  ) {
    throw new TypeError(
      `createEstimator: source must be a pose model, a network, or { onnx, runtime }. Received: ${source === null ? 'null' : typeof source}. To open a file use loadPoseModel of poseblocks/models.`,
    );
  }
  const { batchSize = 16 } = knownOptions('createEstimator', options, ['codec', 'normalization', 'flipTest', 'padding', 'batchSize', 'converters']); // prettier-ignore
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`createEstimator: batchSize must be a positive integer. Received: ${batchSize}.`);
  }
  // A file's records are read once: reading creates a new codec.
  const own: OnnxRecords = 'onnx' in source ? onnxRecords(source) : 'network' in source ? (source as PoseModel) : {};
  const parts = partsOf(own, options);
  const { codec, keypointSet, normalization, crop: rule } = parts;
  const set = flipSet('createEstimator', options.flipTest, keypointSet);
  const network = 'network' in source ? source.network : source;
  const runner = await ('onnx' in network
    ? onnxPose(network, { codec, flip: set, ...(own.includes && { includes: own.includes }) })
    : compiledPose(network, parts, set, options));
  const [width, height] = codec.inputSize;
  const each = 3 * width * height;
  /** Reads the pixels of an image that its crops need, once. */
  const prepared = async ({ image, boxes }: BoxedImage): Promise<{ part: ImagePart; crops: Crop[] }> => {
    // The size of an encoded image is known after decoding.
    const encoded = typeof Blob !== 'undefined' && image instanceof Blob;
    const early = encoded && rule.region === 'image' ? await readPixels(image) : undefined;
    const size = early?.size ?? (encoded ? undefined : imageSize(image));
    const whole = (): Box => [0, 0, ...(size as Size)];
    const asked = checkBoxes(rule.region === 'image' ? (boxes ?? [whole()]) : boxes, size);
    const crops = asked.map((box) => cropOf(rule, box, size ?? [0, 0], codec.inputSize));
    const needed = crops.length === 0 ? {} : { region: around(crops.map(footprint)), scale: neededScale(crops) };
    const part = early ?? (await readPixels(image, needed));
    if (size === undefined) checkBoxes(asked, part.size);
    return { part, crops };
  };
  const estimateAll = async (images: readonly BoxedImage[]): Promise<Keypoints<'image'>[][]> => {
    const people: Keypoints<'image'>[][] = images.map(() => []);
    const waiting: { part: ImagePart; crop: Crop; of: number }[] = [];
    const run = async (): Promise<void> => {
      const some = waiting.splice(0, batchSize);
      const input = new Float32Array(some.length * each);
      some.forEach(({ part, crop }, n) =>
        cropPart(part, crop, { normalization, out: input.subarray(n * each, (n + 1) * each) }),
      );
      const found = await runner.run(input, some.length);
      found.forEach((keypoints, n) => people[some[n]!.of]!.push(some[n]!.crop.toImage(keypoints)));
    };
    for (const [of, image] of images.entries()) {
      const { part, crops } = await prepared(image);
      for (const crop of crops) waiting.push({ part, crop, of });
      while (waiting.length >= batchSize) await run();
    }
    if (waiting.length > 0) await run();
    return people;
  };
  return {
    codec,
    keypointSet,
    estimateAll,
    estimate: async (image, boxes) => (await estimateAll([{ image, ...(boxes && { boxes }) }]))[0]!,
    dispose: () => runner.dispose(),
  };
}

function checkBoxes(
  boxes: readonly Box[] | undefined,
  [width, height]: Size = [Infinity, Infinity], // of an encoded image, before it is read
): readonly Box[] {
  const form = 'boxes must be a list of [x, y, width, height], in pixels of the image';
  if (!Array.isArray(boxes)) {
    const whole = `[[0, 0, ${Number.isFinite(width) ? `${width}, ${height}` : 'width, height'}]] is the whole image.`;
    throw new TypeError(`createEstimator: ${form}. Received: ${boxes === undefined ? 'none' : typeof boxes}. ${whole}`);
  }
  boxes.forEach((box: unknown, index) => {
    if (!Array.isArray(box) || box.length !== 4) {
      const received = Array.isArray(box) ? `${box.length} values` : box !== null && typeof box === 'object' ? `an object with ${Object.keys(box).slice(0, 6).join(', ')}` : String(box); // prettier-ignore
      throw new TypeError(`createEstimator: ${form}. Received: ${received} for box ${index}.`);
    }
    const [x, y, w, h] = box as [number, number, number, number];
    const inside = x < width && y < height && x + w > 0 && y + h > 0;
    if (![x, y, w, h].every(Number.isFinite) || w <= 0 || h <= 0 || !inside) {
      throw new RangeError(
        `createEstimator: box ${index} must be [x, y, width, height] that overlaps the image. Received: [${box.join(', ')}] in ${width}×${height}.`,
      );
    }
  });
  return boxes as readonly Box[];
}
