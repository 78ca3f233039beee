// What a page does with the package: an engine, a network, an estimator, a drawing. Each bundler builds it as it is.
import { COCO, createEstimator, gaussianCodec, lpn, poseModel, useEngine } from 'poseblocks';
import { drawPose } from 'poseblocks/visualize';

const { wasm: wasmPaths } = document.documentElement.dataset; // where the server says so

async function main() {
  const engine = await useEngine('auto', wasmPaths === undefined ? {} : { wasmPaths });
  const network = lpn('lpn-50', { inputShape: [64, 48, 3], keypoints: 17, depths: [1, 1, 1, 1] });
  const codec = gaussianCodec({ inputSize: [48, 64], heatmapSize: [12, 16], sigma: 1 });
  const estimator = await createEstimator(poseModel({ network, codec, keypointSet: COCO }));
  const canvas = document.createElement('canvas');
  document.body.append(canvas);
  const context = canvas.getContext('2d');
  context.fillRect(10, 10, 50, 90);
  const [person] = await estimator.estimate(canvas, [[10, 10, 50, 90]]);
  drawPose(context, person, { skeleton: COCO });
  return `${person.score.length} keypoints on ${engine.name}`;
}

main().then(
  (text) => (document.title = text),
  (error) => (document.title = error.message),
);
