import { pyranet } from '../networks';
import { heatmapRecipe, type HeatmapRecipe } from './heatmap-recipe';
import type { HeatmapColumns, Recipe, ReportedMetric } from './recipe';
import { cpnSystem, grmiSystem, integralSystem } from './systems';

const ap = (value: number, data = 'COCO val2017'): readonly ReportedMetric[] => [{ metric: 'AP', value, data }];
const afterStages = (last: number, first: number): readonly ReportedMetric[] => [
  ...ap(last),
  { metric: 'AP', value: first, data: 'COCO val2017', of: 'the first stage' },
];

/** Zhang et al. 2019, section 4.1 and Table 1. The loss is `jointsMse`; stages as in section 3.3. */
const LPN = {
  paper: '003',
  dataset: 'coco',
  inputSize: [192, 256],
  stride: 4,
  sigma: 2,
  batchSize: 32,
  optimizer: { name: 'adam', rate: 1e-3 },
  schedule: { epochs: 150, milestones: [90, 120], stages: 7, restart: 60 },
  augmentation: { rotation: 40, scale: 0.3 },
  monitor: 'AP',
  beta: 160,
} as const;

/** Paper 000, section 5: 20 epochs, targets scaled by the epoch. */
const LSP = {
  paper: '000',
  dataset: 'lsp',
  inputSize: [256, 256],
  stride: 4,
  sigma: 2,
  epochScaled: true,
  batchSize: 32,
  optimizer: { name: 'adam', rate: 1e-3 },
  schedule: { epochs: 20 },
  monitor: 'PCK',
  assumed: 'optimiser, rate and the formula of the factor',
} as const;

/** Paper 001, Table II and section V: RMSprop performed best; losses after five epochs. */
const REDUCED = {
  paper: '001',
  network: 'full-reduced',
  dataset: 'mpii',
  inputSize: [256, 256],
  stride: 4,
  sigma: 1.75,
  batchSize: 16,
  schedule: { epochs: 10 },
  monitor: 'PCK',
} as const;

/** Paper 002: 20 epochs, batch 24, drops at 15 and 17. */
const CV701 = {
  paper: '002',
  dataset: 'mpii',
  inputSize: [256, 256],
  stride: 4,
  sigma: 1,
  batchSize: 24,
  optimizer: { name: 'rmsprop', rate: 1e-3 },
  schedule: { epochs: 20, milestones: [15, 17] },
  monitor: 'PCK',
  assumed: "optimiser (bearpaw's RMSprop) and sigma",
} as const;

/** Zhang et al. quote AP of these on COCO; the schedules are those of the authors' code, where it exists. */
const QUOTED = { paper: '003', dataset: 'coco', monitor: 'AP' } as const;

/** Names of {@link RECIPES}. */
export type RecipeName =
  | 'lpn-50'
  | 'lpn-101'
  | 'lpn-152'
  | 'simple-baseline-50'
  | 'hrnet-w32'
  | 'lsp-base'
  | 'lsp-kernelsize3'
  | 'lsp-finalkernel1'
  | 'lsp-128x128'
  | 'lsp-2layers'
  | 'lsp-freezeall'
  | 'lsp-resnet18'
  | 'lsp-efficientnet'
  | 'lsp-shuffle'
  | 'lsp-shuffle10'
  | 'reduced-hourglass-rmsprop'
  | 'reduced-hourglass-radam'
  | 'reduced-hourglass-adam'
  | 'reduced-hourglass-adam-scheduled'
  | 'cv701-baseline'
  | 'cv701-separable'
  | 'pyranet'
  | 'cpn-50'
  | 'integral-101'
  | 'grmi-101';

type SystemRecipeName = 'cpn-50' | 'integral-101' | 'grmi-101';

type Recipes = Readonly<
  Record<Exclude<RecipeName, SystemRecipeName>, HeatmapRecipe> & Record<SystemRecipeName, Recipe>
>;

/** A function, so that bundles that use no recipe contain none: bundlers keep top-level object spreads. */
function recipes(): Recipes {
  /** Xiao et al. 2018 and Sun et al. 2019, which paper 003 compares with. */
  const COMPARED = { ...LPN, assumed: "the authors' own schedule; without the pre-trained backbone" } as const;
  const SIMPLE_BASELINE = { ...COMPARED, schedule: { epochs: 140, milestones: [90, 120] } } as const;
  const HRNET = { ...COMPARED, schedule: { epochs: 210, milestones: [170, 200] } } as const;
  /** A row of paper 000's Table 1, with its PCK in percent. */
  const lsp = (network: string, pck: number, own: Partial<HeatmapColumns> = {}): HeatmapRecipe =>
    heatmapRecipe({ ...LSP, network, reported: [{ metric: 'batch PCK', value: pck, data: 'LSP test' }], ...own });
  return {
    'lpn-50': heatmapRecipe({ ...LPN, network: 'lpn50-gc', reported: afterStages(69.1, 66.9) }),
    'lpn-101': heatmapRecipe({ ...LPN, network: 'lpn101-gc', reported: afterStages(70.4, 68.85) }),
    'lpn-152': heatmapRecipe({ ...LPN, network: 'lpn152-gc', reported: afterStages(71.0, 69.36) }),
    'simple-baseline-50': heatmapRecipe({
      ...SIMPLE_BASELINE,
      network: 'simplebaseline50-256x192',
      reported: ap(70.4),
    }),
    'hrnet-w32': heatmapRecipe({ ...HRNET, network: 'hrnet-w32-256x192', reported: ap(73.4) }),
    'lsp-base': lsp('base', 57.1),
    'lsp-kernelsize3': lsp('kernelsize3', 57.0),
    'lsp-finalkernel1': lsp('finalkernel1', 60.0),
    'lsp-128x128': lsp('128x128', 43.6, { inputSize: [128, 128] }),
    'lsp-2layers': lsp('2layers', 55.1, { stride: 8 }),
    'lsp-freezeall': lsp('freezeall', 35.4),
    'lsp-resnet18': lsp('resnet18', 56.9),
    'lsp-efficientnet': lsp('efficientnet', 34.1),
    'lsp-shuffle': lsp('shuffle', 37.3),
    'lsp-shuffle10': lsp('shuffle10', 36.5, { schedule: { epochs: 10 } }), // the previous row after half of its epochs
    'reduced-hourglass-rmsprop': heatmapRecipe({
      ...REDUCED,
      optimizer: { name: 'rmsprop', rate: 2.5e-4 },
      reported: [{ metric: 'loss', value: 0.00113494, data: 'MPII' }],
    }),
    'reduced-hourglass-radam': heatmapRecipe({
      ...REDUCED,
      optimizer: { name: 'radam', rate: 2.5e-4 },
      reported: [{ metric: 'loss', value: 0.00129738, data: 'MPII' }],
      assumed: 'the variant of the un-rectified steps',
    }),
    'reduced-hourglass-adam': heatmapRecipe({
      ...REDUCED,
      optimizer: { name: 'adam', rate: 2.5e-4 },
      reported: [{ metric: 'loss', value: 0.00126786, data: 'MPII' }],
    }),
    'reduced-hourglass-adam-scheduled': heatmapRecipe({
      ...REDUCED,
      optimizer: { name: 'adam', rate: 2.5e-4 },
      schedule: { epochs: 10, milestones: [3, 6] },
      reported: [{ metric: 'loss', value: 0.00132553, data: 'MPII' }],
      assumed: 'the milestones: the paper says "after several training epochs"',
    }),
    'cv701-baseline': heatmapRecipe({
      ...CV701,
      network: 'baseline',
      reported: [{ metric: 'PCKh@0.5', value: 77.84, data: 'MPII validation' }],
    }),
    'cv701-separable': heatmapRecipe({
      ...CV701,
      network: 'dwsep_all3',
      reported: [{ metric: 'PCKh@0.5', value: 78.67, data: 'MPII validation' }],
    }),
    // github.com/chenyilun95/tf-cpn counts in crops: 400 times 60,000 are 160 times the 149,813 people of COCO, and the rate halves every 60 · 60,000.
    'cpn-50': cpnSystem({
      ...QUOTED,
      network: 'cpn50-paper',
      inputSize: [192, 256],
      batchSize: 32,
      optimizer: { name: 'adam', rate: 5e-4 },
      schedule: { epochs: 160, milestones: [24, 48, 72, 96, 120, 144], factor: 0.5 },
      augmentation: { rotation: 22.5, scale: 0.3 },
      reported: ap(68.6),
      assumed: 'normal in place of uniform augmentation; without the pre-trained backbone and the weight decay of 1e-5',
    }),
    // github.com/JimmySuen/integral-human-pose
    'integral-101': integralSystem({
      ...QUOTED,
      network: 'integral101',
      inputSize: [256, 256],
      batchSize: 128,
      optimizer: { name: 'adam', rate: 1e-3 },
      schedule: { epochs: 300, milestones: [270, 290] },
      augmentation: { rotation: 30, scale: 0.25, color: 0.2 },
      reported: ap(67.8, 'COCO test-dev2017'),
      assumed: "the schedule of the authors' Human3.6M code; without the pre-trained backbone",
    }),
    'grmi-101': grmiSystem({
      ...QUOTED,
      network: 'grmi101',
      inputSize: [257, 353],
      sides: { multiple: 8, plus: 1 },
      batchSize: 24,
      optimizer: { name: 'adam', rate: 5e-4 },
      schedule: { epochs: 140, milestones: [90, 120] },
      augmentation: { rotation: 0, scale: 0.2 },
      reported: ap(64.9, 'COCO test-dev2017'),
      assumed:
        "optimiser, rate, batch and schedule (SimpleBaseline's), as no code is public; without the pre-trained backbone",
    }),
    // github.com/bearpaw/PyraNet, whose epochs count from 1.
    pyranet: heatmapRecipe(
      {
        ...QUOTED,
        network: 'pyranet8-17j-320x256',
        inputSize: [256, 320],
        sides: { multiple: 64, plus: 0 },
        stride: 4,
        sigma: 1,
        batchSize: 6,
        optimizer: { name: 'rmsprop', rate: 2.5e-4 },
        schedule: { epochs: 250, milestones: [149, 169, 199] },
        augmentation: { rotation: 30, scale: 0.25 },
        reported: ap(72.3, 'COCO test-dev2017'),
        assumed: "batch and schedule of the authors' MPII script; the AP is AlphaPose's",
      },
      ({ inputShape, keypoints, seed }) => pyranet({ inputShape, keypoints, seed, poolingSeed: seed }),
    ),
  };
}

/**
 * The papers' recipes for their own systems and for those that paper 003 compares with: columns as data, and functions that build network, codec and loss.
 * `recipeModel`, `recipeOptimizer` and `recipeSchedule` turn a recipe into the inputs of `fit`; `poseblocks train --recipe NAME` runs it with one
 * command.
 *
 * @example
 * const { batchSize, inputSize, reported } = RECIPES['lpn-50']; // 32, [192, 256], [{ metric: 'AP', value: 69.1, … }, …]
 */
export const RECIPES: Recipes = /* @__PURE__ */ recipes();
