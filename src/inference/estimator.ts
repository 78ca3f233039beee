import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { cropImage, rgbImage, type Normalization, type NormalizationName, type RawImage } from '../datasets';
import type { Box, Keypoints } from '../keypoints';
import { boxToCrop } from '../geometry';
import type { HeatmapCodec } from '../targets';
import { compilePose } from './compile-pose';
import { onnxPose, type OnnxSource } from './onnx-pose';
import type { FlipTest, PoseRunner } from './pose-runner';

/** Pixels in any of the forms they come in. */
export type ImageSource =
  /** `ImageData`, or anything with width, height and 1, 3 or 4 bytes a pixel. */
  | RawImage
  /** What sharp's `raw().toBuffer({ resolveWithObject: true })` gives. */
  | { readonly data: Uint8Array; readonly info: { readonly width: number; readonly height: number } }
  /** A canvas. */
  | {
      getContext(kind: '2d'): { getImageData(x: number, y: number, width: number, height: number): RawImage } | null;
      readonly width: number;
      readonly height: number;
    }
  /** [height, width, 3], 0 to 255. */
  | tf.Tensor3D;

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

async function pixelsOf(image: ImageSource): Promise<RawImage> {
  if (image instanceof tf.Tensor) {
    const [height, width] = image.shape;
    return { width, height, data: Uint8ClampedArray.from(await image.data()) };
  }
  if ('getContext' in image) {
    const { width, height } = image;
    const context = image.getContext('2d');
    if (!context) throw new TypeError('createEstimator: the canvas must give a 2d context. Received: null.');
    return context.getImageData(0, 0, width, height);
  }
  return 'info' in image ? { data: image.data, width: image.info.width, height: image.info.height } : image;
}

function checkBox(box: Box, index: number, { width, height }: RawImage): void {
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
      const pixels = await pixelsOf(image);
      boxes.forEach((box, i) => checkBox(box, i, pixels));
      const rgb = rgbImage(pixels);
      const people: Keypoints<'image'>[] = [];
      for (let from = 0; from < boxes.length; from += batchSize) {
        const crops = boxes.slice(from, from + batchSize).map((box) => boxToCrop(box, codec.inputSize, { padding }));
        const input = new Float32Array(crops.length * each);
        crops.forEach((crop, n) =>
          cropImage(rgb, crop, { normalization, out: input.subarray(n * each, (n + 1) * each) }),
        );
        const found = await runner.run(input, crops.length);
        found.forEach((keypoints, n) => people.push(crops[n]!.toImage(keypoints)));
      }
      return people;
    },
    dispose: () => runner.dispose(),
  };
}
