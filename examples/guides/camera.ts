/** People before a camera, drawn as they move. @manual runs in a browser, which asks for the camera */
// #region program
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { useEngine } from 'poseblocks/engines';
import { createEstimator } from 'poseblocks/inference';
import { loadPoseModel } from 'poseblocks/models';
import { drawPose, fitCanvas, frames, trackPoses } from 'poseblocks/video';
import { moveNetDetector } from 'poseblocks/video/detectors';

document.body.innerHTML = `<div style="position: relative"><video style="width: 100%" muted playsinline></video>
  <canvas style="position: absolute; inset: 0; width: 100%; height: 100%"></canvas></div>`;
const [video, canvas] = [document.querySelector('video')!, document.querySelector('canvas')!];
const context = canvas.getContext('2d')!;

await useEngine('wasm', { threads: 2, wasmPaths: '/' });
const model = await loadPoseModel('/model.safetensors');
const detector = moveNetDetector(await loadGraphModel('/movenet-multipose.json'));
const tracker = trackPoses(await createEstimator(model), { detector });
video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
await video.play();
for await (const { image, time } of frames(video)) {
  const people = await tracker.update(image, time);
  if (!fitCanvas(canvas)) context.clearRect(0, 0, canvas.width, canvas.height);
  drawPose(context, people, { skeleton: model.keypointSet, size: [video.videoWidth, video.videoHeight] });
}
// #endregion
