import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { compile } from 'poseblocks/inference';
import { expect, it } from 'vitest';
import { describeEngines } from '../../support/engines';

/** [height, width, channels]: less and more channels than a workgroup has invocations, more pixels than a dispatch has workgroups in one dimension. */
const SHAPES = [
  [1, 1, 16],
  [5, 7, 3],
  [1, 2, 300],
  [182, 182, 8],
] as const;

describeEngines('layer normalisation of a compiled network', () => {
  it.each(SHAPES)('equals the layer’s, %i × %i of %i channels', async (height, width, channels) => {
    const image = input({ shape: [height, width, channels] });
    const layer = layers.layerNormalization({ epsilon: 1e-5 });
    const network = model({ inputs: image, outputs: layer.apply(image) as SymbolicTensor });
    const weights = [1, 2].map((seed) => tf.randomUniform([channels], 0.5, 2, 'float32', seed));
    layer.setWeights(weights);
    const compiled = await compile(network);
    const images = tf.randomNormal<tf.Rank.R4>([2, height, width, channels], 3, 2, 'float32', 3);
    const before = tf.memory().numTensors;
    const outputs = [compiled(images) as tf.Tensor, network.predict(images) as tf.Tensor];
    expect(tf.memory().numTensors).toBe(before + 2);
    expect(outputs[0]!.shape).toEqual(outputs[1]!.shape);
    const [actual, expected] = await Promise.all(outputs.map((output) => output.data()));
    const apart = Array.from(expected!, (value, i) => Math.abs(value - actual![i]!));
    expect(apart.filter((distance) => !(distance < 2e-5))).toEqual([]);
    tf.dispose([images, outputs, weights]);
    compiled.dispose();
    network.dispose();
  });
});
