import { useEngine } from 'poseblocks/engines';
import { hrnet, simpleBaseline } from 'poseblocks/networks';
import { stateDict } from 'poseblocks/interop';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { keysOf, loadProcedural, proceduralNetworks } from '../support/procedural';
import { expectProceduralOutputs } from '../support/procedural-output';

const expected = proceduralNetworks();
const initialization = 'none';
const square = { inputShape: [256, 256, 3], keypoints: 14, finalKernelSize: 3, initialization } as const;
/** Paper 000 cuts torchvision's models into lists of children, `backbone.N`; the networks here keep torchvision's own names. */
const children =
  (...names: string[]) =>
  (key: string): string =>
    key.replace(/^backbone\.(\d+)/, (_, n) => names[n]!);
const resnet = children('conv1', 'bn1', 'relu', 'maxpool', 'layer1', 'layer2', 'layer3', 'layer4');

const CASES: readonly [name: string, build: () => LayersModel, rename?: (key: string) => string][] = [
  ['hrnet_w32', () => hrnet('hrnet-w32', { initialization })],
  ['simplebaseline50', () => simpleBaseline('resnet-50', { initialization })],
  ['s000_base', () => simpleBaseline('resnet-50', square), resnet],
  ['s000_resnet18', () => simpleBaseline('resnet-18', square), resnet],
  [
    's000_efficientnet_v2_s',
    () => simpleBaseline('efficientnet-v2-s', square),
    (key) => key.replace(/^backbone/, 'features'),
  ],
  [
    's000_shufflenet_v2_x2_0',
    () => simpleBaseline('shufflenet-v2-x2.0', square),
    children('conv1', 'maxpool', 'stage2', 'stage3', 'stage4', 'conv5'),
  ],
];

beforeAll(() => useEngine('wasm'));

describe.each(CASES)('%s', (name, build, rename = (key) => key) => {
  it('has the state dict of the reference implementation, and its outputs', async () => {
    const network = build();
    const keys = keysOf(name);
    const own = Object.entries(await stateDict(network)).map(([key, { shape }]) => [key, shape]);
    expect(own.sort()).toEqual(keys.map(([key, shape]) => [rename(key), shape]).sort());
    loadProcedural(network, keys, rename);
    await expectProceduralOutputs(network, expected[name]!);
    network.dispose();
  });
});
