import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Size } from '../keypoints';
import type { Codec } from '../targets';
import type { Loss, OptimizerOptions, StatefulOptimizer } from '../training';

/** An optimiser by name, with its learning rate. */
export interface RecipeOptimizer {
  /** `adam`, `radam` or `rmsprop`; any other name together with `create`. */
  readonly name: string;
  readonly rate: number;
  /** Creates your own optimiser. @defaultValue the optimiser of that name in `poseblocks/training` */
  readonly create?: (rate: number, options: OptimizerOptions) => StatefulOptimizer;
}

/** Number of epochs, and where the rate drops. */
export interface RecipeSchedule {
  readonly epochs: number;
  /** Epochs, from 0, at which the rate is multiplied by `factor`. */
  readonly milestones?: readonly number[];
  /** Factor of each drop. @defaultValue 0.1 */
  readonly factor?: number;
  /** The iterative strategy: the number of stages, and the epoch at which each stage but the first starts. */
  readonly stages?: number;
  readonly restart?: number;
}

/** A metric that the paper reports. */
export interface ReportedMetric {
  /** Metric as in the paper: `'AP'` of COCO in percent, `'PCKh@0.5'` in percent, `'batch PCK'` of paper 000 in percent, `'loss'`. */
  readonly metric: 'AP' | 'PCKh@0.5' | 'batch PCK' | 'loss';
  readonly value: number;
  /** The data set of the evaluation. */
  readonly data: string;
  /** What was evaluated, where it is not the trained network: for instance `the first stage`. */
  readonly of?: string;
}

/** Options of a recipe's network. */
export interface RecipeNetworkOptions {
  /** [height, width, 3] in pixels. */
  readonly inputShape: readonly [height: number, width: number, channels: 3];
  /** Number of keypoints. */
  readonly keypoints: number;
  /** Of the initial weights. */
  readonly seed: number;
}

/** The data of every recipe, without the functions that build. */
export interface RecipeColumns {
  readonly paper: '000' | '001' | '002' | '003';
  /** The row of the paper, for `paperNetwork`. */
  readonly network: string;
  readonly dataset: 'coco' | 'mpii' | 'lsp';
  /** `[width, height]`, pixels. */
  readonly inputSize: readonly [width: number, height: number];
  /** The sides that the network supports, `multiple · n + plus`. @defaultValue multiples of 32 */
  readonly sides?: { readonly multiple: number; readonly plus: number };
  readonly batchSize: number;
  readonly optimizer: RecipeOptimizer;
  readonly schedule: RecipeSchedule;
  /** Rotation in degrees, scale and colour gain as fractions; mirroring has probability 0.5. @defaultValue none */
  readonly augmentation?: { readonly rotation: number; readonly scale: number; readonly color?: number };
  /** The metric that selects the best epoch. */
  readonly monitor: 'AP' | 'PCK';
  readonly reported: readonly ReportedMetric[];
  /** Assumptions about what the paper does not state. */
  readonly assumed?: string;
}

/**
 * How a paper trains a network: a pose model before training, a loss and a schedule. The columns are the paper's; `build`, `codec` and `loss` create the inputs
 * of `fit`. No other code needs to know which network or codec it is.
 */
export interface Recipe<Target = unknown, Output = unknown> extends RecipeColumns {
  /** Builds the untrained network. */
  build(options: RecipeNetworkOptions): LayersModel;
  /** The codec at an input size, `[width, height]`, which decodes the trained network. */
  codec(inputSize: Size): Codec<Target, Output>;
  /** The codec of an epoch, counted from 0, where targets change over time. @defaultValue `codec` at every epoch */
  codecAt?(epoch: number, inputSize: Size): Codec<Target, Output>;
  readonly loss: Loss<Target, Output>;
  /** Whether the evaluation uses the flip test. */
  readonly flipTest: boolean;
}

/** A recipe whose targets are Gaussian heatmaps. */
export interface HeatmapColumns extends RecipeColumns {
  /** Pixels per heatmap cell. */
  readonly stride: number;
  readonly sigma: number;
  /** Whether the peaks of the targets shrink with the epoch (`epochScale`). */
  readonly epochScaled?: true;
  /** β of the soft-argmax in evaluation. @defaultValue argmax and quarter offset */
  readonly beta?: number;
}
