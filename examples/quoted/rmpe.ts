/**
 * RMPE in small: PyraNet learns people in boxes as a detector gives them; of two boxes each, parametric pose NMS makes one person again.
 * @quick 3
 */
import * as tf from '@tensorflow/tfjs-core';
import { proposalJitter, syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { COCO } from 'poseblocks/keypoints';
import { longerSides, pck } from 'poseblocks/metrics';
import { pyranet } from 'poseblocks/networks';
import { parametricPoseNms, quarterOffset } from 'poseblocks/postprocess';
import { seededRandom } from 'poseblocks/random';
import { gaussianCodec } from 'poseblocks/targets';
import { adam, intermediateSupervision, jointsMse, predictPeople } from 'poseblocks/training';

const steps = Number(process.argv[2] ?? 240);
await useEngine('wasm');
const people = (seed: number, count: number) => syntheticPeople({ seed, count, imageSize: [128, 128], people: [1, 1] });
const [train, heldOut] = [people(1, Math.min(256, 8 * steps)), people(2, Math.min(64, 4 * steps))];

// #region train
const codec = gaussianCodec({ inputSize: [64, 96], heatmapSize: [16, 24], sigma: 1.5, refine: quarterOffset });
const network = pyranet({ inputShape: [96, 64, 3], stacks: 2, depth: 3, filters: 64 });
const optimizer = adam(2e-3); // the paper's is rmsprop(2.5e-4), for far longer
const supervised = intermediateSupervision(jointsMse);
// Boxes are moved as a detector's would be: RMPE's proposals generator.
const augment = { keypointSet: COCO, flip: 0.5, scale: 0.1, rotation: 10, proposals: {} };

let step = 0;
for (let epoch = 0; step < steps; epoch++) {
  for await (const { images, people } of topDown({ ...train!, codec, batchSize: 8, seed: 1, epoch, augment })) {
    const { target: heatmaps, weights } = codec.encodeBatch(people);
    const loss = () => supervised(heatmaps, weights, network.apply(images, { training: true }) as tf.Tensor4D[]);
    const value = optimizer.minimize(loss, true)!;
    if (step % 20 === 0) console.log(`step ${step}, loss ${(await value.data())[0]!.toFixed(5)}`);
    tf.dispose([images, heatmaps, weights, value]);
    if (++step === steps) break;
  }
}
// #endregion

// #region suppress
// Two boxes for each person, neither of them right.
const proposals = heldOut!.persons.flatMap((person) =>
  [1, 2].map((draw) => ({
    ...person,
    box: proposalJitter(person.box, person.imageSize, seededRandom(draw, person.id), { patch: 0 }),
  })),
);
const found = await predictPeople(network, {
  batches: () => topDown({ persons: proposals, readImage: heldOut!.readImage, codec, batchSize: 16 }),
  codec,
});
const images = new Map<number, typeof found>();
for (const one of found) images.set(one.sample.imageId, [...(images.get(one.sample.imageId) ?? []), one]);
// A network this young is nowhere sure: poses whose best keypoint is below 0.3 would go, as AlphaPose has it.
const options = { score: 0.05 };
const kept = [...images.values()].flatMap((inImage) => {
  const poses = inImage.map(({ keypoints, sample }) => ({ keypoints, box: sample.box, boxScore: 1 }));
  return parametricPoseNms(poses, options).map((merged) => ({ ...merged, sample: inImage[merged.index]!.sample }));
});
// #endregion
console.log(`${found.length} poses in ${images.size} images, ${kept.length} after suppression`);
const figure = (
  poses: readonly { keypoints: (typeof found)[number]['keypoints']; sample: (typeof found)[number]['sample'] }[],
) =>
  pck(
    poses.map(({ keypoints }) => keypoints),
    poses.map(({ sample }) => sample.keypoints),
    { normalizer: longerSides(poses.map(({ sample }) => sample.box)) },
  ).mean.toFixed(3);
console.log(`PCK@0.2 ${figure(found)} of all, ${kept.length > 0 ? figure(kept) : '–'} of those kept`);
