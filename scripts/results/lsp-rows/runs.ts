/**
 * What is trained on Leeds Sports Poses for docs/results.md: the rows of paper 000, plain and epoch-scaled, and the small network without one thing at a time.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { HandoverModel, HandoverTraining } from 'poseblocks/handover';
import type { Size } from 'poseblocks/keypoints';
import { lpn, type LpnOptions } from 'poseblocks/networks';
import { dark } from 'poseblocks/postprocess';
import { lspBaseline, RECIPES, rowOf, type LspBaseline, type RecipeName } from 'poseblocks/recipes';
import { epochScale, gaussianCodec } from 'poseblocks/targets';
import { AUGMENTATION, NETWORKS } from '../../weights/networks';

/** Parts of the data, as pack.ts writes them: LSP's first and last thousand, LSPET, and its first 3,000. */
export type Part = 'train' | 'test' | 'extended' | 'some';

export interface LeedsRun {
  readonly name: string;
  /** Runs of one group share their network, which is compiled once. */
  readonly group: string;
  /** Runs with a lower number come first; the time may not be enough for all. */
  readonly order: number;
  /** Scheme of the initial weights. */
  readonly initialization: 'simple-baseline' | 'he' | 'lpn';
  /** The run whose backbone this one begins with. */
  readonly from?: string;
  readonly seed: number;
  readonly training: readonly Part[];
  readonly network: () => LayersModel;
  readonly codec: HandoverModel['codec'];
  readonly settings: Omit<HandoverTraining, 'seed'>;
  /** Epochs, from 1, after which the test part is predicted. */
  readonly measured: readonly number[];
  /** Whether the weights are kept, of the last step and their moving average. */
  readonly weights: boolean;
}

const SIDE = 128;
const adam = { name: 'adam', rate: 1e-3 } as const;

/** The rows whose backbone each of the others has. */
const PRETRAINED = { base: 'base', kernelsize3: 'base', finalkernel1: 'base', '2layers': 'base', freezeall: 'base', resnet18: 'resnet18', efficientnet: 'efficientnet', shuffle: 'shuffle' } as const; // prettier-ignore
type Row = keyof typeof PRETRAINED;
/** Also at the paper's size. */
const LARGE: readonly Row[] = ['base', 'finalkernel1', 'freezeall', 'resnet18'];

const recipeOf = (row: Row) => RECIPES[`lsp-${row}` as RecipeName & `lsp-${LspBaseline}`];

/** A backbone trained for poses on LSPET, in place of ImageNet's, which cannot be had here. */
const pretraining = (row: Row): LeedsRun => ({
  name: `pretrain-${row}`,
  group: `pretrain-${row}`,
  order: 0,
  initialization: 'he',
  seed: 1,
  training: ['extended'],
  network: () => lspBaseline(row, { inputShape: [SIDE, SIDE, 3], freeze: 'none', initialization: 'none' }),
  codec: gaussianCodec({ inputSize: [SIDE, SIDE], heatmapSize: [SIDE / 4, SIDE / 4], sigma: 1.5, center: 'exact' }),
  settings: {
    optimizer: adam,
    schedule: { epochs: 8, milestones: [5, 7] },
    batchSize: 64,
    augmentation: AUGMENTATION,
  },
  measured: [8],
  weights: false,
});

const EVERY = Array.from({ length: 20 }, (_, epoch) => epoch + 1);
const SOME = [1, 2, 3, 5, 10, 15, 20];

function row(name: Row, targets: 'scaled' | 'plain', seed: number, side: number, from: boolean): LeedsRun {
  const recipe = recipeOf(name);
  const size: Size = [side, side];
  const factor = epochScale();
  return {
    name: [name, side, targets, seed, ...(from ? [] : ['scratch'])].join('_'),
    group: `${name}-${side}`,
    order: from ? (side === SIDE ? seed : 2.5) : 4,
    initialization: 'simple-baseline',
    ...(from && { from: `pretrain-${PRETRAINED[name]}` }),
    seed,
    training: ['train'],
    network: () => lspBaseline(name, { inputShape: [side, side, 3], initialization: 'none' }),
    codec: recipe.codec(size) as HandoverModel['codec'],
    settings: {
      optimizer: adam,
      schedule: { epochs: rowOf(`lsp-${name}` as RecipeName).epochsOfPaper },
      batchSize: 32,
      ...(targets === 'scaled' && { epochScale: { start: factor(0), minimum: factor(1e6) } }),
    },
    measured: side === SIDE ? EVERY : SOME,
    weights: false,
  };
}

interface Without {
  readonly options?: LpnOptions;
  readonly augmentation?: false;
  readonly center?: 'rounded';
}

/** The small network of `weights/`, and what it is without one thing. */
const WITHOUT = {
  reference: {},
  'without augmentation': { augmentation: false },
  'without GC': { options: { attention: 'none' } },
  'rounded centres': { center: 'rounded' },
} satisfies Record<string, Without>;

function ablation(name: string, { options, augmentation, center }: Without, seed: number): LeedsRun {
  return {
    name: `${name.replaceAll(' ', '-')}_${seed}`,
    group: name,
    order: seed < 3 ? 2 : 3,
    initialization: 'lpn',
    seed,
    training: ['train', 'some'],
    network: () =>
      lpn('lpn-50', { inputShape: [SIDE, SIDE, 3], keypoints: 14, initialization: 'none', ...NETWORKS['lpn-small-leeds'], ...options }), // prettier-ignore
    codec: gaussianCodec({ inputSize: [SIDE, SIDE], heatmapSize: [SIDE / 4, SIDE / 4], sigma: 1.5, center: center ?? 'exact', align: 'centers', refine: dark }), // prettier-ignore
    settings: {
      optimizer: adam,
      schedule: { epochs: 18, milestones: [11, 15], factor: 0.15 },
      batchSize: 64,
      average: 0.995,
      ...(augmentation !== false && { augmentation: AUGMENTATION }),
    },
    measured: [18],
    weights: true,
  };
}

const ROWS = Object.keys(PRETRAINED) as Row[];
const TARGETS = ['scaled', 'plain'] as const;

export const LEEDS_RUNS: readonly LeedsRun[] = [
  ...[...new Set(Object.values(PRETRAINED))].map(pretraining),
  ...[1, 2].flatMap((seed) => ROWS.flatMap((name) => TARGETS.map((targets) => row(name, targets, seed, SIDE, true)))),
  ...LARGE.flatMap((name) => TARGETS.map((targets) => row(name, targets, 1, 2 * SIDE, true))),
  ...(['base', 'resnet18'] as const).flatMap((name) => TARGETS.map((targets) => row(name, targets, 1, SIDE, false))),
  ...[1, 2, 3].flatMap((seed) => Object.entries(WITHOUT).map(([name, without]) => ablation(name, without, seed))),
];
