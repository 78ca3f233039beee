/**
 * Mask R-CNN's keypoint branch in small: whole images, several people in each, their boxes given.
 * @quick 3
 */
import * as tf from '@tensorflow/tfjs-core';
import { cropImage, syntheticPeople, type Person } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import type { Box } from 'poseblocks/keypoints';
import { longerSides, pck } from 'poseblocks/metrics';
import { keypointRcnn } from 'poseblocks/networks';
import { cropFromMatrix } from 'poseblocks/geometry';
import { roiHeatmapDecode } from 'poseblocks/postprocess';
import { roiKeypointTarget } from 'poseblocks/targets';
import { adam, oneHotKeypointLoss } from 'poseblocks/training';

const steps = Number(process.argv[2] ?? 100);
await useEngine('wasm');
const SIZE = 128;
const PEOPLE = 2;
const dataset = (seed: number, count: number) =>
  syntheticPeople({ seed, count, imageSize: [SIZE, SIZE], people: [1, PEOPLE] });
const [train, heldOut] = [dataset(1, Math.min(256, 8 * steps)), dataset(2, Math.min(48, 4 * steps))];

/** The people of each image. */
function scenes({ persons }: { persons: readonly Person[] }): Person[][] {
  const images = new Map<number, Person[]>();
  for (const person of persons) images.set(person.imageId, [...(images.get(person.imageId) ?? []), person]);
  return [...images.values()];
}
const whole = cropFromMatrix([1, 0, 0, 0, 1, 0], [SIZE, SIZE]);

// #region batch
/** Images with the same number of boxes each: one that is missing is the last again, and weighs nothing. */
function batchOf(images: readonly Person[][], readImage: (person: Person) => Parameters<typeof cropImage>[0]) {
  const pixels = new Float32Array(images.length * SIZE * SIZE * 3);
  images.forEach(([person], n) => {
    const out = pixels.subarray(n * SIZE * SIZE * 3, (n + 1) * SIZE * SIZE * 3);
    cropImage(readImage(person!), whole, { out });
  });
  const people = images.flatMap((inImage) => Array.from({ length: PEOPLE }, (_, r) => inImage[r] ?? inImage.at(-1)!));
  const isReal = images.flatMap((inImage) => Array.from({ length: PEOPLE }, (_, r) => r < inImage.length));
  const boxes: Box[] = people.map(({ box }) => box);
  const corners = boxes.map(([x, y, width, height]) => [x, y, x + width, y + height]).flat();
  return {
    people,
    isReal,
    boxes,
    images: tf.tensor4d(pixels, [images.length, SIZE, SIZE, 3]),
    rois: tf.tensor3d(corners, [images.length, PEOPLE, 4]),
  };
}
// #endregion

// #region train
// From scratch, so normalisations train; with torchvision's weights leave them frozen, as they are by default.
const network = keypointRcnn('resnet-18', {
  inputShape: [SIZE, SIZE, 3],
  filters: 64,
  headFilters: [64, 64, 64],
  frozenNormalization: false,
});
const optimizer = adam(1e-3);

let step = 0;
while (step < steps) {
  const all = scenes(train!);
  for (let from = 0; from < all.length && step < steps; from += 4, step++) {
    const batch = batchOf(all.slice(from, from + 4), train!.readImage);
    const { cells, weights } = roiKeypointTarget(
      batch.people.map(({ keypoints }) => keypoints),
      batch.boxes,
    );
    const real = tf.tensor2d(batch.isReal.map(Number), [batch.isReal.length, 1]);
    const counted = tf.mul<tf.Tensor2D>(weights, real);
    const loss = () =>
      oneHotKeypointLoss(cells, counted, network.apply([batch.images, batch.rois], { training: true }) as tf.Tensor4D);
    const value = optimizer.minimize(loss, true)!;
    if (step % 20 === 0) console.log(`step ${step}, loss ${(await value.data())[0]!.toFixed(4)}`);
    tf.dispose([batch.images, batch.rois, cells, weights, real, counted, value]);
  }
}
// #endregion

// #region decode
const found: { keypoints: ReturnType<typeof roiHeatmapDecode>; person: Person }[] = [];
for (const scene of scenes(heldOut!)) {
  const { people, isReal, boxes, images, rois } = batchOf([scene], heldOut!.readImage);
  const logits = network.apply([images, rois]) as tf.Tensor4D; // [PEOPLE, 56, 56, 17]
  const [, height, width, keypoints] = logits.shape;
  const data = (await logits.data()) as Float32Array;
  const each = height * width * keypoints;
  people.forEach((person, r) => {
    if (!isReal[r]) return;
    const heatmaps = data.subarray(r * each, (r + 1) * each);
    found.push({ person, keypoints: roiHeatmapDecode({ heatmaps, shape: [height, width, keypoints] }, boxes[r]!) });
  });
  tf.dispose([images, rois, logits]);
}
// #endregion
const normalizer = longerSides(found.map(({ person }) => person.box));
const figure = pck(
  found.map(({ keypoints }) => keypoints),
  found.map(({ person }) => person.keypoints),
  { normalizer },
);
console.log(`PCK@0.2 ${figure.mean.toFixed(3)} of ${found.length} people`);
