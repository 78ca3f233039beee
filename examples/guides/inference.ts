/**
 * The code of the inference guide: a compiled network, an estimator, an ONNX file, checkpoints and Keras files.
 * @quick
 */
import { syntheticPeople } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { compile, createEstimator } from 'poseblocks/inference';
import {
  exportKeras,
  exportOnnx,
  importKeras,
  loadStateDict,
  readOnnx,
  readPth,
  readSafetensors,
  stateDict,
  writeSafetensors,
} from 'poseblocks/interop';
import { COCO } from 'poseblocks/keypoints';
import { lpn } from 'poseblocks/networks';
import { softArgmaxDecoder } from 'poseblocks/postprocess';
import { codecFromJSON, gaussianCodec } from 'poseblocks/targets';
import { poseSvg } from 'poseblocks/visualize';
import * as tf from '@tensorflow/tfjs-core';

await useEngine('auto');
const network = lpn('lpn-50', { inputShape: [128, 96, 3], depths: [1, 1, 1, 1] });
const codec = gaussianCodec({ inputSize: [96, 128], heatmapSize: [24, 32], refine: softArgmaxDecoder({ beta: 160 }) });
const { persons, readImage } = syntheticPeople({ seed: 1, count: 2 });
const image = readImage(persons[0]!);
const boxes = persons.filter(({ imageId }) => imageId === persons[0]!.imageId).map(({ box }) => box);

// #region compile
const run = await compile(network); // folded and fused, for the current engine
const images = tf.zeros([4, 128, 96, 3]) as tf.Tensor4D;
const heatmaps = run(images); // as network.predict(images), sooner
tf.dispose([images, heatmaps]);
run.dispose();
// #endregion

// #region estimate
const estimator = await createEstimator(network, { codec, flipTest: { keypointSet: COCO } });
const people = await estimator.estimate(image, boxes); // Keypoints<'image'>[], one a box
const svg = poseSvg(people, { skeleton: COCO, size: [image.width, image.height] });
await estimator.dispose();
// #endregion

// #region onnx
const bytes = await exportOnnx(network, { metadata: { codec, keypointSet: COCO } });
const saved = codecFromJSON(JSON.parse(readOnnx(bytes).metadata['poseblocks.codec']!));
const elsewhere = await createEstimator({ onnx: bytes, runtime: 'node' }, { codec: saved as typeof codec });
const same = await elsewhere.estimate(image, boxes);
await elsewhere.dispose();
// #endregion

// #region checkpoints
const weights = writeSafetensors(await stateDict(network), { dtype: 'float16' }); // half the size of float32
loadStateDict(network, readSafetensors(weights));
const fromTorch = (file: Uint8Array) => loadStateDict(network, readPth(file), { prefix: 'module.' });
// #endregion

// #region keras
const file = await exportKeras(network); // keras.saving.load_model('lpn-50.keras') in Python
const back = await importKeras(file);
// #endregion
void fromTorch;
back.dispose();

console.log(
  `${people.length} people, ${same.length} by ONNX Runtime, ${bytes.length} bytes of ONNX, ${svg.length} of SVG`,
);
network.dispose();
