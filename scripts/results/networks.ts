import { input, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import {
  basicBlock,
  chain,
  conv,
  globalContext,
  hourglass,
  lightweightBottleneck,
  namanStem,
  pipe,
  preActivationBottleneck,
  reducedStem,
  resnetStem,
  stage,
  type Block,
} from 'poseblocks/blocks';
import { deconvHead } from 'poseblocks/heads';
import { initialize } from 'poseblocks/networks';
import { INPUT } from './people';

const KEYPOINTS = 17;

function build(block: Block, initialization: Parameters<typeof initialize>[1], seed: number): LayersModel {
  const image = input({ shape: [INPUT, INPUT, 3], name: 'image' });
  const network = model({ inputs: image, outputs: block(image, '') as SymbolicTensor });
  initialize(network, initialization, { seed });
  return network;
}

/** LPN in small: [64, 64, 3] → [32, 32, 17]. */
export function smallLpn({ gc, seed }: { gc: boolean; seed: number }): LayersModel {
  const attention = gc ? { attention: globalContext({ ratio: 1 / 16 }) } : {};
  const body = chain({
    layer1: stage(lightweightBottleneck, { filters: 16, depth: 1, ...attention }),
    layer2: stage(lightweightBottleneck, { filters: 32, depth: 2, strides: 2, ...attention }),
    layer3: stage(lightweightBottleneck, { filters: 64, depth: 2, ...attention }),
  });
  const head = deconvHead({ keypoints: KEYPOINTS, filters: [48, 48], groups: 'max', pointwise: true });
  return build(pipe(resnetStem({ filters: 16 }), body, head), 'lpn', seed);
}

/** Paper 000's shape in small: residual blocks, three dense transposed convolutions, a 3×3 last: [64, 64, 3] → [64, 64, 17]. */
export function smallBaseline({ seed }: { seed: number }): LayersModel {
  const body = chain({
    layer1: stage(basicBlock, { filters: 16, depth: 1 }),
    layer2: stage(basicBlock, { filters: 32, depth: 1, strides: 2 }),
  });
  const head = deconvHead({ keypoints: KEYPOINTS, filters: [24, 16, 16], finalKernelSize: 3 });
  return build(pipe(resnetStem({ filters: 16 }), body, head), 'simple-baseline', seed);
}

/** One hourglass of depth 3 behind paper 001's original or reduced stem: [64, 64, 3] → [16, 16, 17]. */
export function smallHourglass({ reduced, seed }: { reduced: boolean; seed: number }): LayersModel {
  const stem = (reduced ? reducedStem : namanStem)({ filters: 32 });
  const block = chain([preActivationBottleneck({ filters: 32 })]);
  const network = chain({
    stem,
    hg: hourglass({ depth: 3, block }),
    score: conv({ filters: KEYPOINTS, kernelSize: 1, useBias: true }),
  });
  return build(network, 'torch', seed);
}
