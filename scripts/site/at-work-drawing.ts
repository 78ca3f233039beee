import * as tf from '@tensorflow/tfjs-core';
import sharp, { type OverlayOptions } from 'sharp';
import { cropImage, syntheticScene } from 'poseblocks/datasets';
import { boxToCrop } from 'poseblocks/geometry';
import { createEstimator } from 'poseblocks/inference';
import type { PoseModel } from 'poseblocks/models';
import type { HeatmapCodec } from 'poseblocks/targets';
import { heatmapGridSvg, poseSvg } from 'poseblocks/visualize';

const SEED = 20_000; // far from the people of the training
const SHOWN = 5;
const [WIDTH, HEIGHT, GAP] = [232, 310, 10];

/** Draws five unseen people: above the skeleton that was found, below the highest of the keypoints' heatmaps at each place. */
export async function drawAtWork(model: PoseModel, file: string): Promise<void> {
  const codec = model.codec as HeatmapCodec;
  const estimator = await createEstimator(model, { flipTest: true });
  const parts: OverlayOptions[] = [];
  for (let n = 0; n < SHOWN; n++) {
    const { image, annotations } = syntheticScene({ seed: SEED, index: n, imageSize: [WIDTH, HEIGHT], people: [1, 1] });
    const box = annotations[0]!.bbox as [number, number, number, number];
    const people = await estimator.estimate(image, [box]);
    const raw = { raw: { width: WIDTH, height: HEIGHT, channels: 3 as const } };
    const jpeg = (await sharp(image.data, raw).jpeg({ quality: 92 }).toBuffer()).toString('base64');
    const svg = poseSvg(people, { size: [WIDTH, HEIGHT], skeleton: model.keypointSet, threshold: 0.1, image: `data:image/jpeg;base64,${jpeg}` }); // prettier-ignore

    const crop = boxToCrop(box, codec.inputSize);
    const maps = tf.tidy(() => {
      const input = tf.tensor4d(cropImage(image, crop), [1, codec.inputSize[1], codec.inputSize[0], 3]);
      return tf.max(model.network.predict(input) as tf.Tensor4D, 3);
    });
    const shape = [codec.heatmapSize[1], codec.heatmapSize[0], 1] as const;
    const grid = heatmapGridSvg({ data: Float32Array.from(await maps.data()), shape }, { names: ['heatmaps'], cellWidth: WIDTH, peaks: false, scale: 'each' }); // prettier-ignore
    maps.dispose();
    const left = n * (WIDTH + GAP);
    parts.push({ input: Buffer.from(svg), left, top: 0 });
    const below = await sharp(Buffer.from(grid))
      .trim()
      .resize({ width: WIDTH, height: HEIGHT, fit: 'cover' })
      .toBuffer();
    parts.push({ input: below, left, top: HEIGHT + GAP });
  }
  await estimator.dispose();
  const background = { r: 0, g: 0, b: 0, alpha: 0 };
  await sharp({ create: { width: SHOWN * (WIDTH + GAP) - GAP, height: 2 * HEIGHT + GAP, channels: 4, background } })
    .composite(parts)
    .webp({ quality: 68, effort: 6, smartSubsample: true })
    .toFile(file);
}
