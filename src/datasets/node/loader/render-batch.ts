import { setImmediate } from 'node:timers/promises';
import { codecFromJSON } from '../../../targets';
import type { RgbImage } from '../../image';
import type { Normalization } from '../../normalization';
import { renderSample } from '../../render-sample';
import type { Job, Read, RenderedBatch } from './messages';

export interface RenderOptions {
  readonly readImage: (person: Read) => RgbImage | Promise<RgbImage>;
  readonly normalization: Normalization;
  readonly readTimeout: number;
  /** Called before each sample. */
  readonly wanted: () => boolean;
}

/**
 * Reads, crops, changes and encodes the samples of a job one after another, so that a worker uses one core. The result
 * does not depend on the worker.
 *
 * @returns undefined when the batch was cancelled.
 */
export async function renderBatch(
  { codec, samples, pixels }: Job,
  { readImage, normalization, readTimeout, wanted }: RenderOptions,
): Promise<RenderedBatch | undefined> {
  const failed: { place: number; message: string }[] = [];
  const kept: number[] = [];
  const [width, height] = samples[0]!.crop.inputSize;
  const size = 3 * width * height;
  for (const [place, sample] of samples.entries()) {
    await setImmediate(); // lets a cancellation arrive
    if (!wanted()) return undefined;
    try {
      const read = readImage(sample.person);
      const image = read instanceof Promise ? await inTime(read, readTimeout) : read;
      const at = kept.length * size;
      renderSample(image, sample, normalization, pixels.subarray(at, at + size));
      kept.push(place);
    } catch (error) {
      failed.push({ place, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return {
    kept,
    failed,
    target:
      kept.length === 0 ? undefined : codecFromJSON(codec).encodeArrays(kept.map((place) => samples[place]!.keypoints)),
  };
}

async function inTime<T>(value: Promise<T>, timeout: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`must be read within ${timeout} ms.`)), timeout);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}
