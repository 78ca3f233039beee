import { readFile } from 'node:fs/promises';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Person } from 'poseblocks/datasets';
import { boxToCrop, type Crop } from 'poseblocks/geometry';
import type { KeypointSet, Size } from 'poseblocks/keypoints';
import { LPN, lpn, type LpnVariant } from 'poseblocks/networks';
import { softArgmaxDecoder } from 'poseblocks/postprocess';
import { gaussianCodec, type HeatmapCodec } from 'poseblocks/targets';
import { loadWeights } from 'poseblocks/training';
import type { DemoOptions } from './options';

/** A quarter of the papers' area, so that two cores train it in minutes. */
const INPUT_SIZE = [96, 128] as const;

/**
 * Aligned to pixel centres, so that the flip test averages like with like; exact centres and soft-argmax for sub-pixel keypoints.
 * The paper's β of 160 is all but an argmax on heatmaps of 24×32. At 20 it reads a Gaussian of σ = 2 to a hundredth of a cell and averages its noise: measured
 * on the photographs, after 180 steps, AP 0.88 with 160, 0.93 with 80, 0.99 with 40 and with 10, 1.00 with 20. Within 3 cells of the maximum, because peaks
 * that are still low would else be outweighed by the rest of the map.
 */
export const demoCodec = (): HeatmapCodec =>
  gaussianCodec({
    inputSize: INPUT_SIZE,
    heatmapSize: [24, 32],
    sigma: 1.5,
    center: 'exact',
    align: 'centers',
    refine: softArgmaxDecoder({ beta: 20, radius: 3 }),
  });

/**
 * A person's padded box is the whole input. The papers' margin of a quarter is for boxes that a detector has found; annotated ones are exact, and without it
 * each pixel of the input is a fifth less of the person: after 226 steps AP 0.33 with 1.25, 0.39 with 1.1, 0.43 with 1.
 */
export const PADDING = 1;

/** The crop of an annotated person. */
export const demoCrop = ({ box }: Person, inputSize: Size): Crop =>
  boxToCrop(box, inputSize, { padding: PADDING, align: 'centers' });

/** The network that `weights/lpn-small-leeds.safetensors` holds, by depth and width of its stages. */
const SMALL = { depths: [3, 4, 1, 1], widths: [64, 128, 256, 256] } as const;

/** A network for a set of keypoints; `lpn-small` begins with the weights that were trained on photographs of Leeds, in the last layer those of the same keypoints, unless from scratch. */
export async function demoNetwork(
  { network: name, seed, scratch, weights: file }: Pick<DemoOptions, 'network' | 'seed' | 'scratch' | 'weights'>,
  keypointSet: KeypointSet,
): Promise<LayersModel> {
  const options = { inputShape: [INPUT_SIZE[1], INPUT_SIZE[0], 3], keypoints: keypointSet.names.length, seed } as const;
  if (name !== 'lpn-small') {
    if (name in LPN) return lpn(name as LpnVariant, options);
    throw new RangeError(`demo: --network must be lpn-small, ${Object.keys(LPN).join(', ')}. Received: ${name}.`);
  }
  const network = lpn('lpn-50', { ...options, ...SMALL });
  if (!scratch) await loadWeights(network, await readFile(file), file, { keypointSet });
  return network;
}
