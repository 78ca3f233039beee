import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, sequential, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { useEngine } from 'poseblocks/engines';
import { graphOf, walk, type LayerConverters } from 'poseblocks/graph';
import { compile } from 'poseblocks/inference';
import { exportOnnx, stateDict } from 'poseblocks/interop';
import { countMacs, countParams } from 'poseblocks/metrics';
import { beforeAll, describe, expect, it } from 'vitest';
import { noise, outputsOf } from '../support/network';

beforeAll(() => useEngine('wasm'));

const image = (name = 'image'): SymbolicTensor => input({ shape: [8, 8, 3], name });
const convolution = (name: string, filters = 3) =>
  layers.conv2d({ name, filters, kernelSize: 3, padding: 'same', activation: 'tanh' });

/** conv, twice, with a pooling between its uses; then a model as a layer, twice. */
function tangled(): LayersModel {
  const inner = image('inner');
  const first = convolution('inner.conv').apply(inner) as SymbolicTensor;
  const part = model({ inputs: inner, outputs: convolution('conv').apply(first) as SymbolicTensor, name: 'part' });
  const x = image();
  const conv = convolution('conv');
  const a = conv.apply(x) as SymbolicTensor;
  const b = conv.apply(layers.activation({ activation: 'relu', name: 'relu' }).apply(a)) as SymbolicTensor;
  const c = part.apply(part.apply(b) as SymbolicTensor) as SymbolicTensor;
  return model({
    inputs: x,
    outputs: [layers.add({ name: 'sum' }).apply([a, c]) as SymbolicTensor, b],
    name: 'tangled',
  });
}

describe('walk', () => {
  it('finds every use of a layer in order, and goes into models', () => {
    const { name, inputs, outputs, nodes } = walk(tangled());
    expect({ name, inputs, outputs }).toEqual({ name: 'tangled', inputs: ['image'], outputs: ['sum', 'conv#1'] });
    expect(nodes.map((node) => `${node.name} ← ${node.inputs.join(', ')}${node.shared ? ' (again)' : ''}`)).toEqual([
      'image ← ',
      'conv ← image',
      'relu ← conv',
      'conv#1 ← relu (again)',
      'inner.conv ← conv#1',
      'conv#2 ← inner.conv',
      'inner.conv#1 ← conv#2 (again)',
      'conv#3 ← inner.conv#1 (again)',
      'sum ← conv, conv#3',
    ]);
  });

  it('counts shared weights once, and their work at each use', () => {
    const network = tangled();
    expect(countParams(network)).toBe(3 * 84);
    expect(countMacs(network)).toBe(6 * 81 * 64);
  });

  it('reads no size that is not asked for', () => {
    const open = input({ shape: [null, null, 3], name: 'open' });
    const network = model({ inputs: open, outputs: convolution('conv').apply(open) as SymbolicTensor });
    expect(walk(network).nodes.map(({ outputShapes }) => outputShapes)).toEqual([[[null, null, 3]], [[null, null, 3]]]);
    expect(countParams(network)).toBe(84);
  });

  it('names each output of a layer with several', () => {
    const x = input({ shape: [4, 3], name: 'sequence' });
    const [all, state] = layers
      .lstm({ name: 'lstm', units: 2, returnSequences: true, returnState: true, recurrentInitializer: 'zeros' })
      .apply(x) as SymbolicTensor[];
    const { outputs, nodes } = walk(model({ inputs: x, outputs: [all!, state!] }));
    expect(outputs).toEqual(['lstm', 'lstm:1']);
    expect(nodes[1]!.outputShapes).toEqual([[4, 2], [2], [2]]);
  });
});

describe('conversion of networks that share layers and contain models', () => {
  it.each([
    ['tangled', tangled],
    [
      'sequential',
      () => sequential({ layers: [layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 3], name: 'conv' })] }),
    ],
  ])('%s: layers = compiled = ONNX', async (_, build) => {
    const network = build();
    const x = noise([2, 8, 8, 3]) as tf.Tensor4D;
    const run = await compile(network);
    const session = await InferenceSession.create(await exportOnnx(network));
    const [name] = session.inputNames;
    const results = await session.run({ [name!]: new Tensor('float32', (await x.data()) as Float32Array, x.shape) });
    const compiled = [run(x)].flat();
    for (const [i, expected] of outputsOf(network, x).entries()) {
      const values = await expected.data();
      for (const actual of [await compiled[i]!.data(), results[session.outputNames[i]!]!.data as Float32Array])
        actual.forEach((value, j) => expect(Math.abs(value - values[j]!)).toBeLessThan(1e-5));
    }
    run.dispose();
    await session.release();
  });

  it('keeps weights of a model within a model in the checkpoint', async () => {
    expect(Object.keys(await stateDict(tangled()))).toEqual([
      'conv.weight',
      'conv.bias',
      'inner.conv.weight',
      'inner.conv.bias',
    ]);
  });
});

it('names the layer that has no equivalent, and what to do', async () => {
  const x = image();
  const network = model({ inputs: x, outputs: layers.conv2d({ filters: 1, kernelSize: 1, activation: 'selu', name: 'odd' }).apply(x) as SymbolicTensor }); // prettier-ignore
  await expect(graphOf(network)).rejects.toThrow('odd: activation must be linear or one of');
  const noisy = model({ inputs: x, outputs: layers.gaussianNoise({ stddev: 1, name: 'noisy' }).apply(x) as SymbolicTensor }); // prettier-ignore
  await expect(graphOf(noisy)).rejects.toThrow(
    /^noisy: layers of class GaussianNoise cannot be converted\. Convertible are .*Replace the layer/,
  );
});

describe('a layer of the user, by a converter given as a parameter', () => {
  class Gain extends layers.Layer {
    static readonly className = 'Gain';
    readonly by: number;
    constructor(by: number) {
      super({ name: 'gain' });
      this.by = by;
    }
    override computeOutputShape(shape: (number | null)[]): (number | null)[] {
      return shape;
    }
    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      return tf.tidy(() => tf.mul([inputs].flat()[0]!, this.by));
    }
    override getConfig() {
      return { ...super.getConfig(), by: this.by };
    }
  }
  const build = () => {
    const x = input({ shape: [4, 4, 2] });
    return model({ inputs: x, outputs: new Gain(3).apply(x) as SymbolicTensor, name: 'gained' });
  };
  const converters: LayerConverters = {
    Gain: ({ config, inputShape }) => {
      const channels = inputShape.at(-1)!;
      const scale = new Float32Array(channels).fill(config['by'] as number);
      return { kind: 'affine', scale, offset: new Float32Array(channels) };
    },
  };

  it('is refused without one, by an error that shows how', async () => {
    await expect(compile(build())).rejects.toThrow("pass a converter: { converters: { 'Gain': (");
  });

  it('is compiled, and written as ONNX', async () => {
    const network = build();
    const run = await compile(network, { converters });
    const images = tf.randomNormal<tf.Rank.R4>([2, 4, 4, 2], 0, 1, 'float32', 1);
    const [wanted, found] = [network.predict(images) as tf.Tensor, run(images) as tf.Tensor];
    expect([...(await found.data())]).toEqual([...(await wanted.data())]);
    tf.dispose([images, wanted, found]);
    run.dispose();
    expect((await exportOnnx(network, { converters })).length).toBeGreaterThan(100);
    network.dispose();
  });
});
