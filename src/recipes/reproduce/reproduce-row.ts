import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { topDown, wholeImageCrop, writeCoco, type Batch, type TopDownOptions } from '../../datasets';
import type { KeypointSet, Size } from '../../keypoints';
import { pckh } from '../../metrics';
import type { PoseModel } from '../../models';
import type { Codec, HeatmapCodec } from '../../targets';
import {
  disposeBatch,
  fit,
  inspectHeatmaps,
  measureBatchPck,
  predictOutput,
  predictPeople,
  validateAp,
  withTargets,
  type Callback,
  type CheckpointStore,
  type EpochRecord,
} from '../../training';
import { recipeModel, recipeOptimizer, recipeSchedule, shortened } from '../from-recipe';
import type { Recipe, ReportedMetric } from '../recipe';
import { RECIPES, type RecipeName } from '../recipes';
import type { Reproduction } from './reproduction';

/** People and a reader of their images. */
export type ReproductionPeople = Pick<TopDownOptions, 'persons' | 'readImage'>;

/** Options of {@link reproduceRow}. */
export interface ReproductionOptions {
  /** The people to train on. */
  readonly training: ReproductionPeople;
  /** The people to measure on. */
  readonly test: ReproductionPeople;
  /** Of both. */
  readonly keypointSet: KeypointSet;
  /** Checkpoints of the run; the run resumes from an existing one. */
  readonly store: CheckpointStore;
  /** `[width, height]`, pixels. @defaultValue the recipe's */
  readonly inputSize?: Size;
  /** Factor on the recipe's epochs. @defaultValue 1 */
  readonly shorten?: number;
  /** Seed of weights, order and augmentation. @defaultValue 1 */
  readonly seed?: number;
  /** Gaussians of height 1 in every epoch, in place of the recipe's shrinking ones. @defaultValue false */
  readonly plain?: boolean;
  /** Loads initial weights, and returns a description of them. @defaultValue from scratch */
  readonly begin?: (network: LayersModel) => Promise<string>;
  /** Of {@link fit}. */
  readonly callbacks?: readonly Callback[];
  /** Ends the run; the same call resumes it. */
  readonly signal?: AbortSignal;
}

/** The recipes of a paper, in the order of its table. */
export const recipesOf = (paper: string): readonly RecipeName[] =>
  (Object.keys(RECIPES) as RecipeName[]).filter((name) => (RECIPES[name] as Recipe).paper === paper);

/**
 * A row before it is run: the paper's columns.
 *
 * @example rowOf('lsp-resnet18').paper
 */
export function rowOf(name: RecipeName): Reproduction {
  const { paper, network, reported, schedule, inputSize } = RECIPES[name] as Recipe;
  const { metric, value } = reported[0]!;
  return {
    paper,
    row: network,
    metric,
    reported: value,
    state: 'not run',
    epochsOfPaper: schedule.epochs * (schedule.stages ?? 1),
    inputSizeOfPaper: inputSize,
  };
}

/**
 * Runs one row of a paper's table by its recipe, and evaluates it by the paper's metric after each epoch: for paper 000 the accuracy by batches on whole images
 * (and, as `peak`, the height of predicted heatmaps relative to their targets), PCKh of MPII, AP of COCO, or the training loss.
 *
 * @throws as `fit`, the readers and the store do.
 * @example
 * const lsp = await withImageSizes(await readLspFile('lsp/joints.mat'), 'lsp/images');
 * const [training, test] = (['train', 'test'] as const).map((part) => ({ ...lspSplit(lsp, part), readImage: imageFolder('lsp/images') }));
 * const row = await reproduceRow('lsp-base', { training, test, keypointSet: LSP, store: directoryStore('out/base') });
 */
export async function reproduceRow(name: RecipeName, options: ReproductionOptions): Promise<Reproduction> {
  const { training, test, keypointSet, store, shorten = 1, seed = 1, plain = false, begin, signal } = options;
  const recipe = shortened(RECIPES[name] as Recipe, shorten);
  const { inputSize = recipe.inputSize, callbacks = [] } = options;
  const begun = performance.now();
  const model = recipeModel(recipe, { name, keypointSet, inputSize, seed });
  const { network, codec } = model;
  const optimizer = recipeOptimizer(recipe);
  try {
    const weights = (await begin?.(network)) ?? 'from scratch';
    const { augmentation, batchSize } = recipe;
    const crop = recipe.paper === '000' ? { crop: wholeImageCrop({ fit: 'stretch' }) } : {};
    const varied = augmentation ? { augment: { keypointSet, ...augmentation } } : crop;
    const { codecAt } = recipe;
    const ofEpoch = codecAt && !plain ? (epoch: number) => codecAt(epoch, inputSize) : codec;
    const { history, reason } = await fit(model, {
      ...recipeSchedule(recipe),
      optimizer,
      loss: recipe.loss,
      batches: withTargets(
        (epoch, firstBatch) => topDown({ ...training, ...varied, codec, batchSize, seed, epoch, firstBatch }),
        ofEpoch,
      ),
      validate: measureOf(recipe, options, () => topDown({ ...test, ...crop, codec, batchSize }), codec, ofEpoch),
      checkpoint: { store, everySteps: 100 },
      callbacks,
      ...(signal && { signal }),
    });
    const last = history.at(-1);
    const ours = last && metricOf(recipe.reported[0]!, last);
    return {
      ...rowOf(name),
      state: reason === 'aborted' ? 'stopped' : 'run',
      ...(ours !== undefined && { ours }),
      epochs: history.length,
      inputSize,
      seed,
      weights,
      plain,
      hours: (performance.now() - begun) / 3.6e6,
      history,
    };
  } finally {
    optimizer.dispose();
    network.dispose();
  }
}

type Validation = (network: LayersModel, epoch: number) => Promise<Record<string, number>>;

/** Computes the paper's metric after each epoch. */
function measureOf(
  { paper, reported, flipTest }: Recipe,
  { test, keypointSet }: ReproductionOptions,
  batches: () => AsyncIterable<Batch>,
  codec: PoseModel['codec'],
  ofEpoch: Codec | ((epoch: number) => Codec),
): Validation {
  const measured = { batches, codec, ...(flipTest && { flip: keypointSet }) };
  switch (reported[0]!.metric) {
    case 'batch PCK':
      return async (network, epoch) => {
        const heatmaps = codec as HeatmapCodec;
        const { mean } = await measureBatchPck(network, { batches, codec: heatmaps, keypointSet });
        const target = typeof ofEpoch === 'function' ? ofEpoch(epoch) : ofEpoch;
        return { PCK: mean, peak: await peakOf(network, batches(), target as HeatmapCodec) };
      };
    case 'PCKh@0.5':
      return async (network) => {
        const people = await predictPeople(network, { batches, codec });
        const truth = people.map(({ sample }) => sample.keypoints);
        const headSize = people.map(({ sample }) => sample.headSize ?? NaN);
        return { PCKh: pckh(people.map(({ keypoints }) => keypoints), truth, { headSize }).mean }; // prettier-ignore
      };
    case 'AP':
      return async (network) => {
        const annotations = writeCoco({ persons: test.persons, keypointSet });
        return validateAp({ ...measured, annotations, keypointSet })(network);
      };
    case 'loss':
      return async () => ({});
    default:
      throw new RangeError(
        `reproduceRow: paper ${paper} reports ${reported[0]!.metric}, which is not implemented here.`,
      );
  }
}

/** Mean predicted peak as a fraction of the target's, in the first batch. */
async function peakOf(network: LayersModel, batches: AsyncIterable<Batch>, codec: HeatmapCodec): Promise<number> {
  for await (const batch of batches) {
    const { target, weights } = codec.encodeBatch(batch.people);
    const predicted = predictOutput(network, batch.images, codec) as Tensor4D;
    try {
      const { peaks } = await inspectHeatmaps(predicted, target, weights);
      const known = peaks.filter((peak) => !Number.isNaN(peak));
      return known.reduce((sum, peak) => sum + peak, 0) / known.length;
    } finally {
      tf.dispose([predicted, target, weights]);
      disposeBatch(batch);
    }
  }
  return NaN;
}

/** Our result in the paper's metric and unit. */
function metricOf({ metric }: ReportedMetric, { loss, metrics }: EpochRecord): number | undefined {
  switch (metric) {
    case 'batch PCK':
      return 100 * metrics['PCK']!;
    case 'PCKh@0.5':
      return metrics['PCKh'];
    case 'AP':
      return 100 * metrics['AP']!;
    default:
      return loss;
  }
}
