/** People in photographs and films, in Node. @manual needs sharp, ffmpeg, a pose model and a film */
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { useEngine } from 'poseblocks/engines';
import { createEstimator } from 'poseblocks/inference';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { trackPoses } from 'poseblocks/video';
import { moveNetDetector } from 'poseblocks/video/detectors';
import { graphModelFile, imageFiles, videoFile } from 'poseblocks/video/node';

const [
  model = 'weights/model.safetensors',
  detectorFile = 'movenet-multipose.json',
  film = 'walk.mp4',
  photographs = 'photographs',
] = process.argv.slice(2);

await useEngine('wasm');
// #region films
const detector = moveNetDetector(await loadGraphModel(graphModelFile(detectorFile)));
const estimator = await createEstimator(await loadPoseModelFile(model));

for await (const { path, image } of imageFiles(photographs)) {
  const boxes = (await detector(image)).map(({ box }) => box);
  console.log(path, await estimator.estimate(image, boxes));
}

const tracker = trackPoses(estimator, { detector });
for await (const { image, time } of videoFile(film)) {
  for (const { id, box } of await tracker.update(image, time)) console.log(time, id, box);
}
// #endregion
await estimator.dispose();
