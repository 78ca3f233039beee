import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { channels, type Block } from '../../blocks';

/** A feature map of a backbone at one resolution: [N, H/stride, W/stride, channels]. */
export interface Feature {
  readonly x: SymbolicTensor;
  /** Input pixels per cell. */
  readonly stride: number;
  readonly channels: number;
}

/**
 * The part of a network before the head; any head can follow it. Layer names are those of the reference implementation, so its checkpoints load.
 *
 * @example
 * const features = resnet('resnet-50').features(image, '');
 * const heatmaps = deconvHead({ keypoints: 17, filters: [256, 256, 256] })(features.at(-1)!.x, '');
 */
export interface Backbone {
  /** The last map at each resolution, finest first: [N, H, W, 3] → features. */
  readonly features: Block<SymbolicTensor, readonly Feature[]>;
  /** Paths of the parts in order, including those without weights, as PyTorch's `children()` lists them. Freezing counts these. */
  readonly children: readonly string[];
}

/** A feature with its stride: input size divided by map size. */
export function feature(image: SymbolicTensor, x: SymbolicTensor): Feature {
  return { x, stride: image.shape[1]! / x.shape[1]!, channels: channels(x) };
}

/** @internal Throws when a table has no entry of that name. */
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
