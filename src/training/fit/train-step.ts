import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Optimizer, Scalar } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { clipByGlobalNorm, trainableVariables } from '../gradients/gradients';
import type { Loss } from '../losses/loss';
import { checkBatch } from './check-fit-options';
import type { TrainingBatch } from './training-batch';
import { trainingPass } from '../pass/training-pass';

/**
 * Loss and gradients of one batch in training mode. Both belong to the caller.
 *
 * @throws RangeError when every weight is frozen.
 */
export function lossAndGradients<Target, Predicted>(
  network: LayersModel,
  optimizer: Optimizer,
  loss: Loss<Target, Predicted>,
  batch: TrainingBatch<Target>,
): { value: Scalar; gradients: NamedTensorMap } {
  checkBatch(batch);
  const { images, target, weights } = batch;
  const variables = trainableVariables(network);
  if (variables.length === 0) {
    throw new RangeError('fit: the network must have a weight that is not frozen. Received: none. Unfreeze a layer.');
  }
  // tfjs keeps the tensors saved on the tape when the function throws: return a harmless value, then throw.
  let failure: { error: unknown } | undefined;
  const { value, grads } = optimizer.computeGradients(() => {
    try {
      return loss(target, weights, trainingPass(network, images) as Predicted);
    } catch (error) {
      failure = { error };
      return tf.sum(variables[0]!);
    }
  }, variables);
  if (failure) {
    tf.dispose([value, ...Object.values(grads)]);
    throw failure.error;
  }
  return { value, gradients: grads };
}

/**
 * Clips on request, applies and disposes the gradients. Returns their norm before clipping, where it was computed.
 *
 * @param clipNorm largest L2 norm of all gradients together; undefined: no clipping
 * @example const norm = await applyGradients(optimizer, gradients, 1); // clipped to a norm of 1
 */
export async function applyGradients(
  optimizer: Optimizer,
  gradients: NamedTensorMap,
  clipNorm: number | undefined,
): Promise<number | undefined> {
  if (clipNorm === undefined) {
    optimizer.applyGradients(gradients);
    tf.dispose(gradients);
    return undefined;
  }
  const clipped = clipByGlobalNorm(gradients, clipNorm);
  optimizer.applyGradients(clipped.gradients);
  tf.dispose([gradients, clipped.gradients]);
  const [norm] = await clipped.norm.data();
  clipped.norm.dispose();
  return norm!;
}

/** Sets the learning rate of any optimiser of tfjs or of this library; tfjs declares the field as protected and reads it at each step. */
export function setLearningRate(optimizer: Optimizer, rate: number): void {
  Reflect.set(optimizer, 'learningRate', rate);
}

export function learningRateOf(optimizer: Optimizer): number {
  return Reflect.get(optimizer, 'learningRate') as number;
}
