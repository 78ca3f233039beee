import {
  basicBlock,
  bottleneck,
  conv,
  depthwiseConv,
  globalContext,
  lightweightBottleneck,
  squeezeExcite,
} from 'poseblocks/blocks';
import { describeBlock } from '../support/describe-block';

const square = [6, 5, 32] as const;
/** A convolution's bias, and anything else that only shifts what a normalisation then centres, has no gradient beyond rounding. */
const softmaxShift = { 'conv_mask/bias': 'softmax does not change when its input is shifted' };
const attended = { 'att.conv_mask/bias': 'softmax does not change when its input is shifted' };

describeBlock('globalContext', globalContext(), {
  input: square,
  output: square,
  params: 1137,
  golden: 'gcblock_c32',
  zeroGradient: softmaxShift,
});
describeBlock('globalContext of averages', globalContext({ pooling: 'average' }), {
  input: square,
  output: square,
  params: 1104,
});
describeBlock('globalContext that scales', globalContext({ fusion: 'scale' }), {
  input: square,
  output: square,
  params: 1137,
  zeroGradient: softmaxShift,
});
describeBlock('squeezeExcite', squeezeExcite({ ratio: 1 / 4 }), { input: square, output: square, params: 552 });

describeBlock('lightweightBottleneck', lightweightBottleneck({ filters: 32 }), {
  input: square,
  output: square,
  params: 2528,
  golden: 'lw_bottleneck_nogc_s1_c32',
});
describeBlock(
  'lightweightBottleneck with attention',
  lightweightBottleneck({ filters: 32, attention: globalContext() }),
  {
    input: square,
    output: square,
    params: 3665,
    golden: 'lw_bottleneck_gc_s1_c32',
    zeroGradient: attended,
  },
);
describeBlock(
  'lightweightBottleneck that strides',
  lightweightBottleneck({ filters: 32, strides: 2, attention: globalContext() }),
  {
    input: [7, 6, 16],
    output: [4, 3, 32],
    params: 3729,
    golden: 'lw_bottleneck_gc_s2_c16_32',
    zeroGradient: attended,
  },
);
describeBlock('bottleneck', bottleneck({ filters: 16, strides: 2 }), {
  input: [7, 6, 32],
  output: [4, 3, 64],
  params: 6208,
  golden: 'resnet_bottleneck_s2_c32_16',
});
describeBlock('basicBlock', basicBlock({ filters: 32, strides: 2 }), {
  input: [7, 6, 16],
  output: [4, 3, 32],
  params: 14528,
  golden: 'resnet_basicblock_s2_c16_32',
});

describeBlock('conv with dilation', conv({ filters: 6, kernelSize: 3, dilation: 2, useBias: true }), {
  input: [7, 6, 4],
  output: [7, 6, 6],
  params: 222,
});
describeBlock('conv in groups of one output', conv({ filters: 4, kernelSize: 3, groups: 4, strides: 2 }), {
  input: [7, 6, 8],
  output: [4, 3, 4],
  params: 72,
});
describeBlock('conv in groups of two outputs', conv({ filters: 8, kernelSize: 3, groups: 4, dilation: 2 }), {
  input: [7, 6, 4],
  output: [7, 6, 8],
  params: 72,
});
describeBlock('depthwiseConv with dilation', depthwiseConv({ kernelSize: 3, dilation: 2 }), {
  input: [7, 6, 4],
  output: [7, 6, 4],
  params: 36,
});
