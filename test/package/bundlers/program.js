// What a program of Node does with the package. Each bundler builds it as it is.
import { COCO, createEstimator, exportOnnx, gaussianCodec, lpn, poseModel, useEngine } from 'poseblocks';

async function main() {
  const engine = await useEngine('wasm');
  const network = lpn('lpn-50', { inputShape: [64, 48, 3], keypoints: 17, depths: [1, 1, 1, 1] });
  const codec = gaussianCodec({ inputSize: [48, 64], heatmapSize: [12, 16], sigma: 1 });
  const model = poseModel({ network, codec, keypointSet: COCO });
  const estimator = await createEstimator(model);
  const image = { width: 80, height: 100, data: new Uint8Array(80 * 100 * 3).fill(90) };
  const [person] = await estimator.estimate(image, [[10, 10, 50, 90]]);
  const onnx = await exportOnnx(model);
  console.log(`${person.score.length} keypoints on ${engine.name}, ${onnx.length > 1e6 ? 'exported' : 'not exported'}`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
