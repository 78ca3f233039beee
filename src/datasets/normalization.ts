import { shown } from '../bytes';

/** `(value / 255 − mean) / std` per channel, in the channel order of the network. */
export interface Normalization {
  readonly channels: 'rgb' | 'bgr';
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/**
 * The normalisations of common releases.
 *
 * - `imagenet`: RGB, ImageNet's mean and deviation (HRNet, MMPose, torchvision).
 * - `imagenet-bgr`: the SimpleBaseline and LPN releases (`COLOR_RGB: false`): blue first, but with ImageNet's *red* mean on
 *   the first channel, since their code applies the means in index order.
 * - `mpii-mean`: the stacked hourglass of bearpaw/pytorch-pose: RGB minus MPII's mean, not divided.
 * - `unit`: RGB in [0, 1].
 */
export const NORMALIZATIONS = {
  imagenet: { channels: 'rgb', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  'imagenet-bgr': { channels: 'bgr', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  'mpii-mean': { channels: 'rgb', mean: [0.4404, 0.444, 0.4327], std: [1, 1, 1] },
  unit: { channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] },
} as const;

/** Names of the normalisations of pixels that published networks use. */
export type NormalizationName = keyof typeof NORMALIZATIONS;

/**
 * @internal Looks up a name; validates a {@link Normalization} of your own and returns it.
 *
 * @throws RangeError for an unknown name, a number that is not finite, or a deviation of 0.
 * @example normalizationOf('imagenet').mean // [0.485, 0.456, 0.406]
 */
export function normalizationOf(normalization: NormalizationName | Normalization): Normalization {
  const found: Normalization | undefined =
    typeof normalization === 'string'
      ? Object.hasOwn(NORMALIZATIONS, normalization)
        ? NORMALIZATIONS[normalization]
        : undefined
      : normalization;
  if (typeof found !== 'object' || found === null || (found.channels !== 'rgb' && found.channels !== 'bgr')) {
    throw new RangeError(
      `normalization: must be one of ${Object.keys(NORMALIZATIONS).join(', ')}, or { channels: 'rgb' or 'bgr', mean, std }. Received: ${shown(normalization)}.`,
    );
  }
  const isColour = (values: unknown): boolean =>
    Array.isArray(values) && values.length === 3 && values.every((each) => Number.isFinite(each));
  if (!isColour(found.mean) || !isColour(found.std) || found.std.includes(0)) {
    throw new RangeError(
      `normalization: mean and std must be three finite numbers, and those of std not 0. Received: mean ${shown(found.mean)}, std ${shown(found.std)}.`,
    );
  }
  return found;
}

/** @internal Pixels before their normalisation, as 8-bit RGB. */
export function denormalized(pixels: Float32Array, { channels, mean, std }: Normalization): Uint8ClampedArray {
  const bytes = new Uint8ClampedArray(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const c = i % 3;
    bytes[channels === 'rgb' ? i : i + 2 - 2 * c] = 255 * (pixels[i]! * std[c]! + mean[c]!);
  }
  return bytes;
}
