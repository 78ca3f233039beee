/**
 * The code of the blocks guide: LPN-50 by hand, a block of one's own, and weights under PyTorch's names.
 * @quick
 */
import { input, model, type LayersModel } from '@tensorflow/tfjs-layers';
import {
  batchNorm,
  chain,
  conv,
  depthwiseConv,
  globalContext,
  lightweightBottleneck,
  pipe,
  residual,
  resnetStem,
  stage,
  type Block,
} from 'poseblocks/blocks';
import { useEngine } from 'poseblocks/engines';
import { deconvHead } from 'poseblocks/heads';
import { loadStateDict, stateDict } from 'poseblocks/interop';
import { lpn } from 'poseblocks/networks';

await useEngine('auto');

// #region ready-made
const network = lpn('lpn-50', { inputShape: [256, 192, 3], keypoints: 17, attention: 'gc' });
// #endregion

// #region by-hand
function lpn50(): LayersModel {
  const attention = globalContext({ ratio: 1 / 16 });
  const body = pipe(
    resnetStem({ filters: 64 }),
    chain({
      layer1: stage(lightweightBottleneck, { filters: 64, depth: 3, attention }),
      layer2: stage(lightweightBottleneck, { filters: 128, depth: 4, attention, strides: 2 }),
      layer3: stage(lightweightBottleneck, { filters: 256, depth: 6, attention, strides: 2 }),
      layer4: stage(lightweightBottleneck, { filters: 512, depth: 3, attention }),
    }),
    deconvHead({ keypoints: 17, filters: [256, 256], groups: 'max', pointwise: true }),
  );
  const image = input({ shape: [256, 192, 3], name: 'image' });
  return model({ inputs: image, outputs: body(image, ''), name: 'lpn-50' });
}
// #endregion

// #region own-block
/** A residual block of a depthwise and a 1×1 convolution. */
function lightBlock({ filters, strides = 1 }: { filters: number; strides?: number }): Block {
  const body = chain({
    conv1: depthwiseConv({ kernelSize: 5, strides }),
    bn1: batchNorm(),
    conv2: conv({ filters, kernelSize: 1 }),
    bn2: batchNorm(),
  });
  return residual(body, { strides });
}

const backbone = chain({
  layer1: stage(lightBlock, { filters: 16, depth: 2 }),
  layer2: stage(lightBlock, { filters: 32, depth: 2, strides: 2 }),
});
// #endregion

// #region weights
const byHand = lpn50();
const weights = await stateDict(network); // { 'layer1.0.conv1.weight': { shape: [64, 64, 1, 1], data }, … }
const { loaded, missing, unexpected } = loadStateDict(byHand, weights, { strict: true });
// #endregion

const image = input({ shape: [64, 48, 3], name: 'image' });
const small = model({ inputs: image, outputs: pipe(resnetStem({ filters: 16 }), backbone)(image, '') });
console.log(`${loaded.length} loaded, ${missing.length} missing, ${unexpected.length} unexpected`);
console.log(`own backbone: ${small.countParams()} weights, output [${small.outputShape}]`);
if (byHand.countParams() !== network.countParams() || missing.length + unexpected.length > 0) process.exitCode = 1;
