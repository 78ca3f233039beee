/**
 * Ten lines from a file of weights to a drawn pose, and one more to ONNX: the README's.
 * @quick {weights}/synthetic-small.safetensors {out}
 */
import { syntheticWalk } from 'poseblocks/datasets';
import sharp from 'sharp';

const [modelFile = 'weights/synthetic-small.safetensors', out = '.'] = process.argv.slice(2);
const photograph = `${out}/people.jpg`;
const walk = syntheticWalk({ seed: 1, imageSize: [320, 240] }).at(0.5);
await sharp(walk.image.data, { raw: { width: 320, height: 240, channels: 3 } }).toFile(photograph);
const boxes = walk.annotations.map(({ bbox }) => bbox as [number, number, number, number]);

// #region find
import { readFile, writeFile } from 'node:fs/promises';
import { createEstimator, exportOnnx, poseSvg, useEngine } from 'poseblocks';
import { decodeImage } from 'poseblocks/datasets/node';
import { loadPoseModelFile } from 'poseblocks/models/node';

await useEngine('auto');
const model = await loadPoseModelFile(modelFile);
const estimator = await createEstimator(model, { flipTest: true });
const image = await decodeImage(photograph);
const people = await estimator.estimate(image, boxes); // boxes: [x, y, width, height][]
const picture = `data:image/jpeg;base64,${await readFile(photograph, 'base64')}`;
const size = [image.width, image.height] as const;
await writeFile(`${out}/people.svg`, poseSvg(people, { size, skeleton: model.keypointSet, image: picture }));

await writeFile(`${out}/model.onnx`, await exportOnnx(model));
// #endregion

await estimator.dispose();
const [{ keypoints, bbox }] = walk.annotations as [(typeof walk.annotations)[0]];
const [{ xy }] = people as [(typeof people)[0]];
const off = model.keypointSet.names.flatMap((_, k) => keypoints[3 * k + 2]! > 0 ? [Math.hypot(xy[2 * k]! - keypoints[3 * k]!, xy[2 * k + 1]! - keypoints[3 * k + 1]!)] : []); // prettier-ignore
console.log(`Pixels off, of a person ${Math.round(bbox[3]!)} high:`, off.map((each) => each.toFixed(1)).join(' '));
