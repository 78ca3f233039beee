import { add, cast, mul, relu, step, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { input } from '../kernel-route';
import type { KernelArgs } from '../kernel-route';

/** `ReluGrad`: dy where the output y was positive. */
export function reluGradient(args: KernelArgs): TensorInfo {
  return tidy((): Tensor => mul(input(args, 'dy'), cast(step(input(args, 'y')), 'float32')));
}

/** `AddRelu`: the ReLU of a sum. */
export function addRelu(args: KernelArgs): TensorInfo {
  return tidy((): Tensor => relu(add(input(args, 'a'), input(args, 'b'))));
}
