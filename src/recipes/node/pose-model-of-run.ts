import { parseJsonText, shown } from '../../bytes';
import {
  AP10K,
  COCO,
  CROWDPOSE,
  FACE_68,
  HAND_21,
  keypointSet,
  LSP,
  LSP_EXTENDED,
  MPII,
  type KeypointSet,
} from '../../keypoints';
import { poseModel, type PoseModel } from '../../models';
import { codecFromJSON } from '../../targets';
import { assignWeights, readBest } from '../../training';
import { directoryStore } from '../../training/node';
import { RECIPES, type RecipeName } from '..';

const SETS: readonly KeypointSet[] = [COCO, MPII, LSP, LSP_EXTENDED, CROWDPOSE, AP10K, FACE_68, HAND_21];

/**
 * The pose model of a run of poseblocks 0.1, which wrote `run.json` and `best.safetensors` into a folder in place of a pose model. Save it with
 * `savePoseModelFile`. The network belongs to the caller.
 *
 * @throws RangeError when `run.json` is missing or names no recipe; CheckpointError when the best state is missing or damaged.
 * @example
 * import { savePoseModelFile } from 'poseblocks/models/node';
 * import { poseModelOfRun } from 'poseblocks/recipes/node';
 * await savePoseModelFile('lpn-50.safetensors', await poseModelOfRun('out/lpn-50'));
 */
export async function poseModelOfRun(folder: string): Promise<PoseModel> {
  const store = directoryStore(folder);
  const saved = await store.read('run.json');
  const run = (saved && parseJsonText(saved, 'run.json')) as OldRun | undefined;
  if (!run || !Object.hasOwn(RECIPES, run.name) || !Array.isArray(run.keypoints) || !Array.isArray(run.inputSize)) {
    throw new RangeError(
      `poseModelOfRun: the folder must hold run.json of a run. Received: ${run ? `a recipe ${shown(run.name)}` : 'none'} in ${folder}.`,
    );
  }
  const { name, inputSize, keypoints, codec } = run;
  const [width, height] = inputSize;
  const { weights, epoch, value } = await readBest(store);
  const set = SETS.find(({ names }) => String(names) === String(keypoints)) ?? keypointSet({ name, names: keypoints });
  const recipe = RECIPES[name];
  const network = recipe.build({ inputShape: [height, width, 3], keypoints: keypoints.length, seed: run.seed ?? 1 });
  try {
    assignWeights(network, weights);
    const provenance = { recipe: name, metrics: { [recipe.monitor]: value }, training: { epoch } };
    return poseModel({ network, codec: codecFromJSON(codec), keypointSet: set, provenance });
  } catch (error) {
    network.dispose();
    throw error;
  }
}

interface OldRun {
  readonly name: RecipeName;
  readonly inputSize: readonly [width: number, height: number];
  readonly keypoints: readonly string[];
  readonly codec: { readonly codec: string };
  readonly seed?: number;
}
