/**
 * The code of the first tutorial: a network trained on synthetic people, saved, loaded and used.
 * @quick
 */
// #region program
import { writeFile } from 'node:fs/promises';
import { createEstimator, fit, gaussianCodec, jointsMse, lpn, poseModel, poseSvg, useEngine } from 'poseblocks';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { COCO } from 'poseblocks/keypoints';
import { loadPoseModelFile, savePoseModelFile } from 'poseblocks/models/node';
import { adam, validatePck, withTargets } from 'poseblocks/training';

const [epochs = '2'] = process.argv.slice(2); // 2 to see that it runs, 30 to see that it learns
console.log((await useEngine('auto')).name);

// People that are drawn, with their keypoints: 128 to learn from, 32 others to measure on.
const train = syntheticPeople({ seed: 1, count: 128, people: [1, 1] });
const heldOut = syntheticPeople({ seed: 2, count: 32, people: [1, 1] });

// A network for crops of 48 × 64 pixels, and the codec that says what it is to give: a heatmap of 12 × 16 per keypoint.
const network = lpn('lpn-50', { inputShape: [64, 48, 3], keypoints: 17, depths: [1, 1, 1, 1] });
const codec = gaussianCodec({ inputSize: [48, 64], heatmapSize: [12, 16], sigma: 1 });
const model = poseModel({ network, codec, keypointSet: COCO });

await fit(model, {
  epochs: Number(epochs),
  batches: withTargets((epoch) => topDown({ ...train, codec, batchSize: 16, seed: 1, epoch }), codec),
  loss: jointsMse,
  optimizer: adam(1e-3),
  validate: validatePck({ batches: () => topDown({ ...heldOut, codec }), codec }),
  callbacks: [{ onEpoch: ({ epoch, loss, metrics }) => console.log(epoch, loss.toFixed(4), metrics?.['PCK']) }],
});

// One file with everything that belongs to it; another program needs nothing else.
await savePoseModelFile('first.safetensors', model);
const again = await loadPoseModelFile('first.safetensors');
const estimator = await createEstimator(again, { flipTest: true });
const [person] = heldOut.persons;
const image = heldOut.readImage(person!);
const [pose] = await estimator.estimate(image, [person!.box]); // boxes are [x, y, width, height]
await writeFile('first.svg', poseSvg(pose!, { size: [image.width, image.height], skeleton: COCO }));
// #endregion
await estimator.dispose();
