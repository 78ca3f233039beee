/** A photograph that the visitor chooses, with the pose found in it. @manual runs in a browser, on a file that somebody chooses */
// #region program
import { useEngine } from 'poseblocks/engines';
import { createEstimator } from 'poseblocks/inference';
import { loadPoseModel } from 'poseblocks/models';
import { drawPose } from 'poseblocks/visualize';

document.body.innerHTML = '<input type="file" accept="image/*" aria-label="Photograph" /><br /><canvas></canvas>';
const canvas = document.querySelector('canvas')!;
const context = canvas.getContext('2d')!;

await useEngine('auto');
const model = await loadPoseModel('/model.safetensors'); // a file in the folder that is served
const estimator = await createEstimator(model, { flipTest: true });

document.querySelector('input')!.addEventListener('change', async ({ target }) => {
  const file = (target as HTMLInputElement).files?.[0];
  if (!file) return;
  const photograph = await createImageBitmap(file);
  const { width, height } = photograph;
  Object.assign(canvas, { width, height });
  context.drawImage(photograph, 0, 0);
  const people = await estimator.estimate(photograph, [[0, 0, width, height]]); // one box: the whole picture
  drawPose(context, people, { skeleton: model.keypointSet });
});
// #endregion
