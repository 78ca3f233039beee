import { useEngine } from 'poseblocks/engines';
import { cpn, grmi, hrnet, integralRegression, pyranet, simpleBaseline, stackedHourglass } from 'poseblocks/networks';
import { paperNetwork, type PaperNetwork } from 'poseblocks/recipes';
import { stateDict } from 'poseblocks/interop';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { keysOf, loadProcedural, proceduralNetworks, quotedProceduralNetworks } from '../support/procedural';
import { expectProceduralOutputs } from '../support/procedural-output';

const expected = proceduralNetworks();
const initialization = 'none';
const paper = (row: PaperNetwork) => (): LayersModel => paperNetwork(row, { initialization });
/** Paper 000 cuts torchvision's models into lists of children, `backbone.N`; the networks here keep torchvision's own names. */
const children =
  (...names: string[]) =>
  (key: string): string =>
    key.replace(/^backbone\.(\d+)/, (_, n) => names[n]!);
const resnet = children('conv1', 'bn1', 'relu', 'maxpool', 'layer1', 'layer2', 'layer3', 'layer4');

const CASES: readonly [name: string, build: () => LayersModel, rename?: (key: string) => string][] = [
  ['hrnet_w32', () => hrnet('hrnet-w32', { initialization })],
  ['simplebaseline50', () => simpleBaseline('resnet-50', { initialization })],
  ['s000_base', paper('000-base'), resnet],
  ['s000_resnet18', paper('000-resnet18'), resnet],
  ['s000_efficientnet_v2_s', paper('000-efficientnet'), (key) => key.replace(/^backbone/, 'features')],
  [
    's000_shufflenet_v2_x2_0',
    paper('000-shuffle'),
    children('conv1', 'maxpool', 'stage2', 'stage3', 'stage4', 'conv5'),
  ],
  ['hourglass_2stack_1block_16j', () => stackedHourglass({ initialization })],
  ['s001_original', paper('001-full-original')],
  ['s001_reduced', paper('001-full-reduced')],
  ...(
    [
      'dilated',
      'patchify_3x3s2',
      'no_skip',
      'dwsep_all3',
      'dwsep_3x3only',
      'dwsep_3x3only_nodwbias',
      'dwsep_3x3only_nobias',
      'two_dwsep_text',
      'two_dwsep_grouped',
      'two_dwsep_grouped_dilated',
      'two_dwsep_text_dilated',
      'two_regular',
    ] as const
  ).map((row) => [`s002_${row}`, paper(`002-${row}`)] as [string, () => LayersModel]),
];

beforeAll(() => useEngine('wasm'));

describe.each(CASES)('%s', (name, build, rename = (key) => key) => {
  it('has the state dict of the reference implementation, and its outputs', { timeout: 600_000 }, async () => {
    const network = build();
    const keys = keysOf(name);
    const own = Object.entries(await stateDict(network)).map(([key, { shape }]) => [key, shape]);
    expect(own.sort()).toEqual(keys.map(([key, shape]) => [rename(key), shape]).sort());
    loadProcedural(network, keys, rename);
    await expectProceduralOutputs(network, expected[name]!);
    network.dispose();
  });
});

const both = { initialization, outputs: 'both' } as const;
const small = { ...both, inputShape: [129, 97, 3] } as const;
const large = { initialization, inputShape: [384, 288, 3] } as const;

/** Systems that paper 003 compares with. */
const QUOTED: readonly [name: string, build: () => LayersModel][] = [
  ['cpn50_paper_256x192', () => cpn('cpn-50', { initialization })],
  ['cpn50_256x192', () => cpn('cpn-50', { initialization, form: 'release' })],
  ['cpn50_port_256x192', () => cpn('cpn-50', { initialization, form: 'port' })],
  ['cpn101_384x288', () => cpn('cpn-101', { ...large, form: 'release' })],
  ['integral50_256x256', () => integralRegression('integral-50', both)],
  ['integral101_256x256', () => integralRegression('integral-101', both)],
  ['integral101_v1stride_256x256', () => integralRegression('integral-101', { ...both, strideOn: '1x1' })],
  ['grmi101_129x97', () => grmi('grmi-101', small)],
  ['grmi101_slim_129x97', () => grmi('grmi-101', { ...small, rule: 'slim', outputs: 'map' })],
  ['grmi101_353x257', () => grmi('grmi-101', both)],
  ['pyranet2_256x256', () => pyranet({ initialization, stacks: 2, keypoints: 16, inputShape: [256, 256, 3] })],
  ['pyranet8_320x256', () => pyranet({ initialization })],
];

describe.each(QUOTED)('%s', (name, build) => {
  it('has the state dict of the reference implementation, and its outputs', { timeout: 600_000 }, async () => {
    const network = build();
    const keys = keysOf(name, 'quoted/keys');
    const own = Object.entries(await stateDict(network)).map(([key, { shape }]) => [key, shape]);
    expect(own.sort()).toEqual([...keys].sort());
    loadProcedural(network, keys);
    await expectProceduralOutputs(network, quotedProceduralNetworks()[name]!);
    network.dispose();
  });
});
