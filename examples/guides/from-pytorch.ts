/**
 * The code of the guide for those who come from PyTorch: a checkpoint in, a pose model out, and back.
 * @quick {out}/checkpoint.pth
 */
import { writeFile } from 'node:fs/promises';
import { useEngine } from 'poseblocks/engines';
import { stateDict, writePth } from 'poseblocks/interop';
import { simpleBaseline } from 'poseblocks/networks';

const [checkpoint = 'checkpoint.pth'] = process.argv.slice(2);
await useEngine('auto');
// Stands for your own: what `torch.save(model.state_dict(), 'checkpoint.pth')` writes, of a network wrapped in DataParallel.
const trained = simpleBaseline('resnet-18', { inputShape: [64, 64, 3], keypoints: 17 });
const wrapped = Object.fromEntries(Object.entries(await stateDict(trained)).map(([key, tensor]) => [`module.${key}`, tensor])); // prettier-ignore
await writeFile(checkpoint, writePth(wrapped));
trained.dispose();

// #region load
import { readFile } from 'node:fs/promises';
import { gaussianCodec, loadStateDict, poseModel, readPth } from 'poseblocks';
import { COCO } from 'poseblocks/keypoints';
import { savePoseModelFile } from 'poseblocks/models/node';
import { quarterOffset } from 'poseblocks/postprocess';

const network = simpleBaseline('resnet-18', { inputShape: [64, 64, 3], keypoints: 17, initialization: 'none' });
const { loaded } = loadStateDict(network, readPth(await readFile(checkpoint)), { prefix: 'module.' });
console.log(`${loaded.length} tensors loaded`);

const codec = gaussianCodec({ inputSize: [64, 64], heatmapSize: [16, 16], sigma: 2, refine: quarterOffset });
const model = poseModel({ network, codec, keypointSet: COCO }); // normalisation: ImageNet's, as torchvision has it
await savePoseModelFile('mine.safetensors', model);
// #endregion
