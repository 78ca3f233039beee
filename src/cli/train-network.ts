import { readFile } from 'node:fs/promises';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { formatLoadReport, loadStateDict, parseSafetensors, type LoadReport } from '../interop';
import type { KeypointSet } from '../keypoints';
import type { PoseModel } from '../models';
import { recipeModel } from '../recipes';
import { decodeCheckpoint, freeze, loadFitting } from '../training';
import type { Terminal } from './command';
import type { TrainOptions } from './train-options';

/** The recipe's model for these keypoints, with the weights and frozen layers asked for. */
export async function trainModel(options: TrainOptions, keypointSet: KeypointSet, io: Terminal): Promise<PoseModel> {
  const { name, recipe, inputSize, seed, weights } = options;
  const model = recipeModel(recipe, { name, keypointSet, inputSize, seed });
  const { network } = model;
  try {
    if (weights !== undefined) await begin(network, weights, io);
    if (options.freeze.length > 0) freeze(network, options.freeze);
  } catch (error) {
    network.dispose();
    throw error;
  }
  const frozen = network.layers.filter((layer) => layer.weights.length > 0 && !layer.trainable).length;
  if (frozen > 0) {
    const random = weights === undefined ? '; their weights are random: give --weights' : '';
    io.warn(`${frozen} layers are frozen${random}.`);
  }
  return model;
}

/** Loads what fits, and says what did not. */
async function begin(network: LayersModel, weights: string, io: Terminal): Promise<void> {
  const [loaded, ...rest] = formatLoadReport(await loadFile(network, weights)).split('\n');
  io.warn(`${weights}: ${loaded}`);
  for (const line of rest.slice(0, 8)) io.warn(`  ${line}`);
  if (rest.length > 8) io.warn(`  and ${rest.length - 8} more`);
}

/** A checkpoint of a run, or a PyTorch state dict as safetensors: whatever fits by name and shape. */
async function loadFile(network: LayersModel, path: string): Promise<LoadReport> {
  const bytes = await readFile(path);
  const { tensors, metadata } = parseSafetensors(bytes, path);
  if (metadata['format']?.startsWith('poseblocks')) {
    const { tensors: saved } = decodeCheckpoint(bytes, path);
    const ofNetwork = Object.entries(saved).filter(([name]) => name.startsWith('network/'));
    const stripped = Object.fromEntries(ofNetwork.map(([name, value]) => [name.slice('network/'.length), value]));
    return loadFitting(network, ofNetwork.length > 0 ? stripped : saved);
  }
  return loadStateDict(network, tensors, { strict: false, mismatched: 'skip' });
}
