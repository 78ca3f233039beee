/** An optimiser by name, with its rate. */
export interface RecipeOptimizer {
  readonly name: 'adam' | 'radam' | 'rmsprop';
  readonly rate: number;
}

/** Which epochs are run, and where the rate drops tenfold. */
export interface RecipeSchedule {
  readonly epochs: number;
  /** Epochs, from 0, from which on the rate is a tenth of what it was. */
  readonly milestones?: readonly number[];
  /** The iterative strategy: so many stages, each but the first from the epoch `restart`. */
  readonly stages?: number;
  readonly restart?: number;
}

/** How a paper trains a network: data, with the paper's own columns beside. */
export interface Recipe {
  readonly paper: '000' | '001' | '002' | '003';
  /** The row of the paper, for `paperNetwork` of `poseblocks/networks`. */
  readonly network: string;
  readonly dataset: 'coco' | 'mpii' | 'lsp';
  /** `[width, height]`, pixels. */
  readonly inputSize: readonly [width: number, height: number];
  /** Pixels to a cell of the heatmaps. */
  readonly stride: number;
  readonly sigma: number;
  /** Peaks of the targets shrink with the epoch (`epochScale`). */
  readonly epochScaled?: true;
  readonly batchSize: number;
  readonly optimizer: RecipeOptimizer;
  readonly schedule: RecipeSchedule;
  /** Rotation in degrees, scale as a fraction; mirrored half of the time. Absent: none. */
  readonly augmentation?: { readonly rotation: number; readonly scale: number };
  /** Which figure chooses the best epoch. */
  readonly monitor: 'AP' | 'PCK';
  /** β of the soft-argmax at evaluation; argmax and quarter offset where absent. */
  readonly beta?: number;
  /** What the paper prints for it. */
  readonly reported: Readonly<Record<string, number>>;
  /** What the paper does not say and is assumed here. */
  readonly assumed?: string;
}
