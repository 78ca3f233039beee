import { codecFromJSON } from '../../../targets';
import type { RgbImage } from '../../image';
import type { Normalization } from '../../normalization';
import type { Person } from '../../person';
import { renderSample } from '../../render-sample';
import type { Job, RenderedBatch } from './messages';

export interface RenderOptions {
  readonly readImage: (person: Person) => RgbImage | Promise<RgbImage>;
  readonly normalization: Normalization;
  readonly readTimeout: number;
  /** Asked before each sample. */
  readonly wanted: () => boolean;
}

/**
 * Reads, crops, changes and encodes the samples of a job, one after another, so that a worker keeps one core busy and no
 * more. Nothing depends on which worker does it.
 *
 * @returns undefined when the batch is no longer wanted.
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
    if (!wanted()) return undefined;
    try {
      const image = await inTime(readImage(sample.person), readTimeout);
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

async function inTime<T>(value: T | Promise<T>, timeout: number): Promise<T> {
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
