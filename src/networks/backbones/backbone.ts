import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { channels, type Block } from '../../blocks';

/** One resolution of what a backbone sees: a map [N, H/stride, W/stride, channels]. */
export interface Feature {
  readonly x: SymbolicTensor;
  /** Input pixels per cell. */
  readonly stride: number;
  readonly channels: number;
}

/**
 * The part of a network that any head can follow. Layer names are those of the reference implementation, so its checkpoints load.
 *
 * @example
 * const features = resnet('resnet-50').features(image, '');
 * const heatmaps = deconvHead({ keypoints: 17, filters: [256, 256, 256] })(features.at(-1)!.x, '');
 */
export interface Backbone {
  /** The last map of each resolution, finest first: [N, H, W, 3] → features. */
  readonly features: Block<SymbolicTensor, readonly Feature[]>;
  /** Paths of the parts in order, those without weights too, as PyTorch's `children()` lists them. Freezing counts by these. */
  readonly children: readonly string[];
}

/** Input height and width over the map's are its stride. */
export function feature(image: SymbolicTensor, x: SymbolicTensor): Feature {
  return { x, stride: image.shape[1]! / x.shape[1]!, channels: channels(x) };
}

/** @internal What a table does not have, as an error. */
export function requireVariant(
  where: string,
  variant: string,
  table: Readonly<Record<string, unknown>>,
  what = 'variant',
): void {
  if (!Object.hasOwn(table, variant)) {
    throw new RangeError(
      `${where}: ${what} must be one of ${Object.keys(table).join(', ')}. Received: ${String(variant)}.`,
    );
  }
}
