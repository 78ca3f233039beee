import { tensor } from '@tensorflow/tfjs-core';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';

/** Copies tensors one after another into shared memory. */
export async function writeTensors(tensors: readonly Tensor[], into: Float32Array): Promise<void> {
  let offset = 0;
  for (const values of await Promise.all(tensors.map((one) => one.data<'float32'>()))) {
    into.set(values, offset);
    offset += values.length;
  }
}

/** Sets variables from shared memory. */
export function readVariables(variables: readonly Variable[], from: Float32Array): void {
  let offset = 0;
  for (const variable of variables) {
    const values = from.slice(offset, offset + variable.size); // a copy, because some engines keep the array
    const next = tensor(values, variable.shape);
    variable.assign(next);
    next.dispose();
    offset += variable.size;
  }
}

export function totalSize(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { size }) => sum + size, 0);
}

/** The shapes that both sides must agree on. */
export function shapesOf(tensors: readonly Tensor[]): string {
  return tensors.map(({ shape }) => `[${shape.join()}]`).join(' ');
}
