import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { RunState } from '../fit/run-state';
import type { WeightAverage } from '../gradients/weight-average';
import { CheckpointError, type CheckpointContents } from './checkpoint-file';
import { readSavedBest, savedBest, type SavedBest } from './saved-best';
import { assignVariables, readTensors, variablesOf, type NamedWeights } from './named-weights';

/** The complete state that a run needs to resume as if it had not stopped. */
export interface Resumed {
  readonly network: LayersModel;
  readonly optimizer: Optimizer;
  readonly average?: WeightAverage | undefined;
  readonly run: RunState;
}

interface SavedState extends Omit<RunState, 'best' | 'overall'> {
  readonly optimizer: string;
  readonly iterations: number;
  readonly averageUpdates?: number;
  readonly best?: SavedBest;
  readonly overall?: SavedBest;
}

const prefixed = (prefix: string, weights: NamedWeights): NamedWeights =>
  Object.fromEntries(Object.entries(weights).map(([name, value]) => [`${prefix}/${name}`, value]));
const under = (prefix: string, weights: NamedWeights): NamedWeights =>
  Object.fromEntries(
    Object.entries(weights)
      .filter(([name]) => name.startsWith(`${prefix}/`))
      .map(([name, value]) => [name.slice(prefix.length + 1), value]),
  );

/** @internal Reads the complete state back from the device. Changes nothing. */
export async function captureTraining({ network, optimizer, average, run }: Resumed): Promise<CheckpointContents> {
  const variables = variablesOf(network);
  const stable = new Map([...variables].map(([name, variable]) => [variable.name, name]));
  const [iterations, ...slots] = await optimizer.getWeights();
  const slotName = (name: string): string => {
    const cut = name.lastIndexOf('/');
    return `${stable.get(name.slice(0, cut)) ?? name.slice(0, cut)}${name.slice(cut)}`;
  };
  const { best, overall, ...progress } = run;
  const state: SavedState = {
    ...progress,
    optimizer: optimizer.getClassName(),
    iterations: (await iterations!.tensor.data())[0]!,
    ...(average && { averageUpdates: average.updates }),
    ...(best && { best: savedBest(best) }),
    ...(overall && { overall: savedBest(overall) }),
  };
  iterations!.tensor.dispose();
  const tensors = {
    ...prefixed('network', await readTensors(variables)),
    ...prefixed('optimizer', await readTensors(slots.map(({ name, tensor }) => [slotName(name), tensor]))),
    ...(average && prefixed('average', await readTensors(average.variables))),
    ...(best && prefixed('best', best.weights)),
    ...(overall && overall !== best && prefixed('overall', overall.weights)),
  };
  return { tensors, state };
}

/**
 * @internal Restores the complete state.
 *
 * @throws CheckpointError when the optimiser or average differs from the saved one; RangeError when the
 *   network's weights differ. Nothing is changed in these cases.
 */
export async function restoreTraining(
  { tensors, state }: CheckpointContents,
  { network, optimizer, average, run }: Resumed,
): Promise<void> {
  const saved = state as SavedState;
  const { optimizer: className, iterations, averageUpdates, best, overall, ...progress } = saved;
  const must = (holds: boolean, what: string): void => {
    if (!holds) throw new CheckpointError(`restoreTraining: ${what}`);
  };
  must(
    className === optimizer.getClassName(),
    `the optimizer must be the one saved, ${className}. Received: ${optimizer.getClassName()}.`,
  );
  must(
    (average !== undefined) === (averageUpdates !== undefined),
    `a weight average must be given exactly when one was saved. Received: ${average ? 'one' : 'none'}.`,
  );
  const variables = variablesOf(network);
  const unique = new Map([...variables].map(([name, variable]) => [name, variable.name]));
  assignVariables('restoreTraining', variables, under('network', tensors));
  if (average) {
    assignVariables('restoreTraining', average.variables as Map<string, tf.Variable>, under('average', tensors));
    average.updates = averageUpdates!;
  }
  const slots = Object.entries(under('optimizer', tensors)).map(([key, { shape, data }]) => {
    const cut = key.lastIndexOf('/');
    const variable = key.slice(0, cut);
    return {
      name: `${unique.get(variable) ?? variable}${key.slice(cut)}`,
      tensor: tf.tensor(data, [...shape], 'float32'),
    };
  });
  const values = [{ name: 'iter', tensor: tf.scalar(iterations, 'int32') as tf.Tensor }, ...slots];
  await optimizer.setWeights(values);
  tf.dispose(values.map(({ tensor }) => tensor));

  Object.assign(run, progress);
  run.best = best && { ...readSavedBest(best), weights: under('best', tensors) };
  const others = under('overall', tensors);
  run.overall =
    overall && (Object.keys(others).length === 0 ? run.best : { ...readSavedBest(overall), weights: others });
}
