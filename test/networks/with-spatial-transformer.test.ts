import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';
import { registerLayers } from 'poseblocks/heads';
import { countParams } from 'poseblocks/metrics';
import { pyranet, withSpatialTransformer } from 'poseblocks/networks';
import { adam, intermediateSupervision, jointsMse, trainableVariables } from 'poseblocks/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../support/close';
import { noise, outputsOf, reload } from '../support/network';

const small = { stacks: 2, depth: 2, filters: 36, keypoints: 3, inputShape: [32, 32, 3] } as const;

describe('withSpatialTransformer', () => {
  beforeAll(async () => {
    registerLayers();
    await useEngine('wasm');
  });

  it('is the network itself at first, and counts the localisation network beside it', async () => {
    const network = pyranet(small);
    const wrapped = withSpatialTransformer(network, { transformed: true });
    expect(countParams(wrapped) - countParams(network)).toBe(11_179_590);
    const x = noise([2, 32, 32, 3]);
    const [own, through] = [outputsOf(network, x), outputsOf(wrapped, x)];
    expect(through.length).toBe(own.length + 1);
    for (const [i, y] of [...own, x].entries())
      expectClose(await through[i]!.data(), await y.data(), 1e-4, `output ${i}`);
    tf.dispose([x, ...own, ...through]);
    wrapped.dispose();
  });

  it('trains the localisation network, a parallel loss on the transformed image included, saves and loads', async () => {
    const network = pyranet(small);
    const parallel = pyranet({ ...small, seed: 1 });
    const wrapped = withSpatialTransformer(network, { transformed: true });
    const x = noise([2, 32, 32, 3]);
    const [target, centred] = [0, 1].map((i) => tf.abs(noise([2, 8, 8, 3], 3 + i)) as tf.Tensor4D);
    const weights = tf.ones([2, 3]) as tf.Tensor2D;
    const supervised = intermediateSupervision(jointsMse);
    const loss = (): tf.Scalar => {
      const outputs = wrapped.apply(x, { training: true }) as tf.Tensor4D[];
      const beside = parallel.apply(outputs.at(-1)!, { training: true }) as tf.Tensor4D[];
      return tf.add(supervised(target!, weights, outputs.slice(0, -1)), supervised(centred!, weights, beside));
    };
    const variables = trainableVariables(wrapped);
    const optimizer = adam(1e-3);
    const { value, grads } = tf.variableGrads(loss, variables);
    const fc = variables.find(({ name }) => name.startsWith('localization.fc/kernel'))!;
    const moved = tf.tidy(() => tf.max(tf.abs(grads[fc.name]!)));
    expect((await moved.data())[0]).toBeGreaterThan(0);
    const first = (await value.data())[0]!;
    tf.dispose([value, ...Object.values(grads), moved]);
    for (let i = 0; i < 4; i++) optimizer.minimize(loss, false, variables);
    const last = loss();
    expect((await last.data())[0]).toBeLessThan(first);

    const loaded = await reload(wrapped);
    const [before, after] = [outputsOf(wrapped, x), outputsOf(loaded, x)];
    for (const [i, y] of before.entries()) expect(await after[i]!.data()).toEqual(await y.data());
    tf.dispose([x, target!, centred!, weights, last, ...before, ...after]);
    for (const each of [loaded, wrapped, parallel]) each.dispose();
    optimizer.dispose();
  });

  it('refuses a network that has no maps', () => {
    expect(() => withSpatialTransformer(pyranet(small), { localization: 'vgg' as 'resnet-18' })).toThrow(
      'withSpatialTransformer: localization must be one of resnet-18, resnet-34, resnet-50, resnet-101, resnet-152. Received: vgg.',
    );
  });
});
