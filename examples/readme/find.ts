/**
 * Ten lines from a file of weights to a drawn pose, and one more to ONNX: the README's. Where there is no photograph, a drawn person stands for it.
 * @quick {weights}/synthetic-small.safetensors {out}/photo.jpg
 */
import { existsSync } from 'node:fs';
import { syntheticScene } from 'poseblocks/datasets';
import sharp from 'sharp';

const [modelFile = 'weights/lpn-50-leeds.safetensors', photograph = 'photo.jpg'] = process.argv.slice(2);
if (!existsSync(photograph)) {
  const drawn = syntheticScene({ seed: 1, imageSize: [120, 160], people: [1, 1] }).image;
  await sharp(drawn.data, { raw: { width: 120, height: 160, channels: 3 } }).toFile(photograph);
}

// #region find
import { writeFile } from 'node:fs/promises';
import { createEstimator, exportOnnx, poseSvg, useEngine } from 'poseblocks';
import { decodeImage } from 'poseblocks/datasets/node';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { imageFileUrl } from 'poseblocks/visualize/node';

await useEngine('auto');
const model = await loadPoseModelFile(modelFile);
const estimator = await createEstimator(model, { flipTest: true });
const image = await decodeImage(photograph);
const size = [image.width, image.height] as const;
const people = await estimator.estimate(image, [[0, 0, ...size]]); // a box for each person: [x, y, width, height]
const picture = await imageFileUrl(photograph);
await writeFile('pose.svg', poseSvg(people, { size, skeleton: model.keypointSet, image: picture }));
await writeFile('pose.onnx', await exportOnnx(model)); // for ONNX Runtime, with all that it takes to run it
// #endregion

await estimator.dispose();
for (const { xy, score } of people) {
  console.log(model.keypointSet.names.map((name, k) => `${name} ${xy[2 * k]!.toFixed(0)},${xy[2 * k + 1]!.toFixed(0)} (${score[k]!.toFixed(2)})`).join('\n')); // prettier-ignore
}
