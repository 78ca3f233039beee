/**
 * A paper's recipe in a script of one's own. For the command that needs none: `npx poseblocks train --recipe lpn-50`.
 * @quick
 */
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { lpn } from 'poseblocks/networks';
import { softArgmaxDecoder } from 'poseblocks/postprocess';
import { gaussianCodec } from 'poseblocks/targets';
import { fit, jointsMse, validatePoses, withTargets } from 'poseblocks/training';
import { recipeOptimizer, RECIPES, recipeSchedule, shortened } from 'poseblocks/recipes';

await useEngine('wasm');
// #region recipe
// seven stages, the first of 150 epochs with drops at 90 and 120; here a thousandth of them, on small crops
const recipe = shortened(RECIPES['lpn-50'], 0.001);
const { augmentation, batchSize, beta = 160, monitor, sigma, reported } = recipe;
const codec = gaussianCodec({
  inputSize: [48, 64],
  heatmapSize: [12, 16],
  sigma: sigma / 2,
  refine: softArgmaxDecoder({ beta }),
});
const { keypointSet, json, ...train } = syntheticPeople({ seed: 1, count: 16 });
const crops = { ...train, codec, batchSize, seed: 1, augment: { keypointSet, ...augmentation } };
const network = lpn('lpn-50', { inputShape: [64, 48, 3], depths: [1, 1, 1, 1], widths: [16, 32, 64, 64] });

const { best } = await fit(network, {
  ...recipeSchedule(recipe), // epochs and schedule
  optimizer: recipeOptimizer(recipe),
  loss: jointsMse,
  batches: withTargets((epoch, firstBatch) => topDown({ ...crops, epoch, firstBatch }), codec),
  validate: validatePoses({ batches: () => topDown({ ...train, codec }), codec, annotations: json, flip: keypointSet }),
  monitor,
});
// #endregion
console.log(`best ${monitor} ${best!.value.toFixed(3)}; the paper reports`, reported);
