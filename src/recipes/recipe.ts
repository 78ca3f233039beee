/** An optimiser by name, with its rate. */
export interface RecipeOptimizer {
  readonly name: 'adam' | 'radam' | 'rmsprop';
  readonly rate: number;
}

/** Which epochs are run, and where the rate drops. */
export interface RecipeSchedule {
  readonly epochs: number;
  /** Epochs, from 0, from which on the rate is `factor` times what it was. */
  readonly milestones?: readonly number[];
  /** A tenth where absent. */
  readonly factor?: number;
  /** The iterative strategy: so many stages, each but the first from the epoch `restart`. */
  readonly stages?: number;
  readonly restart?: number;
}

/** What the recipes of all networks say. */
interface CommonRecipe {
  readonly paper: '000' | '001' | '002' | '003';
  /** The row of the paper, for `paperNetwork` of `poseblocks/networks`. */
  readonly network: string;
  readonly dataset: 'coco' | 'mpii' | 'lsp';
  /** `[width, height]`, pixels. */
  readonly inputSize: readonly [width: number, height: number];
  /** The sides that the network takes, `multiple · n + plus`; multiples of 32 where absent. */
  readonly sides?: { readonly multiple: number; readonly plus: number };
  readonly batchSize: number;
  readonly optimizer: RecipeOptimizer;
  readonly schedule: RecipeSchedule;
  /** Rotation in degrees, scale and gain of colours as fractions; mirrored half of the time. Absent: none. */
  readonly augmentation?: { readonly rotation: number; readonly scale: number; readonly color?: number };
  /** Which figure chooses the best epoch. */
  readonly monitor: 'AP' | 'PCK';
  /** What the paper prints for it. */
  readonly reported: Readonly<Record<string, number>>;
  /** What the paper does not say and is assumed here. */
  readonly assumed?: string;
}

/** A network that is taught Gaussian heatmaps. */
export interface HeatmapRecipe extends CommonRecipe {
  readonly method?: 'heatmaps';
  /** Pixels to a cell of the heatmaps. */
  readonly stride: number;
  readonly sigma: number;
  /** Peaks of the targets shrink with the epoch (`epochScale`). */
  readonly epochScaled?: true;
  /** β of the soft-argmax at evaluation; argmax and quarter offset where absent. */
  readonly beta?: number;
}

/** A system with targets, loss and decoding of its own: CPN, Integral Regression, G-RMI. */
export interface SystemRecipe extends CommonRecipe {
  readonly method: 'cpn' | 'integral' | 'grmi';
}

/** How a paper trains a network: data, with the paper's own columns beside. */
export type Recipe = HeatmapRecipe | SystemRecipe;
