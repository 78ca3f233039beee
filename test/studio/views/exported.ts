import type { RgbImage } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { createEstimator, type Estimator } from 'poseblocks/inference';
import { loadPoseModel } from 'poseblocks/models';
import { trackPoses } from 'poseblocks/video';
import { expect } from 'vitest';
import { aroundPerson, NAMES, type Labelled } from '../../support/eight-keypoints';
import { chooseModel, downloaded, fileInput, pngFile, type StudioPage } from '../../support/studio-page';
import type { SavedKeypoints } from './see';

/**
 * A picture that is not scaled down for the network's input of 96 × 128: page and Node see the same pixels. A larger one is read by the browser at the
 * size that is needed, with its own filter, from which Node's differs by pixels of noise.
 */
const SIZE = [150, 200] as const;

/** Pixels of a picture between page and Node, of networks that are the same: what rounding makes of a soft argmax. */
const TOLERANCE = 0.05;

/** Pictures in which page and Node see the same pixels. */
export const samePixels = (pictures: readonly Labelled[]): RgbImage[] =>
  pictures.flatMap((picture) => aroundPerson(picture, SIZE) ?? []);

/** What was trained in the page finds the same keypoints there and in Node, as a pose model and as an ONNX file. */
export async function sameInNode(
  studio: StudioPage,
  pose: Buffer,
  onnx: Buffer,
  pictures: readonly Labelled[],
): Promise<void> {
  // prettier-ignore
  const images = samePixels(pictures).slice(0, 6);
  await useEngine('wasm');
  const model = await loadPoseModel(new Uint8Array(pose));
  expect(model.keypointSet.names).toEqual(NAMES);
  await studio.go('see');
  await chooseModel(studio.page, 'see', 'eight');
  const found = await seen(studio, images);
  for (const estimator of [
    await createEstimator(model),
    await createEstimator({ onnx: new Uint8Array(onnx), runtime: 'node' }),
  ]) {
    await expectSame(found, estimator, images);
    await estimator.dispose();
  }
  model.network.dispose();
}

/** What See finds in the pictures, without a detector. */
export async function seen({ page }: StudioPage, images: readonly RgbImage[]): Promise<SavedKeypoints['pictures']> {
  const detector = page.getByRole('checkbox', { name: /detector/ });
  if ((await detector.count()) > 0) await detector.uncheck();
  const files = await Promise.all(images.map((image, i) => pngFile(`person-${i}.png`, image)));
  await fileInput(page, 'Open photographs or a video').setInputFiles(files);
  await expect.poll(() => page.locator('.thumbnail').count(), { timeout: 120_000 }).toBe(images.length);
  const save = page.getByRole('button', { name: 'Save keypoints as JSON' });
  return (JSON.parse((await downloaded(page, save)).toString()) as SavedKeypoints).pictures;
}

/** That an estimator finds in Node what See has found: one person a picture. */
export async function expectSame(
  found: SavedKeypoints['pictures'],
  estimator: Estimator,
  images: readonly RgbImage[],
): Promise<void> {
  // prettier-ignore
  const { sigmas } = estimator.keypointSet!;
  let [people, apart, surer] = [0, 0, 0];
  for (const [i, image] of images.entries()) {
    const own = await trackPoses(estimator, { sigmas }).update(image, 0);
    expect(found[i]!.people).toHaveLength(own.length);
    for (const [n, { xy, score }] of own.entries()) {
      people++;
      Object.values(found[i]!.people[n]!.keypoints).forEach(([x, y, value], k) => {
        apart = Math.max(apart, Math.hypot(x - xy[2 * k]!, y - xy[2 * k + 1]!));
        surer = Math.max(surer, Math.abs(value - score[k]!));
      });
    }
  }
  console.log(`${people} people in page and Node: at most ${apart.toExponential(1)} px, ${surer.toExponential(1)} of a confidence apart`); // prettier-ignore
  expect(people).toBe(images.length);
  expect(apart).toBeLessThan(TOLERANCE);
  expect(surer).toBeLessThan(1e-3);
}
