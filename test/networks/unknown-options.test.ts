import { input } from '@tensorflow/tfjs-layers';
import * as blocks from 'poseblocks/blocks';
import * as heads from 'poseblocks/heads';
import * as networks from 'poseblocks/networks';
import { describe, expect, it } from 'vitest';

/** Called as plain JavaScript would: with whatever. */
type Loose = (...args: unknown[]) => unknown;
const image = { inputShape: [64, 64, 3], multiple: 32, keypoints: 1, initialization: 'none' };

// What is called, what comes before the options, an option with a mistake in it, and the one that was meant.
const BUILDERS: readonly (readonly [
  name: string,
  builder: unknown,
  before: readonly unknown[],
  mistake: string,
  meant: string,
])[] = [
  ['lpn', networks.lpn, ['lpn-50'], 'inputSize', 'inputShape'],
  ['simpleBaseline', networks.simpleBaseline, ['resnet-18'], 'deconvLayer', 'deconvLayers'],
  ['stackedHourglass', networks.stackedHourglass, [], 'stack', 'stacks'],
  ['hourglassNet', networks.hourglassNet, ['hourglass-52'], 'stack', 'stacks'],
  ['hrnet', networks.hrnet, ['hrnet-w32'], 'keypoint', 'keypoints'],
  ['cpn', networks.cpn, ['cpn-50'], 'headnorm', 'headNorm'],
  ['integralRegression', networks.integralRegression, ['integral-50'], 'dept', 'depth'],
  ['grmi', networks.grmi, ['grmi-101'], 'output', 'outputs'],
  ['pyranet', networks.pyranet, [], 'poolSeed', 'poolingSeed'],
  ['keypointRcnn', networks.keypointRcnn, ['resnet-50'], 'box', 'boxes'],
  ['keypointRcnnFeatures', networks.keypointRcnnFeatures, ['resnet-50'], 'frozenNormalisation', 'frozenNormalization'],
  ['keypointRcnnHead', networks.keypointRcnnHead, [], 'headFilter', 'headFilters'],
  ['buildNetwork', networks.buildNetwork, ['mine', blocks.relu()], 'initialisation', 'initialization'],
  ['resnet', networks.resnet, ['resnet-18'], 'attentions', 'attention'],
  ['dilatedResnet', networks.dilatedResnet, ['resnet-50'], 'stride', 'strideOn'],
  ['efficientNetV2', networks.efficientNetV2, ['efficientnet-v2-s'], 'stochasticdepth', 'stochasticDepth'],
  ['highResolutionBackbone', networks.highResolutionBackbone, [], 'module', 'modules'],
  ['conv', blocks.conv, [], 'kernel_size', 'kernelSize'],
  ['depthwiseConv', blocks.depthwiseConv, [], 'dilations', 'dilation'],
  ['batchNorm', blocks.batchNorm, [], 'eps', 'epsilon'],
  ['layerNorm', blocks.layerNorm, [], 'epsilom', 'epsilon'],
  ['maxPool', blocks.maxPool, [], 'stride', 'strides'],
  ['upsample', blocks.upsample, [], 'sizes', 'size'],
  ['stochasticDepth', blocks.stochasticDepth, [], 'rates', 'rate'],
  ['fractionalMaxPool', blocks.fractionalMaxPool, [], 'phases', 'phase'],
  ['globalContext', blocks.globalContext, [], 'rate', 'ratio'],
  ['squeezeExcite', blocks.squeezeExcite, [], 'filter', 'filters'],
  ['resizeBilinear', blocks.resizeBilinear, [], 'modes', 'mode'],
  ['separableConv', blocks.separableConv, [], 'biases', 'bias'],
  ['resnetStem', blocks.resnetStem, [], 'filter', 'filters'],
  ['featurePyramid', blocks.featurePyramid, [], 'filter', 'filters'],
  ['spatialTransformer', blocks.spatialTransformer, [], 'inversed', 'inverse'],
  ['hourglass', blocks.hourglass, [], 'blocks', 'block'],
  ['deconv', heads.deconv, [], 'kernelsize', 'kernelSize'],
  ['deconvHead', heads.deconvHead, [], 'point_wise', 'pointwise'],
  ['globalNet', heads.globalNet, [], 'head', 'heads'],
  ['refineNet', heads.refineNet, [], 'resized', 'resize'],
  ['integralHead', heads.integralHead, [], 'depths', 'depth'],
  ['keypointRoiHead', heads.keypointRoiHead, [], 'filter', 'filters'],
];

/** What options must be given all the same. */
const given: Readonly<Record<string, object>> = { buildNetwork: image };

describe.each(BUILDERS)('%s', (name, builder, before, mistake, meant) => {
  const build = builder as Loose;
  const received = (options: unknown): string => {
    try {
      // Blocks see their options when they are made; what else is wrong shows when they are applied.
      build(...before, options);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      return (error as Error).message;
    }
    throw new Error(`${name} took it`);
  };

  it('names the option that was probably meant', () => {
    const message = received({ ...given[name], [mistake]: 1 });
    expect(message).toContain(`${name}: options must be some of `);
    expect(message).toContain(`Received: ${mistake}. Did you mean ${meant}?`);
  });

  it('lists what there is where nothing is alike, or where it was given no object', () => {
    const message = received({ ...given[name], somethingElseEntirely: 1 });
    expect(message).toMatch(/Received: somethingElseEntirely\.$/);
    expect(message).toContain(meant);
    expect(received('hg2')).toBe(
      `${name}: options must be an object of ${/some of (.*)\. Received/.exec(message)![1]!}. Received: hg2.`,
    );
    expect(received(null)).toMatch(/Received: null\.$/);
  });
});

it('takes no option for another that a network has', () => {
  const x = input({ shape: [4, 4, 3] });
  expect(() => (blocks.conv as Loose)({ filters: 3, kernelSize: 3, pad: 1 }, x)).toThrow(
    'conv: options must be some of filters, kernelSize, strides, dilation, padding, groups, useBias. Received: pad. Did you mean padding?',
  );
});
