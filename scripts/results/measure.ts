import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { longerSides, pck } from 'poseblocks/metrics';
import { argmax, softArgmaxDecoder, type Decoder } from 'poseblocks/postprocess';
import { gaussianCodec, type HeatmapCodec } from 'poseblocks/targets';
import { predictPeople } from 'poseblocks/training';
import { INPUT, type People } from './people';

/** A codec for the small networks' maps. */
export function codecOf(size: number, options: { sigma: number; refine?: Decoder }): HeatmapCodec {
  return gaussianCodec({ inputSize: [INPUT, INPUT], heatmapSize: [size, size], refine: argmax, ...options });
}

/** Figures on held-out people: PCK at 0.2 and, `fine`, at 0.05 of the box's longer side. COCO's AP is near 0 at this size. */
export async function accuracy(
  network: LayersModel,
  people: People,
  codec: HeatmapCodec,
): Promise<{ PCK: number; fine: number }> {
  const found = await predictPeople(network, { batches: () => people.heldOut(), codec });
  const truth = found.map(({ sample }) => sample.keypoints);
  const poses = found.map(({ keypoints }) => keypoints);
  const normalizer = longerSides(found.map(({ sample }) => sample.box));
  const at = (threshold: number): number => pck(poses, truth, { normalizer, threshold }).mean;
  return { PCK: at(0.2), fine: at(0.05) };
}

/** Mean over keypoints of the predicted map's peak, as a fraction of the target's: near 0 where all heatmaps are flat. */
export async function meanPeak(network: LayersModel, people: People, factor: number): Promise<number> {
  for await (const { images } of people.heldOut()) {
    const peak = tf.tidy(() => tf.mean(tf.max([network.predict(images)].flat().at(-1) as Tensor4D, [1, 2])));
    const [value] = await peak.data();
    peak.dispose();
    return value! / factor;
  }
  return NaN;
}

export const BETAS = [1, 10, 20, 40, 80, 120, 160, 200] as const;

/** PCK@0.05 with argmax and with β-soft-argmax for each β. */
export async function fineByBeta(network: LayersModel, people: People, size: number): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const [name, refine] of [
    ['argmax', argmax],
    ...BETAS.map((beta) => [`beta ${beta}`, softArgmaxDecoder({ beta })] as const),
  ] as const) {
    figures[name] = (await accuracy(network, people, codecOf(size, { sigma: 2, refine }))).fine;
  }
  return figures;
}
