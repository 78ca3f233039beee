import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { registerLayers } from 'poseblocks/heads';
import { loadStateDict, type StateDict } from 'poseblocks/interop';
import { describe, expect, it } from 'vitest';
import { expectClose, expectRelative } from './close';
import { describeEngines, type NodeEngine } from './engines';
import { readBlockFixture, withPrefix } from './fixtures';
import {
  networkOf,
  noise,
  outputsOf,
  reload,
  shapesOf,
  toChannelsLast,
  variablesOf,
  type AnyBlock,
  type Shape,
} from './network';

export interface BlockExpectation {
  /** [height, width, channels] of the input, or of each. */
  input: Shape | readonly Shape[];
  /** [height, width, channels] of each output. */
  output: Shape | readonly Shape[];
  /** Trainable parameters. */
  params: number;
  /** Name of the PyTorch fixture. */
  golden?: string;
  /** Where it lies. @defaultValue 'blocks' */
  folder?: string;
  /** Where the fixture's keys differ from the block's own. */
  rename?: (key: string) => string;
  /** Weights (without the block's name) whose gradient is zero by construction, and why. */
  zeroGradient?: Readonly<Record<string, string>>;
  /** A fixture with float64's gradients, to be met in place of the stored ones of the same names, and how far float32 took those off. */
  exactGradients?: { readonly fixture: string; readonly measured: string };
}

/** Normal numbers for each input. */
const noises = (input: BlockExpectation['input'], batch: number): tf.Tensor[] =>
  shapesOf(input).map((shape, i) => noise([batch, ...shape], 1 + i));

/** Asks a block every question that every block must answer. See the architecture page of the docs. */
export function describeBlock(name: string, block: AnyBlock, expectation: BlockExpectation): void {
  describe(name, () => {
    const { input, params } = expectation;
    const shapes = shapesOf(expectation.output).map((shape) => [...shape]);

    describeEngines('', (engine) => {
      it('has the shape it says, symbolically and at run time', () => {
        const network = networkOf(block, input);
        const x = noises(input, 2);
        const outputs = outputsOf(network, x);
        expect(network.outputs.map(({ shape }) => shape.slice(1))).toEqual(shapes);
        expect(outputs.map(({ shape }) => shape)).toEqual(shapes.map((shape) => [2, ...shape]));
        tf.dispose([...x, ...outputs]);
        network.dispose();
      });

      if (params === 0) {
        it('takes a gradient to its input, and leaks nothing', async () => {
          const network = networkOf(block, input);
          const xs = noises(input, 2);
          const step = (): tf.Tensor[] =>
            tf.grads((...at) =>
              tf.addN(outputsOf(network, at, true).map((y, i) => tf.sum(tf.mul(y, noise(y.shape, 7 + i))))),
            )(xs);
          tf.dispose(step());
          const before = tf.memory().numTensors;
          const grads = step();
          for (const [i, grad] of grads.entries()) {
            expect(grad.shape).toEqual(xs[i]!.shape);
            expect(Math.max(...(await grad.data()).map(Math.abs)), `input ${i}`).toBeGreaterThan(0);
          }
          tf.dispose(grads);
          expect(tf.memory().numTensors).toBe(before);
          tf.dispose(xs);
          network.dispose();
        });
      } else {
        it('takes a gradient to every trainable weight, and leaks nothing', async () => {
          const network = networkOf(block, input);
          const x = noises(input, 2);
          const step = (): { grads: tf.NamedTensorMap; value: tf.Scalar } =>
            tf.variableGrads(
              () =>
                tf.addN(
                  outputsOf(network, x, true).map((y, i) => tf.sum(tf.mul(y, noise(y.shape, 7 + i)))),
                ) as tf.Scalar,
            );
          tf.dispose(step() as unknown as tf.TensorContainer);
          const before = tf.memory().numTensors;
          const { grads, value } = step();
          const names = new Map([...variablesOf(network)].map(([key, variable]) => [variable.name, key]));
          for (const [variable, grad] of Object.entries(grads)) {
            const key = names.get(variable)!.replace(/^block\.?/, '');
            const largest = Math.max(...(await grad.data()).map(Math.abs));
            expect(Number.isFinite(largest), key).toBe(true);
            if (!(key in (expectation.zeroGradient ?? {}))) expect(largest, key).toBeGreaterThan(0);
          }
          expect(Object.keys(grads).length).toBe(network.trainableWeights.length);
          tf.dispose([value, ...Object.values(grads)]);
          expect(tf.memory().numTensors).toBe(before);
          tf.dispose(x);
          network.dispose();
        });
      }

      it('trains after loading as after building, bit for bit', async () => {
        registerLayers();
        const built = networkOf(block, input);
        const loaded = await reload(built);
        const xs = noises(input, 2);
        const [before, after] = [await trainedOnce(built, xs), await trainedOnce(loaded, xs)];
        expect([...after.keys()]).toEqual([...before.keys()]);
        for (const [key, values] of before) expect(after.get(key), key).toEqual(values);
        tf.dispose(xs);
        built.dispose();
        loaded.dispose();
      });

      if (expectation.golden) describeGolden(block, expectation, engine);
    });

    describeEngines(
      '',
      () => {
        it('has the parameters it says, under names of its own', () => {
          const [a, b] = [networkOf(block, input, 'a'), networkOf(block, input, 'b')];
          const keys = (network: typeof a): string[] => [...variablesOf(network).keys()];
          expect(
            a.countParams() -
              a.nonTrainableWeights.reduce((n, w) => n + w.shape.reduce<number>((p, d) => p * d!, 1), 0),
          ).toBe(params);
          expect(keys(a).filter((key) => keys(b).includes(key))).toEqual([]);
          expect(new Set(keys(a)).size).toBe(keys(a).length);
          a.dispose();
          b.dispose();
        });

        it('saves and loads, bit for bit', async () => {
          registerLayers();
          const network = networkOf(block, input);
          const loaded = await reload(network);
          const x = noises(input, 1);
          const [before, after] = [outputsOf(network, x), outputsOf(loaded, x)];
          for (const [i, y] of before.entries()) expect(await after[i]!.data()).toEqual(await y.data());
          tf.dispose([...x, ...before, ...after]);
          network.dispose();
          loaded.dispose();
        });
      },
      ['wasm'],
    );
  });
}

/** One step of SGD: what it leaves in every weight, statistics included, and the gradient of every input. */
async function trainedOnce(network: LayersModel, xs: readonly tf.Tensor[]): Promise<Map<string, tf.TypedArray>> {
  const inputs = xs.map((x, i) => tf.variable(x, true, `input-${i}-${++inputsMade}`));
  const trainable = network.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { value, grads } = tf.variableGrads(
    () =>
      tf.addN(outputsOf(network, inputs, true).map((y, i) => tf.sum(tf.mul(y, noise(y.shape, 7 + i))))) as tf.Scalar,
    [...trainable, ...inputs],
  );
  tf.tidy(() => trainable.forEach((variable) => variable.assign(tf.sub(variable, tf.mul(grads[variable.name]!, 0.1)))));
  const tensors = [
    ...variablesOf(network),
    ...inputs.map((input, i) => [`gradient of input ${i}`, grads[input.name]!] as const),
  ];
  const read = tensors.map(async ([key, tensor]) => [key, await tensor.data()] as const);
  const values = new Map(await Promise.all(read));
  tf.dispose([value, ...Object.values(grads), ...inputs]);
  return values;
}
let inputsMade = 0;

/** Values, running statistics and gradients as PyTorch's. */
function describeGolden(
  block: AnyBlock,
  { input, golden, folder, rename = (key) => key, zeroGradient = {}, exactGradients }: BlockExpectation,
  engine: NodeEngine,
): void {
  const { tensors } = readBlockFixture(golden!, folder);
  const exact = exactGradients ? readBlockFixture(exactGradients.fixture, folder).tensors : {};
  const key = (torch: string): string => `block.${rename(torch)}`.replace(/\.\./g, '.');
  const build = (state: StateDict, strict: boolean): ReturnType<typeof networkOf> => {
    const network = networkOf(block, input);
    loadStateDict(network, state, { rename: key, strict });
    return network;
  };
  const expected = (prefix: string): tf.Tensor[] =>
    Object.entries(tensors)
      .filter(([name]) => name === prefix || new RegExp(`^${prefix.replace('.', '\\.')}\\.\\d+$`).test(name))
      .map(([, tensor]) => toChannelsLast(tensor));

  it('equals PyTorch in evaluation', async () => {
    const network = build(withPrefix(tensors, 'state.'), true);
    const x = expected('input');
    const [actual, wanted] = [outputsOf(network, x), expected('eval_output')];
    expect(wanted.length).toBe(actual.length);
    for (const [i, y] of actual.entries()) expectClose(await y.data(), await wanted[i]!.data(), 1e-5, `output ${i}`);
    tf.dispose([...x, ...actual, ...wanted]);
    network.dispose();
  });

  const training = async (stored: StateDict): Promise<void> => {
    const network = build(withPrefix(tensors, 'state.'), true);
    const xs = expected('input').map((x, i) =>
      tf.variable(x, true, `fixture-input-${i}-${golden}-${tf.backend().constructor.name}-${Math.random()}`),
    );
    const cotangents = expected('cotangent');
    const outputs: tf.Tensor[] = [];
    const trainable = network.trainableWeights.map((w) => (w as unknown as { val: tf.Variable }).val);
    const { value, grads } = tf.variableGrads(() => {
      const ys = outputsOf(network, xs, true);
      outputs.push(...ys.map((y) => tf.keep(tf.clone(y))));
      return tf.addN(ys.map((y, i) => tf.sum(tf.mul(y, cotangents[i]!)))) as tf.Scalar;
    }, [...trainable, ...xs]);

    const wanted = expected('train_output');
    for (const [i, y] of outputs.entries())
      expectClose(await y.data(), await wanted[i]!.data(), 1e-5, `training output ${i}`);

    // PyTorch's tensors, brought to our layout by loading them where weights go.
    const after = build(withPrefix(tensors, 'after_train.'), false);
    const statistics = Object.keys(withPrefix(tensors, 'after_train.')).length;
    const moved = [...variablesOf(after)].filter(([name]) => /\/moving_/.test(name));
    expect(moved.length).toBe(statistics);
    const variables = variablesOf(network);
    for (const [name, variable] of moved)
      expectClose(await variables.get(name)!.data(), await variable.data(), 1e-5, name);

    const gradients = build(withPrefix(stored, 'grad.'), false);
    const byKey = variablesOf(gradients);
    // Rounding is as large as what is summed: the floor of the comparison is two ulp of the largest gradient of all.
    let largest = 1;
    for (const gradient of byKey.values()) {
      for (const value of await gradient.data()) largest = Math.max(largest, Math.abs(value));
    }
    for (const [name, variable] of variables) {
      const grad = grads[variable.name];
      if (!grad) continue;
      const values = await grad.data();
      // Where the true gradient is zero, both have only their own rounding.
      if (name.replace(/^block\.?/, '') in zeroGradient)
        expectClose(values, new Float32Array(values.length), 1e-5 * largest, `gradient of ${name}`);
      else
        expectRelative(
          values,
          await byKey.get(name)!.data(),
          1e-4,
          `gradient of ${name}`,
          Math.max(1e-2, 2.4e-3 * largest),
        );
    }
    const dxs = expected('grad.input');
    for (const [i, dx] of dxs.entries())
      expectRelative(await grads[xs[i]!.name]!.data(), await dx.data(), 1e-4, `gradient of input ${i}`);
    tf.dispose([...xs, value, ...dxs, ...Object.values(grads), ...outputs, ...wanted, ...cotangents]);
    for (const each of [network, after, gradients]) each.dispose();
  };
  it('equals PyTorch in training: output, running statistics, gradients', () => training({ ...tensors, ...exact }));
  if (exactGradients && engine === 'wasm')
    it.skip(`equals the gradients as float32 stored them: ${exactGradients.measured}`, () => training(tensors));
}
