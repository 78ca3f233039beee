import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Size } from '../keypoints';
import type { Codec } from '../targets';
import type { Loss, OptimizerOptions, StatefulOptimizer } from '../training';

/** An optimiser by name, with its rate. */
export interface RecipeOptimizer {
  /** `adam`, `radam` or `rmsprop`; any other name with `create`. */
  readonly name: string;
  readonly rate: number;
  /** Makes an optimiser of your own. @defaultValue the one of that name of `poseblocks/training` */
  readonly create?: (rate: number, options: OptimizerOptions) => StatefulOptimizer;
}

/** Which epochs are run, and where the rate drops. */
export interface RecipeSchedule {
  readonly epochs: number;
  /** Epochs, from 0, from which on the rate is `factor` times what it was. */
  readonly milestones?: readonly number[];
  /** @defaultValue 0.1 */
  readonly factor?: number;
  /** The iterative strategy: so many stages, each but the first from the epoch `restart`. */
  readonly stages?: number;
  readonly restart?: number;
}

/** A figure that the paper prints, and what it measured. */
export interface ReportedFigure {
  /** As the paper measures it: `'AP'` of COCO in percent, `'PCKh@0.5'` in percent, `'batch PCK'` of paper 000 in percent, `'loss'`. */
  readonly metric: 'AP' | 'PCKh@0.5' | 'batch PCK' | 'loss';
  readonly value: number;
  /** The data that it was measured on. */
  readonly data: string;
  /** What it is of, where not of the trained network: after the first stage, say. */
  readonly of?: string;
}

/** What a recipe's network is built for. */
export interface RecipeNetworkOptions {
  readonly inputShape: readonly [height: number, width: number, channels: 3];
  readonly keypoints: number;
  readonly seed: number;
}

/** What every recipe says, but for what it builds. */
export interface RecipeColumns {
  readonly paper: '000' | '001' | '002' | '003';
  /** The row of the paper, for `paperNetwork`. */
  readonly network: string;
  readonly dataset: 'coco' | 'mpii' | 'lsp';
  /** `[width, height]`, pixels. */
  readonly inputSize: readonly [width: number, height: number];
  /** The sides that the network takes, `multiple · n + plus`. @defaultValue multiples of 32 */
  readonly sides?: { readonly multiple: number; readonly plus: number };
  readonly batchSize: number;
  readonly optimizer: RecipeOptimizer;
  readonly schedule: RecipeSchedule;
  /** Rotation in degrees, scale and gain of colours as fractions; mirrored half of the time. @defaultValue none */
  readonly augmentation?: { readonly rotation: number; readonly scale: number; readonly color?: number };
  /** Which metric chooses the best epoch. */
  readonly monitor: 'AP' | 'PCK';
  readonly reported: readonly ReportedFigure[];
  /** What the paper does not say and is assumed here. */
  readonly assumed?: string;
}

/**
 * How a paper trains a network: a pose model before training, a loss and a schedule. The columns are the paper's own; `build`, `codec` and `loss` make what
 * `fit` takes, and nobody else need know which network or codec it is.
 */
export interface Recipe<Target = unknown, Output = unknown> extends RecipeColumns {
  /** The untrained network. */
  build(options: RecipeNetworkOptions): LayersModel;
  /** The codec at an input size, `[width, height]`: how the trained network is read. */
  codec(inputSize: Size): Codec<Target, Output>;
  /** The codec of an epoch, counted from 0, where targets change with it. @defaultValue `codec` at every epoch */
  codecAt?(epoch: number, inputSize: Size): Codec<Target, Output>;
  readonly loss: Loss<Target, Output>;
  /** Whether the system is evaluated with the flip test. */
  readonly flipTest: boolean;
}

/** A recipe whose network is taught Gaussian heatmaps. */
export interface HeatmapColumns extends RecipeColumns {
  /** Pixels to a cell of the heatmaps. */
  readonly stride: number;
  readonly sigma: number;
  /** Peaks of the targets shrink with the epoch (`epochScale`). */
  readonly epochScaled?: true;
  /** β of the soft-argmax at evaluation. @defaultValue argmax and quarter offset */
  readonly beta?: number;
}
