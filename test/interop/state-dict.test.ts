import { useEngine } from 'poseblocks/engines';
import { loadStateDict, stateDict, type StateTensor } from 'poseblocks/interop';
import { lpn } from 'poseblocks/networks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LayersModel } from '@tensorflow/tfjs-layers';

let network: LayersModel;
let state: Record<string, StateTensor>;
beforeAll(async () => {
  await useEngine('wasm');
  network = lpn('lpn-50', { inputShape: [64, 48, 3], depths: [1, 1, 1, 1] });
  state = await stateDict(network);
});
afterAll(() => network.dispose());

const KEY = 'layer1.0.conv2.weight';

describe('loadStateDict', () => {
  it('gives back what stateDict took, whatever the order', async () => {
    const other = lpn('lpn-50', { inputShape: [64, 48, 3], depths: [1, 1, 1, 1], seed: 9 });
    const report = loadStateDict(other, Object.fromEntries(Object.entries(state).reverse()));
    expect(report.loaded.length).toBe(Object.keys(state).length);
    expect(await stateDict(other)).toEqual(state);
    other.dispose();
  });

  it('passes over batch counters and reports the rest when it is not strict', () => {
    const { [KEY]: _, ...without } = state;
    const extra = { shape: [1], data: new Float32Array(1) };
    const report = loadStateDict(
      network,
      { ...without, 'bn1.num_batches_tracked': extra, 'head.weight': extra },
      { strict: false },
    );
    expect(report.missing).toEqual([KEY]);
    expect(report.unexpected).toEqual(['head.weight']);
  });

  it('renames and leaves out', () => {
    const prefixed = Object.fromEntries(Object.entries(state).map(([key, tensor]) => [`module.${key}`, tensor]));
    const rename = (key: string): string | null => (key === `module.${KEY}` ? null : key.replace(/^module\./, ''));
    expect(loadStateDict(network, prefixed, { rename, strict: false }).missing).toEqual([KEY]);
  });

  it('refuses missing and unexpected keys when it is strict, and writes nothing', async () => {
    const zeros = Object.fromEntries(
      Object.entries(state).map(([key, { shape, data }]) => [key, { shape, data: new Float32Array(data.length) }]),
    );
    const { [KEY]: _, ...without } = zeros;
    expect(() => loadStateDict(network, { ...without, 'head.weight': zeros['conv1.weight']! })).toThrow(
      `loadStateDict: the keys of checkpoint and network must be the same. Received: 1 missing (${KEY}), 1 unexpected (head.weight).`,
    );
    expect(await stateDict(network)).toEqual(state);
  });

  it('refuses a wrong shape, and names it', () => {
    const wrong = { shape: [64, 1, 5, 5], data: new Float32Array(1600) };
    expect(() => loadStateDict(network, { ...state, [KEY]: wrong })).toThrow(
      `loadStateDict: ${KEY} must have shape [64, 1, 3, 3]. Received: [64, 1, 5, 5], 1600 numbers. Pass { mismatched: 'skip' }`,
    );
  });
});
