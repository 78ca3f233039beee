import * as tf from '@tensorflow/tfjs-core';
import { conv, resizeBilinear, type Block, type ResizeMode } from 'poseblocks/blocks';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { expectClose } from '../support/close';
import { describeBlock } from '../support/describe-block';
import { describeEngines } from '../support/engines';
import { networkOf, noise, outputsOf, variablesOf } from '../support/network';

/** The fixture's four: TensorFlow 1's to three sizes, aligned corners to one. */
const four: Block<SymbolicTensor, readonly SymbolicTensor[]> = (x, name) =>
  (
    [
      [6, 8, 'legacy'],
      [12, 16, 'legacy'],
      [7, 5, 'legacy'],
      [6, 8, 'alignCorners'],
    ] as const
  ).map(([height, width, mode], i) => resizeBilinear({ size: [height, width], mode })(x, `${name}.${i}`));

describeBlock('resizeBilinear', four, {
  input: [3, 4, 2],
  output: [
    [6, 8, 2],
    [12, 16, 2],
    [7, 5, 2],
    [6, 8, 2],
  ],
  params: 0,
  golden: 'cpn_resize_bilinear',
  folder: 'quoted/blocks',
});
describeBlock(
  'resizeBilinear of a map of stride 8 to its crop',
  resizeBilinear({ size: [33, 25], mode: 'alignCorners' }),
  {
    input: [5, 4, 3],
    output: [33, 25, 3],
    params: 0,
    golden: 'grmi_upsample_5x4_33x25',
    folder: 'quoted/blocks',
  },
);

/** ⟨f(x + h·v) − f(x − h·v), w⟩ / 2h against ⟨∇⟨f(x), w⟩, v⟩, for maps that are linear in x, where any h will do. */
async function expectGradient(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, what: string): Promise<void> {
  const [analytic, numeric] = tf.tidy(() => {
    const v = noise(x.shape, 5);
    const w = noise(f(x).shape, 6);
    const along = (h: number): tf.Tensor => tf.sum(tf.mul(f(tf.add(x, tf.mul(v, h))), w));
    const gradient = tf.grad((at) => tf.sum(tf.mul(f(at), w)))(x);
    return [tf.sum(tf.mul(gradient, v)), tf.div(tf.sub(along(0.5), along(-0.5)), 1)] as const;
  });
  expectClose(await analytic.data(), await numeric.data(), 1e-4, what);
  tf.dispose([analytic, numeric]);
}

describeEngines('gradients by finite differences', () => {
  it.each<[ResizeMode, readonly [number, number]]>([
    ['legacy', [7, 11]],
    ['alignCorners', [9, 3]],
    ['alignCorners', [1, 1]],
    ['halfPixel', [10, 8]],
    ['halfPixel', [3, 2]],
  ])('of resizing, %s to %j', async (mode, size) => {
    const network = networkOf(resizeBilinear({ size, mode }), [5, 4, 2]);
    const x = noise([2, 5, 4, 2]);
    await expectGradient((at) => outputsOf(network, at, true)[0]!, x, mode);
    x.dispose();
  });

  it.each([1, 2, 3, 4])('of a convolution with dilation %i, of its input and its kernel', async (dilation) => {
    const network = networkOf(conv({ filters: 3, kernelSize: 3, dilation }), [7, 6, 2]);
    const kernel = [...variablesOf(network).values()][0]!;
    const [x, other] = [noise([2, 7, 6, 2]), noise(kernel.shape, 9)];
    await expectGradient((at) => outputsOf(network, at, true)[0]!, x, 'input');
    // The kernel is moved along one direction, t, by hand: layers read their variables.
    const w = noise([2, 7, 6, 3], 6);
    const start = tf.clone(kernel);
    const { value, grads } = tf.variableGrads(
      () => tf.sum(tf.mul(outputsOf(network, x, true)[0]!, w)) as tf.Scalar,
      [kernel],
    );
    const at = async (t: number): Promise<number> => {
      tf.tidy(() => kernel.assign(tf.add(start, tf.mul(other, t))));
      const y = tf.tidy(() => tf.sum(tf.mul(outputsOf(network, x)[0]!, w)));
      const [number] = await y.data();
      y.dispose();
      return number!;
    };
    const numeric = (await at(0.5)) - (await at(-0.5));
    const analytic = tf.tidy(() => tf.sum(tf.mul(grads[kernel.name]!, other)));
    expectClose(await analytic.data(), [numeric], 1e-4, 'kernel');
    tf.dispose([x, other, w, start, value, analytic, ...Object.values(grads)]);
    network.dispose();
  });
});

it.each<[string, () => unknown, string]>([
  [
    'sizes',
    () => networkOf(resizeBilinear({ size: [0, 3], mode: 'legacy' }), [4, 4, 1]),
    'block: size must be [height, width] in pixels. Received: [0, 3].',
  ],
  [
    'modes',
    () => networkOf(resizeBilinear({ size: [2, 3], mode: 'bicubic' as 'legacy' }), [4, 4, 1]),
    'block: mode must be legacy, alignCorners or halfPixel. Received: bicubic.',
  ],
])('resizeBilinear refuses other %s', (_, build, message) => {
  expect(build).toThrow(new RangeError(message));
});
