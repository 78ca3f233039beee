import { readFile } from 'node:fs/promises';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { formatLoadReport } from '../interop';
import type { KeypointSet } from '../keypoints';
import type { PoseModel } from '../models';
import { recipeModel } from '../recipes';
import { freeze, loadWeights } from '../training';
import type { Terminal } from './command';
import type { TrainOptions } from './train-options';

/** The recipe's model for these keypoints, with the given weights and frozen layers. */
export async function trainModel(options: TrainOptions, keypointSet: KeypointSet, io: Terminal): Promise<PoseModel> {
  const { name, recipe, inputSize, seed, weights } = options;
  const model = recipeModel(recipe, { name, keypointSet, inputSize, seed });
  const { network } = model;
  try {
    if (weights !== undefined) await begin(network, keypointSet, weights, io);
    if (options.freeze.length > 0) freeze(network, options.freeze);
  } catch (error) {
    network.dispose();
    throw error;
  }
  const frozen = network.layers.filter((layer) => layer.weights.length > 0 && !layer.trainable).length;
  if (frozen > 0) {
    const random = weights === undefined ? ', but their weights are random: give --weights' : '';
    io.warn(`${frozen} layers are frozen${random}.`);
  }
  return model;
}

/** Loads the matching weights, and reports the others. */
async function begin(network: LayersModel, keypointSet: KeypointSet, path: string, io: Terminal): Promise<void> {
  const report = await loadWeights(network, await readFile(path), path, { keypointSet });
  const [loaded, ...rest] = formatLoadReport(report).split('\n');
  const without = report.prefixes.length > 0 ? `, without ${report.prefixes.join(', ')} before their names` : '';
  io.warn(`${path}: ${loaded}${without}`);
  if (report.matched.length > 0) io.warn(`  of ${report.matched.join(', ')} the keypoints of the same names`);
  for (const line of rest.slice(0, 8)) io.warn(`  ${line}`);
  if (rest.length > 8) io.warn(`  and ${rest.length - 8} more`);
}
