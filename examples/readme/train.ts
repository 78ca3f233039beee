/**
 * Ten lines that train: the README's.
 * @quick
 */
// #region train
import {
  adam,
  COCO,
  fit,
  gaussianCodec,
  jointsMse,
  lpn,
  poseModel,
  syntheticPeople,
  topDown,
  useEngine,
} from 'poseblocks';
import { withTargets } from 'poseblocks/training';
import { savePoseModelFile } from 'poseblocks/models/node';

await useEngine('auto');
const people = syntheticPeople({ seed: 1, count: 64 }); // or readCocoFile and imageFolder of poseblocks/datasets/node
const network = lpn('lpn-50', { inputShape: [64, 48, 3], keypoints: 17, depths: [1, 1, 1, 1] });
const codec = gaussianCodec({ inputSize: [48, 64], heatmapSize: [12, 16], sigma: 1 });
const model = poseModel({ network, codec, keypointSet: COCO });
const batches = withTargets((epoch) => topDown({ ...people, codec, batchSize: 16, seed: 1, epoch }), codec);
const { history } = await fit(model, { epochs: 2, batches, loss: jointsMse, optimizer: adam(1e-3) });
console.log(history.map(({ loss }) => loss));
await savePoseModelFile('mine.safetensors', model);
// #endregion
