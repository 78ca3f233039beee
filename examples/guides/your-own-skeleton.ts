/**
 * The code of the guide to your own skeleton: seven keypoints of a robot arm, from annotations to an exported network.
 * @quick {out} 2 48
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { previewHtml, samplesOfBatch, topDown, NORMALIZATIONS } from 'poseblocks/datasets';
import { decodeImage, doctor, imageFolder, readCocoFile, topDownLoader } from 'poseblocks/datasets/node';
import { useEngine } from 'poseblocks/engines';
import { createEstimator } from 'poseblocks/inference';
import { exportOnnx } from 'poseblocks/interop';
import { keypointSet } from 'poseblocks/keypoints';
import { evaluateCoco, longerSides, pck, toCocoResult } from 'poseblocks/metrics';
import { poseModel } from 'poseblocks/models';
import { savePoseModelFile } from 'poseblocks/models/node';
import { lpn } from 'poseblocks/networks';
import { softArgmaxDecoder } from 'poseblocks/postprocess';
import { gaussianCodec } from 'poseblocks/targets';
import { adam, fit, jointsMse, multiStep } from 'poseblocks/training';
import { drawRobotArms } from './robot-arm';

const [out = 'out/robot-arm', epochs = '40', pictures = '400'] = process.argv.slice(2);
const [images, train, valid] = [join(out, 'images'), join(out, 'train.json'), join(out, 'valid.json')];
await mkdir(out, { recursive: true });
await drawRobotArms(out, { train: Number(pictures), valid: 50 });

// #region read
const { persons, keypointSet: asWritten, skipped } = await readCocoFile(train);
console.log(`${persons.length} arms of ${asWritten.names.join(', ')}; ${skipped.length} left out`);
// #endregion

// #region set
const ARM = keypointSet({
  name: 'robot arm',
  names: ['base', 'shoulder', 'elbow', 'wrist', 'grip', 'finger_left', 'finger_right'],
  flipPairs: [['finger_left', 'finger_right']],
  edges: [
    ['base', 'shoulder'],
    ['shoulder', 'elbow'],
    ['elbow', 'wrist'],
    ['wrist', 'grip'],
    ['grip', 'finger_left'],
    ['grip', 'finger_right'],
  ],
  sigmas: [0.08, 0.06, 0.06, 0.05, 0.05, 0.04, 0.04],
});
// #endregion

// #region doctor
const { findings } = await doctor({ annotations: train, images, validation: valid });
for (const { check, message, fileName } of findings) console.log(check, fileName ?? '', message);
// #endregion

await useEngine('auto');

// #region codec
const codec = gaussianCodec({
  inputSize: [96, 96],
  heatmapSize: [24, 24],
  sigma: 1.5,
  center: 'exact',
  refine: softArgmaxDecoder({ beta: 30, radius: 3 }),
});
console.log(`decoded to within ${codec.precision.toFixed(2)} px of the crop`);
// #endregion

// #region loader
const loader = topDownLoader({
  persons,
  codec,
  images,
  batchSize: 16,
  seed: 1,
  augment: { keypointSet: ARM, flip: 0.5, scale: 0.2, rotation: 20 },
  workers: 1,
});
// #endregion

// #region preview
for await (const batch of loader.epoch(0, 0)) {
  const samples = await samplesOfBatch(batch, NORMALIZATIONS.imagenet);
  await writeFile(join(out, 'preview.html'), previewHtml(samples, { keypointSet: ARM }));
  tf.dispose([batch.images, batch.target, batch.weights]);
  break;
}
// #endregion

// #region train
const network = lpn('lpn-50', {
  inputShape: [96, 96, 3],
  keypoints: ARM.names.length,
  depths: [1, 1, 1, 1],
  widths: [16, 32, 64, 64],
});
const steps = Number(epochs) * Math.ceil(persons.length / 16);
await fit(network, {
  epochs: Number(epochs),
  batches: loader.epoch,
  loss: jointsMse,
  optimizer: adam(2e-3),
  schedule: multiStep({ rate: 2e-3, milestones: [Math.round(0.7 * steps), Math.round(0.9 * steps)] }),
  scheduleBy: 'step',
});
await loader.close();
// #endregion

// #region evaluate
const heldOut = await readCocoFile(valid);
const truth = heldOut.persons;
const found: (typeof truth)[number]['keypoints'][] = [];
for await (const batch of topDown({ persons: truth, codec, readImage: imageFolder(images) })) {
  const heatmaps = network.predict(batch.images) as tf.Tensor4D;
  const people = await codec.decodeBatch(heatmaps);
  people.forEach((keypoints, n) => found.push(batch.crops[n]!.toImage(keypoints)));
  tf.dispose([batch.images, heatmaps]);
}
const normalizer = longerSides(truth.map(({ box }) => box));
const { mean, perKeypoint } = pck(found, truth.map(({ keypoints }) => keypoints), { normalizer, threshold: 0.05 }); // prettier-ignore
const results = found.map((keypoints, i) => toCocoResult(keypoints, { imageId: truth[i]!.imageId }));
const { AP } = evaluateCoco(results, JSON.parse(await readFile(valid, 'utf8')), { sigmas: ARM.sigmas });
console.log(`PCK@0.05 ${mean.toFixed(3)}, AP ${AP.toFixed(3)}`, perKeypoint);
// #endregion

// #region export
const model = poseModel({ network, codec, keypointSet: ARM, provenance: { data: 'drawn robot arms' } });
await savePoseModelFile(join(out, 'robot-arm.safetensors'), model, { dtype: 'float16' });
const onnx = await exportOnnx(model); // says how it is decoded
await writeFile(join(out, 'robot-arm.onnx'), onnx);
// #endregion

// #region use
const estimator = await createEstimator({ onnx, runtime: 'node' });
const picture = await decodeImage(join(images, truth[0]!.fileName));
const [pose] = await estimator.estimate(picture, [truth[0]!.box]); // pixels of the picture
console.log(ARM.names.map((name, k) => `${name} ${pose!.xy.slice(2 * k, 2 * k + 2).join(', ')}`));
await estimator.dispose();
// #endregion

network.dispose();
if (![...pose!.xy].every(Number.isFinite)) throw new Error('The exported network gives no numbers.');
