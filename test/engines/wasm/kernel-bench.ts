import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { relativeError } from '../../support/reference-kernels';
import type { Numbers } from '../../support/reference-kernels';

export interface Values {
  readonly shape: number[];
  readonly data: Float32Array;
}

/** Reproducible uniform numbers in [−1, 1). */
export function randomSource(seed: number): (shape: number[]) => Values {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return (shape) => ({ shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next) });
}

/** Runs a kernel on the current engine and requires that it leaves nothing but its outputs behind. */
export async function runKernel(
  name: string,
  inputs: Record<string, Values> | Values[],
  attrs: object,
): Promise<{ shape: number[]; data: Float32Array }[]> {
  const make = (v: Values): tf.Tensor => tf.tensor(v.data, v.shape);
  const tensors = Array.isArray(inputs)
    ? (inputs.map(make) as unknown as tf.NamedTensorMap)
    : Object.fromEntries(Object.entries(inputs).map(([key, v]) => [key, make(v)]));
  const before = tf.memory();
  const stored = tf.engine().backend.numDataIds();
  const result = tf.engine().runKernel(name, tensors, attrs as tf.NamedAttrMap) as tf.Tensor | tf.Tensor[];
  const outputs = Array.isArray(result) ? result : [result];
  expect(tf.memory().numTensors - before.numTensors, `${name} leaves tensors behind`).toBe(outputs.length);
  const data = new Set(outputs.map((t) => t.dataId)).size;
  expect(tf.engine().backend.numDataIds() - stored, `${name} leaves data behind`).toBe(data);
  const read = await Promise.all(
    outputs.map(async (t) => ({ shape: t.shape, data: (await t.data()) as Float32Array })),
  );
  tf.dispose(outputs);
  tf.dispose(tensors);
  return read;
}

/** Collects the worst relative error over many checks, so that a thousand of them make one test. */
export class Checks {
  count = 0;
  worst = 0;
  readonly failures: string[] = [];

  async kernel(
    label: string,
    call: readonly [name: string, inputs: Record<string, Values>, attrs: object],
    wanted: Numbers,
    shape: readonly number[],
  ): Promise<void> {
    const [got] = await runKernel(...call);
    this.equal(label, got!, wanted, shape);
  }

  equal(label: string, got: { shape: number[]; data: Numbers }, wanted: Numbers, shape: readonly number[]): void {
    const error = relativeError(got.data, wanted);
    this.count++;
    this.worst = Math.max(this.worst, error);
    if (!(error <= 1e-5) || got.shape.join() !== shape.join()) {
      this.failures.push(`${label}: error ${error.toExponential(1)}, shape [${got.shape.join()}]`);
    }
  }

  expectAllWithin(atLeast: number): void {
    expect(this.failures).toEqual([]);
    expect(this.count).toBeGreaterThanOrEqual(atLeast);
  }
}
