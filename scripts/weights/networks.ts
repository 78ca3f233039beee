import { lpn, type LpnOptions } from 'poseblocks/networks';
import { dark } from 'poseblocks/postprocess';
import { gaussianCodec } from 'poseblocks/targets';

/** `[width, height]` of what the networks see, pixels. */
export const INPUT = 128;

/** The two networks that `weights/` ships, by the name of their file. */
export const NETWORKS = {
  'lpn-50-leeds': {},
  'lpn-small-leeds': { depths: [3, 4, 1, 1], widths: [64, 128, 256, 256] },
} as const satisfies Readonly<Record<string, LpnOptions>>;

export type WeightsName = keyof typeof NETWORKS;

/** An untrained network: [N, 128, 128, 3] → [N, 32, 32, 14]. */
export const networkOf = (name: WeightsName, seed = 0): ReturnType<typeof lpn> =>
  lpn('lpn-50', { inputShape: [INPUT, INPUT, 3], keypoints: 14, seed, ...NETWORKS[name] });

export const codec = gaussianCodec({
  inputSize: [INPUT, INPUT],
  heatmapSize: [INPUT / 4, INPUT / 4],
  sigma: 1.5,
  center: 'exact',
  align: 'centers',
  refine: dark,
});

/** Of the crops that the weights are trained on. */
export const AUGMENTATION = { flip: 0.5, rotation: 40, scale: 0.25, color: 0.2, cutout: 0.3 } as const;
