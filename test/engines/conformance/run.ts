import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { relativeError } from '../../support/reference-kernels';
import type { Case } from './case';
import { convolutionCases } from './convolution-cases';
import { elementwiseCases } from './elementwise-cases';
import { layoutCases } from './layout-cases';
import { reductionCases } from './reduction-cases';

/** What an engine's kernel was found to do. */
export interface KernelResult {
  checks: number;
  /** The largest |computed − float64| over the checks, relative to the largest float64. */
  worst: number;
  /** What the engine said instead of computing. */
  error?: string;
}
export type Conformance = Record<string, KernelResult>;

/** Puts the current engine through every case, forward and gradients, with the float64 definitions as the judge. */
export async function runConformance(): Promise<Conformance> {
  const results: Conformance = {};
  for (const cases of [elementwiseCases(), reductionCases(), layoutCases(), convolutionCases()]) {
    for (const one of cases) {
      await record(results, one.kernel, () => forward(one));
      if (one.gradients !== false) await gradients(results, one);
    }
  }
  return results;
}

async function record(results: Conformance, row: string, check: () => Promise<number>): Promise<void> {
  const result = (results[row] ??= { checks: 0, worst: 0 });
  const tensors = tf.memory().numTensors;
  try {
    const error = await check();
    result.checks++;
    result.worst = Math.max(result.worst, error);
    if (tf.memory().numTensors !== tensors) result.error ??= 'leaks tensors';
  } catch (error) {
    result.error ??= (error as Error).message.split('\n')[0]!.slice(0, 160);
  }
}

async function forward({ inputs, run, reference }: Case): Promise<number> {
  const output = tf.tidy(() => run(...inputs.map(({ data, shape }) => tf.tensor(data, [...shape]))));
  const computed = await output.data();
  output.dispose();
  return relativeError(computed, reference(...inputs.map(({ data }) => data)));
}

/** The gradients of Σ dy · op(inputs), against central differences of the float64 definition. */
async function gradients(results: Conformance, one: Case): Promise<void> {
  const rows = one.gradients || one.inputs.map(() => `${one.kernel} gradient`);
  const data = one.inputs.map((input) => input.data);
  const size = one.reference(...data).length;
  const weights = Float32Array.from({ length: size }, (_, i) => Math.cos(i + 1));
  for (const [index, row] of rows.entries()) {
    if (row === null) continue;
    await record(results, row, async () => {
      const gradient = tf.tidy(() => {
        const tensors = one.inputs.map(({ data, shape }) => tf.tensor(data, [...shape]));
        const sum = (x: Tensor): tf.Scalar => {
          const output = one.run(...tensors.map((tensor, i) => (i === index ? x : tensor)));
          return tf.sum(tf.mul(output, tf.tensor(weights, output.shape)));
        };
        return tf.grad(sum)(tensors[index]!);
      });
      const computed = await gradient.data();
      gradient.dispose();
      return relativeError(computed, (one.exact ?? differences(one))(index, weights, data));
    });
  }
}

/** Central differences, exact to 1e-8 for what the cases hold. */
function differences({ reference }: Case): NonNullable<Case['exact']> {
  return (index, dy, inputs) => {
    const step = 1e-4;
    const moved = inputs.map((values) => Float64Array.from(values));
    const moving = moved[index]!;
    const sum = (): number => {
      const output = reference(...moved);
      let total = 0;
      for (let i = 0; i < output.length; i++) total += output[i]! * dy[i]!;
      return total;
    };
    return moving.map((centre, i) => {
      moving[i] = centre + step;
      const above = sum();
      moving[i] = centre - step;
      const below = sum();
      moving[i] = centre;
      return (above - below) / (2 * step);
    });
  };
}
