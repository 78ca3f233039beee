/**
 * The same lines for six networks, their codecs and their losses: build, train through the loader, validate with flip test, save, open in another process,
 * estimate there on TensorFlow.js and in ONNX Runtime, and compare.
 * @quick {out} 8
 */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { topDownLoader } from 'poseblocks/datasets/node';
import { useEngine } from 'poseblocks/engines';
import { simccHead } from 'poseblocks/heads';
import { createEstimator, type Estimator } from 'poseblocks/inference';
import { exportOnnx, loadStateDict, readSafetensors } from 'poseblocks/interop';
import { COCO } from 'poseblocks/keypoints';
import { poseModel } from 'poseblocks/models';
import { loadPoseModelFile, savePoseModelFile } from 'poseblocks/models/node';
import { cpn, grmi, integralRegression, lpn, resnet, stackedHourglass } from 'poseblocks/networks';
import { softArgmaxDecoder } from 'poseblocks/postprocess';
import { coordinateCodec, cpnCodec, diskOffsetCodec, gaussianCodec, simccCodec, type Codec } from 'poseblocks/targets';
import {
  adam,
  coordinateRegression,
  cpnLoss,
  diskOffsetLoss,
  fit,
  intermediateSupervision,
  jointsMse,
  simccKl,
  validatePck,
  type Loss,
} from 'poseblocks/training';
import sharp from 'sharp';

const [out = 'out/every-network', steps = '20', file] = process.argv.slice(2);
await useEngine('wasm');
const { persons, images, readImage, keypointSet } = syntheticPeople({ seed: 1, count: 8, imageSize: [128, 128] });
const [person] = persons;

/** The keypoints of the first person, by whatever an estimator is made of. */
async function keypointsOf(making: Promise<Estimator>): Promise<number[]> {
  const estimator = await making;
  const [found] = await estimator.estimate(readImage(person!), [person!.box]);
  await estimator.dispose();
  return [...found!.xy];
}

if (file !== undefined) {
  // The other process: it has the file, and nothing else.
  const model = await loadPoseModelFile(file);
  const onnx = await exportOnnx(model);
  const ours = await keypointsOf(createEstimator(model, { flipTest: true }));
  const theirs = await keypointsOf(createEstimator({ onnx, runtime: 'node' }, { flipTest: true }));
  process.stdout.write(JSON.stringify({ ours, theirs }));
  process.exit();
}

await mkdir(out, { recursive: true });
for (const { imageId, fileName } of persons) {
  const { width, height, data } = images[imageId]!;
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(join(out, fileName));
}

/** Network, codec and loss; that the loss takes what the codec encodes is the compiler's to say. */
async function run<Target, Output>(network: LayersModel, codec: Codec<Target, Output>, loss: Loss<Target, Output>) {
  const model = poseModel({ network, codec, keypointSet });
  const augment = { keypointSet };
  const loader = topDownLoader({ persons, codec, images: out, batchSize: 2, seed: 1, augment, workers: 1 });
  const { history } = await fit(model, {
    epochs: Math.ceil(Number(steps) / 4),
    optimizer: adam(1e-3),
    loss,
    batches: loader.epoch,
    validate: validatePck({ batches: () => topDown({ persons, readImage, codec }), codec, flip: COCO }),
    monitor: 'PCK',
  });
  await loader.close();

  const path = join(out, `${network.name}.safetensors`);
  await savePoseModelFile(path, model, { dtype: 'float16' });
  const program = [...process.execArgv, fileURLToPath(import.meta.url), out, steps, path];
  const { ours, theirs } = JSON.parse(
    execFileSync(process.execPath, program, { encoding: 'utf8' }).split('\n').at(-1)!,
  );

  const before = await keypointsOf(createEstimator(model, { flipTest: true }));
  loadStateDict(network, readSafetensors(await readFile(path)), { strict: false }); // the same network, of 16-bit weights
  const rounded = await keypointsOf(createEstimator(model, { flipTest: true }));
  network.dispose();
  const apart = (a: number[], b: number[]) => Math.max(...a.map((v, i) => Math.abs(v - b[i]!)));
  const report = {
    loss: [history[0]!.loss, history.at(-1)!.loss],
    PCK: history.at(-1)!.metrics['PCK'],
    reloaded: apart(ours, rounded), // pixels, as all that follow
    onnx: apart(ours, theirs),
    float16: apart(ours, before),
  };
  console.log(codec.toJSON().codec, JSON.stringify(report));
  if (!(report.reloaded === 0 && report.onnx < 0.05)) throw new Error('The keypoints must be the same.');
}

const size = { inputShape: [64, 64, 3], keypoints: 17 } as const;
const maps = { inputSize: [64, 64], heatmapSize: [16, 16] } as const;
const head = simccHead({ keypoints: 17, inputSize: [64, 64] });

await run(lpn('lpn-50', size), gaussianCodec({ ...maps, refine: softArgmaxDecoder({ beta: 160 }) }), jointsMse);
await run(stackedHourglass({ ...size, filters: 64 }), gaussianCodec(maps), intermediateSupervision(jointsMse));
await run(cpn(resnet('resnet-18'), { ...size, filters: 64 }), cpnCodec(maps), cpnLoss());
await run(integralRegression('integral-50', size), coordinateCodec({ inputSize: [64, 64] }), coordinateRegression());
await run(grmi('grmi-50', { ...size, inputShape: [33, 25, 3] }), diskOffsetCodec({ inputSize: [25, 33], radius: 4 }), diskOffsetLoss()); // prettier-ignore
await run(lpn('lpn-50', { ...size, head }), simccCodec({ inputSize: [64, 64], sigma: 2 }), simccKl());
await writeFile(join(out, 'done'), '');
