export { poseModelOfRun } from './pose-model-of-run';
export { recipeTeam, type RecipeTeamOptions } from './recipe-team';
