/**
 * The pose model of a training run, from the files in its folder. For Node.
 *
 * @packageDocumentation
 */
export { poseModelOfRun } from './pose-model-of-run';
export { recipeTeam, type RecipeTeamOptions } from './recipe-team';
