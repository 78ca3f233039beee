import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Keypoints, Size } from '../../keypoints';
import type { TensorArray } from '../../postprocess';
import type { Codec } from '../../targets';
import type { Normalization } from '../normalization';
import type { Person } from '../person';
import { epochOrder, planSample } from '../plan';
import { renderSample } from '../render-sample';
import { batchPlan, type TopDownOptions } from '../top-down';

/** The network's input and target for one person. */
export interface PreviewSample {
  readonly person: Person;
  readonly inputSize: Size;
  /** `[height, width, 3]`, normalised: exactly the network's input. */
  readonly pixels: Float32Array;
  readonly keypoints: Keypoints<'input'>;
  /** `[h, w, maps]`, where the target consists of maps. */
  readonly heatmaps?: { readonly data: Float32Array; readonly shape: readonly [number, number, number] };
  /** One per keypoint or map; 0 excludes it from the loss. */
  readonly weights?: Float32Array;
  readonly normalization: Normalization;
}

/** Options of {@link previewSamples}. */
export interface PreviewOptions extends Omit<TopDownOptions, 'inputSize' | 'codec' | 'batchSize' | 'firstBatch'> {
  /** Whose targets are drawn. */
  readonly codec: Codec;
  /** Number of persons, the first of the epoch. @defaultValue 8 */
  readonly count?: number;
}

/**
 * The first samples of an epoch as `topDown` and `topDownLoader` make them from the same options: crop, augmentation and
 * target. Plain arrays, no engine. {@link previewHtml} and {@link previewSvg} draw them.
 *
 * @throws RangeError for options out of range; also the error of an image that cannot be read.
 * @example
 * const samples = await previewSamples({ persons, codec, readImage: imageFolder('train2017'), seed: 1, augment });
 * await writeFile('preview.html', previewHtml(samples, { keypointSet }));
 */
export async function previewSamples({ count = 8, ...options }: PreviewOptions): Promise<PreviewSample[]> {
  const { codec, readImage, epoch = 0 } = options;
  if (!(Number.isInteger(count) && count > 0)) {
    throw new RangeError(`previewSamples: count must be a positive integer. Received: ${count}.`);
  }
  const { plan, normalization } = batchPlan('previewSamples', options, epoch);
  const order = epochOrder(plan.persons.length, plan.seed, epoch).subarray(0, count);
  const samples: PreviewSample[] = [];
  for (const index of order) {
    const { person, keypoints, ...how } = planSample(index, plan);
    const [width, height] = plan.inputSize;
    const pixels = new Float32Array(3 * width * height);
    renderSample(await readImage(person), how, normalization, pixels);
    const { target, weights } = codec.encodeArrays([keypoints]);
    const seen = { person, inputSize: plan.inputSize, pixels, keypoints, normalization };
    samples.push({ ...seen, ...mapsOf(target[0]!), weights: weights.values });
  }
  return samples;
}

/**
 * The samples of a training batch, read back from its tensors, whichever source made it: images [N, H, W, 3], a target of any codec. Disposes nothing.
 *
 * @param batch from `topDownLoader`, or from `topDown` with or without your own `target` and `weights`.
 * @param normalization the normalisation of the batch.
 * @example
 * for await (const batch of loader.epoch(0, 0)) {
 *   const samples = await samplesOfBatch(batch, NORMALIZATIONS.imagenet);
 *   break;
 * }
 */
export async function samplesOfBatch(
  batch: {
    readonly images: Tensor4D;
    readonly people: readonly Keypoints<'input'>[];
    readonly samples: readonly Person[];
    readonly target?: unknown;
    readonly weights?: Tensor2D;
  },
  normalization: Normalization,
): Promise<PreviewSample[]> {
  const { images, people, samples, target, weights } = batch;
  const [, height, width] = images.shape;
  const maps = isMaps(target) ? target : undefined;
  const [pixels, heatmaps, weighted] = (await Promise.all([images.data(), maps?.data(), weights?.data()])) as [
    Float32Array,
    Float32Array | undefined,
    Float32Array | undefined,
  ];
  const part = (values: Float32Array, n: number): Float32Array => {
    const size = values.length / people.length;
    return values.slice(n * size, (n + 1) * size);
  };
  return people.map((keypoints, n) => ({
    person: samples[n]!,
    inputSize: [width, height],
    pixels: part(pixels, n),
    keypoints,
    normalization,
    ...(heatmaps && mapsOf({ values: part(heatmaps, n), shape: [1, ...maps!.shape.slice(1)] })),
    ...(weighted && { weights: part(weighted, n) }),
  }));
}

function isMaps(target: unknown): target is Tensor4D {
  return typeof target === 'object' && target !== null && 'rank' in target && target.rank === 4;
}

function mapsOf({ values, shape }: TensorArray): Pick<PreviewSample, 'heatmaps'> {
  const [, height, width, maps] = shape;
  return shape.length === 4 ? { heatmaps: { data: values, shape: [height!, width!, maps!] } } : {};
}
