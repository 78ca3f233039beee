import { model as layersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { integralHead, simccHead } from 'poseblocks/heads';
import { cpn, grmi, lpn, resnet, stackedHourglass } from 'poseblocks/networks';
import { dark, darkUdp, quarterOffset, softArgmaxDecoder } from 'poseblocks/postprocess';
import {
  coordinateCodec,
  cpnCodec,
  diskOffsetCodec,
  gaussianCodec,
  integralCodec,
  offsetCodec,
  simccCodec,
  type Codec,
} from 'poseblocks/targets';
import {
  coordinateRegression,
  cpnLoss,
  diskOffsetLoss,
  intermediateSupervision,
  jointsMse,
  simccKl,
  softArgmaxRegression,
  type Loss,
} from 'poseblocks/training';

/** A small network of 17 keypoints with its codec and its loss: every codec that there is, for suites that put each before every consumer. */
export interface Joint {
  readonly name: string;
  readonly build: () => LayersModel;
  readonly codec: Codec;
  readonly loss: Loss<unknown, unknown>;
}

/** That codec and loss fit is the compiler's to say. */
const joint = <Target, Output>(
  name: string,
  build: () => LayersModel,
  codec: Codec<Target, Output>,
  loss: Loss<Target, Output>,
): Joint => ({ name, build, codec, loss });

const SIZE = [64, 64] as const;
export const HEATMAPS = { inputSize: SIZE, heatmapSize: [16, 16] } as const;
const small = { inputShape: [64, 64, 3], keypoints: 17, seed: 1, initialization: 'he' } as const;
export const smallLpn = (keypoints = 17): LayersModel =>
  lpn('lpn-50', { ...small, keypoints, depths: [1, 1, 1, 1], widths: [16, 16, 32, 32] });
const simcc = (): LayersModel =>
  lpn('lpn-50', { ...small, depths: [1, 1, 1, 1], widths: [16, 16, 32, 32], head: simccHead({ keypoints: 17, inputSize: SIZE }) }); // prettier-ignore
const integral = (): LayersModel => {
  const { inputs, outputs } = smallLpn();
  return layersModel({ inputs, outputs: integralHead()(outputs[0]!, '') });
};

export const JOINTS: readonly Joint[] = [
  joint('LPN, quarter offset', smallLpn, gaussianCodec({ ...HEATMAPS, refine: quarterOffset }), jointsMse),
  joint('LPN, soft-argmax', smallLpn, gaussianCodec({ ...HEATMAPS, refine: softArgmaxDecoder({ beta: 20 }) }), jointsMse), // prettier-ignore
  joint('LPN, soft-argmax with a radius', smallLpn, gaussianCodec({ ...HEATMAPS, refine: softArgmaxDecoder({ beta: 20, radius: 3 }) }), jointsMse), // prettier-ignore
  joint('LPN, DARK, aligned to centers', smallLpn, gaussianCodec({ ...HEATMAPS, refine: dark, align: 'centers' }), jointsMse), // prettier-ignore
  joint('LPN, DARK as UDP has it', smallLpn, gaussianCodec({ ...HEATMAPS, refine: darkUdp, center: 'exact', align: 'centers' }), jointsMse), // prettier-ignore
  joint('LPN, integral codec', smallLpn, integralCodec({ ...HEATMAPS, beta: 4 }), softArgmaxRegression({ beta: 4 })),
  joint('LPN, offsets', () => smallLpn(51), offsetCodec(HEATMAPS), jointsMse),
  joint('LPN with a SimCC head', simcc, simccCodec({ inputSize: SIZE, sigma: 2 }), simccKl()),
  joint('stacked hourglass of two', () => stackedHourglass({ ...small, stacks: 2, filters: 16, depth: 2 }), gaussianCodec(HEATMAPS), intermediateSupervision(jointsMse)), // prettier-ignore
  joint('CPN', () => cpn(resnet('resnet-18'), { ...small, filters: 16 }), cpnCodec(HEATMAPS), cpnLoss()),
  joint('integral regression', integral, coordinateCodec({ inputSize: SIZE }), coordinateRegression()),
  joint('G-RMI', () => grmi('grmi-50', { ...small, inputShape: [33, 25, 3], auxiliary: true }), diskOffsetCodec({ inputSize: [25, 33], radius: 4 }), diskOffsetLoss()), // prettier-ignore
];
