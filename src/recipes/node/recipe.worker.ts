import { keypointSet } from '../../keypoints';
import { freeze } from '../../training';
import { serveTraining } from '../../training/node';
import { recipeModel } from '../from-recipe';
import type { Recipe } from '../recipe';
import { RECIPES } from '../recipes';
import type { RecipeWork } from './recipe-team';

// Not awaited: the CommonJS build has no top-level await. A rejection ends the thread, and the team reports it.
void serveTraining((data) => {
  const { name, keypoints, inputSize, seed, frozen } = data as RecipeWork;
  const recipe: Recipe = RECIPES[name];
  const { network } = recipeModel(recipe, { name, keypointSet: keypointSet(keypoints), inputSize, seed });
  if (frozen.length > 0) freeze(network, frozen);
  return { network, loss: recipe.loss };
});
