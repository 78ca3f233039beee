/**
 * The code of the evaluation guide: predict with the flip test, COCO's metrics and PCK, and pictures of it all.
 * @quick
 */
import * as tf from '@tensorflow/tfjs-core';
import { syntheticPeople, topDown, type Person } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import type { Keypoints } from 'poseblocks/keypoints';
import { lpn } from 'poseblocks/networks';
import { evaluateCoco, longerSides, pck, toCocoResult, type CocoDataset } from 'poseblocks/metrics';
import { flipAverage, softArgmaxDecoder } from 'poseblocks/postprocess';
import { gaussianCodec } from 'poseblocks/targets';
import { htmlReport, poseSvg, imageDataUrl } from 'poseblocks/visualize';

await useEngine('auto');
const { persons, readImage, keypointSet, json } = syntheticPeople({ seed: 2, count: 4 });
const network = lpn('lpn-50', { inputShape: [64, 48, 3], depths: [1, 1, 1, 1] });
const codec = gaussianCodec({
  inputSize: [48, 64],
  heatmapSize: [12, 16],
  center: 'exact',
  refine: softArgmaxDecoder({ beta: 160 }),
});

// #region predict
const predictions: { person: Person; keypoints: Keypoints<'image'> }[] = [];
for await (const { images, crops, samples } of topDown({ persons, readImage, codec })) {
  const heatmaps = tf.tidy(() => {
    const mirrored = network.predict(tf.reverse(images, 2)) as tf.Tensor4D;
    return flipAverage(network.predict(images) as tf.Tensor4D, mirrored, keypointSet, { shift: true });
  });
  const people = await codec.decodeBatch(heatmaps);
  people.forEach((keypoints, n) => {
    predictions.push({ person: samples[n]!, keypoints: crops[n]!.toImage(keypoints) });
  });
  tf.dispose([images, heatmaps]);
}
// #endregion

// #region coco
const results = predictions.map(({ person, keypoints }) => toCocoResult(keypoints, { imageId: person.imageId }));
const { AP, AP50, AR } = evaluateCoco(results, json as CocoDataset, { sigmas: keypointSet.sigmas });
// #endregion

// #region pck
const result = pck(
  predictions.map(({ keypoints }) => keypoints),
  predictions.map(({ person }) => person.keypoints),
  { normalizer: longerSides(predictions.map(({ person }) => person.box)), threshold: 0.2 },
);
console.log(result.mean, result.perKeypoint);
// #endregion

// #region look
const { person, keypoints } = predictions[0]!;
const photograph = readImage(person);
const size = [photograph.width, photograph.height] as const;
const overlay = poseSvg(
  [
    { ...person.keypoints, kind: 'truth', color: '#ffffff' },
    { ...keypoints, box: person.box, label: 'prediction' },
  ],
  { size, skeleton: keypointSet, image: imageDataUrl(photograph.data, size) },
);
const page = htmlReport({ title: 'Evaluation', sections: [{ title: 'First person', figures: [overlay] }] });
// #endregion

console.log({ AP, AP50, AR }, `${page.length} characters of HTML`);
