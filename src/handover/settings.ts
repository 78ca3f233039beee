import type { LayersModel } from '@tensorflow/tfjs-layers';
import { normalizationOf, type Normalization, type NormalizationName } from '../datasets';
import type { FrozenStatistics } from '../graph';
import { mirrorOrder, type KeypointSet, type Size } from '../keypoints';
import type { CropRule, Provenance } from '../models';
import type { Codec, GaussianCodecJSON, SimccCodecJSON } from '../targets';

/** A network with its codec, keypoints, normalisation and crop rule; a pose model is one. */
export interface HandoverModel {
  readonly network: LayersModel;
  /** A `gaussianCodec` or a `simccCodec`. */
  readonly codec: Codec;
  readonly keypointSet: KeypointSet;
  /** Normalisation. @defaultValue `'imagenet'` */
  readonly normalization?: NormalizationName | Normalization;
  /** Crop rule of a person's box; whole images are not supported. @defaultValue padded by 1.25 */
  readonly crop?: CropRule;
  /** Origin of the model. @defaultValue {} */
  readonly provenance?: Provenance;
}

/** An optimiser with PyTorch's defaults; the options are those of the optimisers of `poseblocks/training`. */
export type HandoverOptimizer =
  | {
      readonly name: 'adam' | 'adamw';
      readonly rate: number;
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
      readonly weightDecay?: number;
    }
  | {
      readonly name: 'radam';
      readonly rate: number;
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
      readonly unrectified?: 'momentum' | 'wait';
      readonly weightDecay?: number;
    }
  | {
      readonly name: 'rmsprop';
      readonly rate: number;
      readonly alpha?: number;
      readonly epsilon?: number;
      readonly momentum?: number;
      readonly centered?: boolean;
      readonly weightDecay?: number;
    }
  | {
      readonly name: 'sgd';
      readonly rate: number;
      readonly momentum?: number;
      readonly nesterov?: boolean;
      readonly weightDecay?: number;
    };

/** Epochs and rate drops, as in a recipe. */
export interface HandoverSchedule {
  readonly epochs: number;
  /** Epochs, from 0, at which the rate is multiplied by `factor`. @defaultValue none */
  readonly milestones?: readonly number[];
  /** Factor of each drop. @defaultValue 0.1 */
  readonly factor?: number;
  /** The iterative strategy: the number of stages. Each but the first starts at the epoch `restart`. @defaultValue 1 */
  readonly stages?: number;
  /** First epoch of every stage but the first. @defaultValue 0 */
  readonly restart?: number;
}

/** The augmentation of each sample, with the distributions of `augmentSample`. Half bodies and jittered boxes are not supported. */
export interface HandoverAugmentation {
  /** Probability of mirroring. @defaultValue 0.5 */
  readonly flip?: number;
  /** Scale factor. @defaultValue 0.3 */
  readonly scale?: number;
  /** Rotation in degrees. @defaultValue 40 */
  readonly rotation?: number;
  /** Colour gain. @defaultValue 0 */
  readonly color?: number;
  /** Probability of a black rectangle. @defaultValue 0 */
  readonly cutout?: number;
}

/** The training options of the network. */
export interface HandoverTraining {
  readonly optimizer: HandoverOptimizer;
  readonly schedule: HandoverSchedule;
  /** Persons per step, over all processes. */
  readonly batchSize: number;
  /** Seed of the order and the augmentation. @defaultValue 1 */
  readonly seed?: number;
  /** Augmentation. @defaultValue none */
  readonly augmentation?: HandoverAugmentation;
  /** Weights that decay, where the optimiser has weight decay. @defaultValue `'all'` */
  readonly decays?: 'all' | 'kernels';
  /** Decay of an EMA of the weights. @defaultValue none */
  readonly average?: number;
  /** Peaks of Gaussian targets by epoch: `epochScale`. @defaultValue none */
  readonly epochScale?: { readonly start: number; readonly minimum: number };
  /** β of SimCC's loss. @defaultValue 1 */
  readonly beta?: number;
}

/** One shard of persons: `count` of them in files `NAME.FIELD.npy`, with their checksums. */
export interface ShardRecord {
  /** Path below the folder, without the field. */
  readonly name: string;
  readonly count: number;
  readonly sha256: Readonly<Record<ShardField, string>>;
}

/** The arrays of a shard: crops [N, H, W, 3] uint8, keypoints [N, K, 2] in them, visibility [N, K], the normalisers of PCK [N]. */
export const SHARD_FIELDS = ['images', 'keypoints', 'visibility', 'normalizers'] as const;
/** Arrays of a shard. */
export type ShardField = (typeof SHARD_FIELDS)[number];

/** A kernel of the Keras model that replaces a grouped one, with zeros between its groups. */
export interface KerasGroups {
  /** Name of the Keras layer. */
  readonly layer: string;
  readonly groups: number;
}

/** A layer of the Keras model that is not trained. */
export interface KerasFrozen {
  /** Name of the Keras layer. */
  readonly layer: string;
  /** Whether batch normalisation still updates its moving statistics, or keeps them and normalises by them; see `freeze` of `poseblocks/training`. */
  readonly statistics: FrozenStatistics;
}

/** `handover.json`: the complete settings of `train.py`. Everything is explicit; nothing has a default. */
export interface HandoverSettings {
  readonly format: 'poseblocks-handover';
  readonly version: 1;
  readonly inputSize: Size;
  readonly codec: GaussianCodecJSON | SimccCodecJSON;
  readonly epochScale: { readonly start: number; readonly minimum: number } | null;
  readonly keypoints: { readonly names: readonly string[]; readonly flipIndices: readonly number[] };
  readonly normalization: Normalization;
  /** Stored crops of the training part: [width, height], with the centre and the resolution of the network's input. */
  readonly crop: { readonly size: Size; readonly align: 'edges' | 'centers' };
  readonly augmentation: Readonly<Record<keyof HandoverAugmentation, number>> | null;
  readonly loss: { readonly name: 'joints-mse' } | { readonly name: 'simcc-kl'; readonly beta: number };
  readonly optimizer: Readonly<Record<string, string | number | boolean>>;
  readonly schedule: {
    readonly epochs: number;
    readonly milestones: readonly number[];
    readonly factor: number;
    readonly stages: number;
    readonly restart: number;
  };
  readonly batchSize: number;
  readonly seed: number;
  readonly average: number | null;
  readonly validation: { readonly flip: boolean; readonly threshold: number };
  readonly groups: readonly KerasGroups[];
  readonly frozen: readonly KerasFrozen[];
  readonly data: Readonly<Record<'training' | 'validation', { readonly shards: readonly ShardRecord[] }>>;
  readonly provenance: Readonly<Record<string, unknown>>;
}

const fail = (what: string): never => {
  throw new RangeError(`handover: ${what}`);
};

const positive = (name: string, value: number): number =>
  value > 0 && Number.isFinite(value) ? value : fail(`${name} must be positive. Received: ${value}.`);

const count = (name: string, value: number, least = 1): number =>
  Number.isInteger(value) && value >= least ? value : fail(`${name} must be a whole number from ${least}. Received: ${value}.`); // prettier-ignore

const fraction = (name: string, value: number): number =>
  value >= 0 && value <= 1 ? value : fail(`${name} must be in [0, 1]. Received: ${value}.`);

/** The options of an optimiser that `train.py` reads, with PyTorch's defaults. */
function optimizerOf(given: HandoverOptimizer, decays: 'all' | 'kernels'): HandoverSettings['optimizer'] {
  const common = {
    rate: positive('optimizer.rate', given.rate),
    weightDecay: given.weightDecay ?? (given.name === 'adamw' ? 0.01 : 0),
    decays,
  };
  if (!(common.weightDecay >= 0)) fail(`optimizer.weightDecay must not be negative. Received: ${common.weightDecay}.`);
  switch (given.name) {
    case 'adam':
    case 'adamw':
    case 'radam': {
      const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = given;
      const moments = { ...common, beta1: fraction('beta1', beta1), beta2: fraction('beta2', beta2), epsilon };
      return given.name === 'radam'
        ? { name: 'radam', ...moments, unrectified: given.unrectified ?? 'momentum' }
        : { name: 'adam', ...moments };
    }
    case 'rmsprop': {
      const { alpha = 0.99, epsilon = 1e-8, momentum = 0, centered = false } = given;
      return { name: 'rmsprop', ...common, alpha: fraction('alpha', alpha), epsilon, momentum, centered };
    }
    case 'sgd': {
      const { momentum = 0, nesterov = false } = given;
      if (nesterov && !(momentum > 0)) fail(`nesterov needs a momentum greater than 0. Received: ${momentum}.`);
      return { name: 'sgd', ...common, momentum, nesterov };
    }
    default:
      return fail(`optimizer must be adam, adamw, radam, rmsprop or sgd. Received: ${JSON.stringify(given)}.`);
  }
}

function scheduleOf(given: HandoverSchedule): HandoverSettings['schedule'] {
  const { milestones = [], factor = 0.1, stages = 1, restart = 0 } = given;
  const epochs = count('schedule.epochs', given.epochs);
  if (!(restart >= 0 && restart < epochs)) fail(`schedule.restart must be in [0, ${epochs}). Received: ${restart}.`);
  if (milestones.some((milestone, i) => !(milestone > (milestones[i - 1] ?? -1)))) {
    fail(`schedule.milestones must ascend. Received: [${milestones.join(', ')}].`);
  }
  return { epochs, milestones, factor: positive('schedule.factor', factor), stages: count('schedule.stages', stages), restart }; // prettier-ignore
}

/** The network's outputs must match the codec. */
function lossOf(
  { network, codec, keypointSet }: HandoverModel,
  json: { codec: string },
  beta: number,
): HandoverSettings['loss'] {
  // prettier-ignore
  const shapes = network.outputs.map(({ shape }) => shape.slice(1).join('×'));
  const K = keypointSet.names.length;
  const [width, height] = codec.inputSize;
  if (network.inputs.length !== 1 || network.inputs[0]!.shape.slice(1).join() !== [height, width, 3].join()) {
    fail(
      `the network must take one image [${height}, ${width}, 3], the codec's. Received: [${network.inputs.map(({ shape }) => shape.slice(1).join(', ')).join('], [')}].`,
    );
  }
  const must = (wanted: readonly string[]): void => {
    if (shapes.length === 0 || shapes.some((shape, i) => shape !== wanted[Math.min(i, wanted.length - 1)])) {
      fail(`the network's outputs must be the codec's, ${wanted.join(' and ')}. Received: ${shapes.join(', ')}.`);
    }
  };
  if (json.codec === 'gaussian') {
    const [w, h] = (json as GaussianCodecJSON).heatmapSize;
    must([`${h}×${w}×${K}`]);
    return { name: 'joints-mse' };
  }
  if (json.codec === 'simcc') {
    const { split } = json as SimccCodecJSON;
    must([`${K}×${width * split}`, `${K}×${height * split}`]);
    if (shapes.length !== 2) fail(`a SimCC network must have two outputs, x and y. Received: ${shapes.length}.`);
    return { name: 'simcc-kl', beta: positive('beta', beta) };
  }
  return fail(`the codec must be gaussian or simcc; other targets are not supported. Received: ${json.codec}.`);
}

/** Validates everything that does not need the images, and fills in the defaults. */
export function settingsOf(
  model: HandoverModel,
  training: HandoverTraining,
  rest: Pick<HandoverSettings, 'crop' | 'groups' | 'frozen' | 'data' | 'provenance'>,
): HandoverSettings {
  const { augmentation, average, epochScale, decays = 'all' } = training;
  if (model.crop?.region === 'image') {
    fail('the crop must be of a person\'s box; whole images are not supported. Received: region "image".');
  }
  const codec = model.codec.toJSON();
  const loss = lossOf(model, codec, training.beta ?? 1);
  if (epochScale && codec.codec !== 'gaussian') fail(`epochScale needs a gaussian codec. Received: ${codec.codec}.`);
  const known = ['flip', 'scale', 'rotation', 'color', 'cutout', 'keypointSet'];
  const unknown = Object.keys(augmentation ?? {}).find((key) => !known.includes(key));
  if (unknown !== undefined) fail(`augmentation must have ${known.slice(0, -1).join(', ')} only; others are not supported. Received: ${unknown}.`); // prettier-ignore
  const { flip = 0.5, scale = 0.3, rotation = 40, color = 0, cutout = 0 } = augmentation ?? {};
  if (average !== undefined && !(average > 0 && average < 1)) fail(`average must be in (0, 1). Received: ${average}.`);
  return {
    format: 'poseblocks-handover',
    version: 1,
    inputSize: model.codec.inputSize,
    codec: codec as HandoverSettings['codec'],
    epochScale: epochScale ?? null,
    keypoints: { names: model.keypointSet.names, flipIndices: mirrorOrder(model.keypointSet) },
    normalization: normalizationOf(model.normalization ?? 'imagenet'),
    augmentation: augmentation
      ? { flip: fraction('flip', flip), scale: fraction('scale', scale), rotation, color: fraction('color', color), cutout: fraction('cutout', cutout) } // prettier-ignore
      : null,
    loss,
    optimizer: optimizerOf(training.optimizer, decays),
    schedule: scheduleOf(training.schedule),
    batchSize: count('batchSize', training.batchSize),
    seed: count('seed', training.seed ?? 1, 0),
    average: average ?? null,
    validation: { flip: loss.name === 'joints-mse', threshold: 0.2 },
    ...rest,
  };
}
