import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Normalization, NormalizationName } from '../datasets';
import type { Box, Keypoints, Size } from '../keypoints';
import { boxToCrop } from '../geometry';
import type { HeatmapCodec } from '../targets';
import { compilePose } from './compile-pose';
import { around, cropPart, footprint, neededScale } from './crop-pixels';
import { imageSize, readPixels, type ImageSource } from './image-source';
import { onnxPose, type OnnxSource } from './onnx-pose';
import type { FlipTest, PoseRunner } from './pose-runner';

export interface EstimatorOptions {
  /** How the network's heatmaps are decoded. */
  codec: HeatmapCodec;
  /** @defaultValue 'imagenet' */
  normalization?: NormalizationName | Normalization;
  /** Given, the average with the mirrored crop is taken. */
  flipTest?: FlipTest;
  /** Of the box, before it is cropped. @defaultValue 1.25 */
  padding?: number;
  /** Crops in one run of the network. @defaultValue 16 */
  batchSize?: number;
}

/** Finds the keypoints of people in a photograph, given their boxes. */
export interface Estimator {
  /** One person a box, in its order, in pixels of the image. */
  estimate(image: ImageSource, boxes: readonly Box[]): Promise<Keypoints<'image'>[]>;
  /** Frees the network's constants, or the session. */
  dispose(): Promise<void>;
}

function checkBox(box: Box, index: number, [width, height]: Size = [Infinity, Infinity]): void {
  const [x, y, w, h] = box;
  const inside = x < width && y < height && x + w > 0 && y + h > 0;
  if (![x, y, w, h].every(Number.isFinite) || w <= 0 || h <= 0 || !inside) {
    throw new RangeError(
      `createEstimator: box ${index} must be [x, y, width, height] that meets the image. Received: [${box.join(', ')}] in ${width}×${height}.`,
    );
  }
}

/** A network of layers, compiled here for the current engine. */
async function compiledPose(network: LayersModel, { codec, flipTest }: EstimatorOptions): Promise<PoseRunner> {
  const estimate = await compilePose(network, { codec, ...(flipTest && { flipTest }) });
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
 * From photographs and boxes to keypoints in pixels of the photograph: crops, runs the network in batches, decodes and maps back.
 * The same answer whether the network runs compiled on tfjs, or as an ONNX file in onnxruntime.
 *
 * @param source a network, or an ONNX file that `exportOnnx` wrote without `normalize` and `decode`, with the runtime to run it in.
 * @throws RangeError for a box outside the image; Error naming the install command when onnxruntime is missing.
 * @example
 * const estimator = await createEstimator(network, { codec, flipTest: { keypointSet: COCO } });
 * const people = await estimator.estimate(await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true }), boxes);
 */
export async function createEstimator(source: LayersModel | OnnxSource, options: EstimatorOptions): Promise<Estimator> {
  const { codec, normalization = 'imagenet', padding = 1.25, batchSize = 16 } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`createEstimator: batchSize must be a positive integer. Received: ${batchSize}.`);
  }
  const runner = await ('onnx' in source ? onnxPose(source, options) : compiledPose(source, options));
  const [width, height] = codec.inputSize;
  const each = 3 * width * height;
  return {
    async estimate(image, boxes) {
      const decoded = typeof Blob === 'undefined' || !(image instanceof Blob);
      const size = decoded ? imageSize(image) : undefined;
      boxes.forEach((box, i) => checkBox(box, i, size));
      const crops = boxes.map((box) => boxToCrop(box, codec.inputSize, { padding }));
      const part = await readPixels(
        image,
        crops.length === 0 ? {} : { region: around(crops.map(footprint)), scale: neededScale(crops) },
      );
      if (!decoded) boxes.forEach((box, i) => checkBox(box, i, part.size));
      const people: Keypoints<'image'>[] = [];
      for (let from = 0; from < crops.length; from += batchSize) {
        const some = crops.slice(from, from + batchSize);
        const input = new Float32Array(some.length * each);
        some.forEach((crop, n) =>
          cropPart(part, crop, { normalization, out: input.subarray(n * each, (n + 1) * each) }),
        );
        const found = await runner.run(input, some.length);
        found.forEach((keypoints, n) => people.push(some[n]!.toImage(keypoints)));
      }
      return people;
    },
    dispose: () => runner.dispose(),
  };
}
