import {
  bnReluConvResidual,
  chain,
  hourglass,
  multiDilated,
  preActivationBottleneck,
  reducedStem,
  separableBottleneck,
  twoRegular,
  twoSeparable,
  type Block,
} from 'poseblocks/blocks';
import { input } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { describeBlock } from '../support/describe-block';

const square = [6, 5, 32] as const;
const WHY = 'a normalisation follows, which takes a constant away';
const centred = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`${name}/bias`, WHY]));
const ofBottleneck = centred('conv1', 'conv2');

const BLOCKS: readonly [name: string, block: Block, params: number, golden: string, zero: Record<string, string>][] = [
  [
    'preActivationBottleneck',
    preActivationBottleneck({ filters: 32 }),
    3520,
    'hg_preact_bottleneck_identity_c32',
    ofBottleneck,
  ],
  [
    'preActivationBottleneck with dilation',
    preActivationBottleneck({ filters: 32, dilation: 2 }),
    3520,
    's002_dilated_c32',
    ofBottleneck,
  ],
  [
    'preActivationBottleneck without skip',
    preActivationBottleneck({ filters: 32, skip: false }),
    3520,
    's002_noskip_c32',
    ofBottleneck,
  ],
  [
    'separableBottleneck',
    separableBottleneck({ filters: 32 }),
    2112,
    's002_dwsep_all3_c32',
    centred('conv1.dw', 'conv1.pw', 'conv2.dw', 'conv2.pw'),
  ],
  [
    'separableBottleneck in the middle',
    separableBottleneck({ filters: 32, replace: '3x3' }),
    1632,
    's002_dwsep_3x3only_c32',
    centred('conv1', 'conv2.dw', 'conv2.pw'),
  ],
  ['twoSeparable', twoSeparable({ filters: 32 }), 1648, 's002_two_dwsep_text_c32', centred('conv1.dw', 'conv1.pw')],
  [
    'twoSeparable in groups',
    twoSeparable({ filters: 32, grouping: 'gcd' }),
    1376,
    's002_two_dwsep_grouped_c32',
    centred('conv1.dw', 'conv1.pw'),
  ],
  [
    'twoSeparable in groups, dilated',
    twoSeparable({ filters: 32, grouping: 'gcd', dilation: 2 }),
    1376,
    's002_two_dwsep_grouped_dilated_c32',
    centred('conv1.dw', 'conv1.pw'),
  ],
  ['twoRegular', twoRegular({ filters: 32 }), 9360, 's002_two_regular_c32', centred('conv1')],
];

describe.each(BLOCKS)('', (name, block, params, golden, zeroGradient) => {
  describeBlock(name, block, { input: square, output: square, params, golden, zeroGradient });
});

describeBlock('preActivationBottleneck that projects', preActivationBottleneck({ filters: 32 }), {
  input: [6, 5, 16],
  output: [6, 5, 32],
  params: 3776,
  golden: 'hg_preact_bottleneck_proj_c16_32',
  zeroGradient: ofBottleneck,
});
describeBlock('twoSeparable in groups that projects', twoSeparable({ filters: 32, grouping: 'gcd' }), {
  input: [6, 5, 16],
  output: [6, 5, 32],
  params: 1744,
  golden: 's002_two_dwsep_grouped_proj_c16_32',
  zeroGradient: centred('conv1.dw', 'conv1.pw'),
});
describeBlock('bnReluConvResidual', bnReluConvResidual({ filters: 16 }), {
  input: [6, 5, 8],
  output: [6, 5, 16],
  params: 992,
  golden: 'naman_residual_8_16',
  zeroGradient: centred('cb.cbr1.conv', 'cb.cbr2.conv'),
});
describeBlock('multiDilated', multiDilated({ filters: 16 }), {
  input: [7, 6, 16],
  output: [7, 6, 16],
  params: 2096,
  zeroGradient: centred('conv1', 'conv2.0', 'conv2.1', 'conv2.2'),
});

describeBlock('reducedStem', reducedStem({ filters: 32 }), {
  input: [16, 16, 3],
  output: [4, 4, 32],
  params: 4878,
  golden: 's001_reduced_stem_narrow',
  rename: (key) => key.replace(/^\d/, (n) => `start.c${['1', '2', '3', 'pool', '4', '5'][Number(n)]}`),
  zeroGradient: centred('start.c1.conv', 'start.c2.conv', 'start.c3.conv', 'start.c4.conv'),
});

const HOURGLASS_BLOCKS = [0, 1, 2, 3].flatMap((level) =>
  (level === 0 ? [0, 1, 2, 3] : [0, 1, 2]).map((part) => `hg.${level}.${part}.0`),
);
describeBlock('hourglass', hourglass({ depth: 4, block: chain([preActivationBottleneck({ filters: 8 })]) }), {
  input: [16, 16, 8],
  output: [16, 16, 8],
  params: 3328,
  golden: 'hourglass_depth4_planes4',
  zeroGradient: centred(...HOURGLASS_BLOCKS.flatMap((path) => [`${path}.conv1`, `${path}.conv2`])),
});

describe('hourglass', () => {
  const block = preActivationBottleneck({ filters: 8 });
  const x = input({ shape: [20, 16, 8] });
  it.each([
    [
      'a depth of zero',
      () => hourglass({ depth: 0, block }),
      'hourglass: depth must be a positive integer. Received: 0.',
    ],
    [
      'a size that does not divide',
      () => hourglass({ depth: 3, block })(x, 'hg.0'),
      'hg.0: height and width must be divisible by 2^depth = 8. Received: [, 20, 16, 8].',
    ],
    [
      'a block that changes the channels',
      () => hourglass({ depth: 2, block: preActivationBottleneck({ filters: 16 }) })(x, 'hg.0'),
      'hg.0.hg.1.0: the block of an hourglass must keep the channels. Received: 8 → 16.',
    ],
    [
      'dilations that are not',
      () => multiDilated({ filters: 8, dilations: [0] }),
      'multiDilated: dilations must be positive integers. Received: [0].',
    ],
  ])('refuses %s', (_, build, message) => {
    expect(build).toThrow(new RangeError(message));
  });
});
