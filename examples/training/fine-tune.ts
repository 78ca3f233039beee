/**
 * Fine-tuning: weights of a COCO network into one for other keypoints, a new head, frozen stages, smaller rates below.
 * @quick
 */
import { syntheticPeople, topDown, type Batch } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { LSP } from 'poseblocks/keypoints';
import { lpn } from 'poseblocks/networks';
import { gaussianCodec } from 'poseblocks/targets';
import { formatLoadReport } from 'poseblocks/interop';
import {
  adam,
  discriminativeRates,
  fit,
  freeze,
  jointsMse,
  loadFitting,
  newHead,
  readWeights,
  withTargets,
} from 'poseblocks/training';

await useEngine('wasm');
const options = { inputShape: [64, 48, 3], depths: [1, 1, 1, 1], widths: [16, 32, 64, 64] } as const;
const pretrained = lpn('lpn-50', { ...options, keypoints: 17 }); // in earnest: trained on COCO, or (await readBest(store)).weights

// #region load
// 1. what fits, by name and shape, and a report of what does not
const report = loadFitting(
  lpn('lpn-50', { ...options, keypoints: LSP.names.length, seed: 1 }),
  await readWeights(pretrained),
);
console.log(formatLoadReport(report));

// 2. or a new head on the network itself
const network = newHead(pretrained, LSP.names.length);
const { frozen, trainable } = freeze(network, ['conv1', 'bn1', 'layer1'], { statistics: 'keep' });
// #endregion
console.log(`${frozen.length} layers frozen, ${trainable.length} train`);

// synthetic people have COCO's keypoints; LSP's twelve limb joints are among them, neck and head top are not
const COCO_OF_LSP = [16, 14, 12, 11, 13, 15, 10, 8, 6, 5, 7, 9, 0, 0];
const asLsp = ({ images, people }: Batch) => ({
  images,
  people: people.map(({ xy, score }) => ({
    frame: 'input' as const,
    xy: Float32Array.from(COCO_OF_LSP.flatMap((k) => [xy[2 * k]!, xy[2 * k + 1]!])),
    score: Float32Array.from(COCO_OF_LSP, (k, i) => (i < 12 ? score[k]! : 0)),
  })),
});

const data = syntheticPeople({ seed: 3, count: 16, imageSize: [128, 128], people: [1, 1] });
const codec = gaussianCodec({ inputSize: [48, 64], heatmapSize: [12, 16], sigma: 1 });
// layers 2 to 4 learn ten times as slowly as the head
const rateScale = discriminativeRates([[/^layer[234]\./, 0.1]]);
const { history } = await fit(network, {
  epochs: 3,
  batches: withTargets(async function* (epoch: number) {
    for await (const batch of topDown({ ...data, codec, batchSize: 8, seed: 1, epoch })) yield asLsp(batch);
  }, codec),
  loss: jointsMse,
  optimizer: adam(1e-3, { rateScale }),
});
console.log('losses', history.map(({ loss }) => loss.toFixed(5)).join(', '));
