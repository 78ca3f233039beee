/**
 * The papers' training recipes and tables of networks as data.
 *
 * @packageDocumentation
 */
export { recipeModel, recipeOptimizer, recipeSchedule, shortened, type RecipeModelOptions } from './from-recipe';
export { heatmapRecipe, type HeatmapRecipe } from './heatmap-recipe';
export { COCO_COMPARISON, cocoComparison, type CocoComparison } from './papers/coco-comparison';
export { HOURGLASS_DESIGNS, hourglassDesign, type HourglassDesign } from './papers/hourglass-designs';
export { LSP_BASELINES, lspBaseline, type LspBaseline } from './papers/lsp-baselines';
export { paperNetwork, paperNetworks, type PaperNetwork } from './papers/paper-network';
export { QUOTED_NETWORKS, quotedNetwork, type QuotedNetwork } from './papers/quoted-networks';
export { REDUCED_HOURGLASS, reducedHourglass, type ReducedHourglass } from './papers/reduced-hourglass';
export type {
  HeatmapColumns,
  Recipe,
  RecipeColumns,
  RecipeNetworkOptions,
  RecipeOptimizer,
  RecipeSchedule,
  ReportedMetric,
} from './recipe';
export { RECIPES, type RecipeName } from './recipes';
export {
  recipesOf,
  reproduceRow,
  rowOf,
  type ReproductionOptions,
  type ReproductionPeople,
} from './reproduce/reproduce-row';
export { reproductionCsv, reproductionHtml, reproductionMarkdown, type Reproduction } from './reproduce/reproduction';
export { compareNetworks, type Compared, type CompareOptions, type ComparisonRow } from './compare/compare';
export { meanPoseAccuracy, type ComparisonData, type MeasuredAccuracy } from './compare/brief-training';
/** @internal */
export { canPlot } from './compare/comparison';
export {
  comparisonCsv,
  comparisonHtml,
  comparisonRecords,
  comparisonSvg,
  comparisonTable,
  type ComparisonView,
} from './compare/comparison';
export { matchNetworks, namedNetwork, namedNetworks, type NamedNetwork } from './compare/named-network';
export { reportedHere, type MeasuredOn } from './reported-here';
