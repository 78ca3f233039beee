import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../../bytes';
import { compile } from '../../inference';
import type { KeypointSet, Size } from '../../keypoints';
import { activationMemory, countMacs, countParams } from '../../metrics';
import type { PoseModel } from '../../models';
import { measuredAccuracy, trainedBriefly, type ComparisonData, type MeasuredAccuracy } from './brief-training';
import { namedNetwork } from './named-network';

/** A network's name, or a saved model. */
export type Compared = string | { readonly name: string; readonly model: PoseModel };

/** Options of {@link compareNetworks}. */
export interface CompareOptions {
  /** People to train and evaluate on. @defaultValue no training and no evaluation */
  readonly data?: ComparisonData;
  /** Training steps of each network. Saved models are not trained. @defaultValue 0 */
  readonly steps?: number;
  /** Seeds of weights and data order; accuracy is reported for each. @defaultValue [1] */
  readonly seeds?: readonly number[];
  /** Batch size. @defaultValue 8 */
  readonly batchSize?: number;
  /** Adam's rate, the same for all; `'probe'` gives each network the best of three after a tenth of the steps. @defaultValue 'probe' */
  readonly rate?: number | 'probe';
  /** Input size `[width, height]` of named networks. @defaultValue the size that each was designed for */
  readonly inputSize?: Size;
  /** Runs for the median time; 0 measures no time. @defaultValue 10 */
  readonly runs?: number;
  /** Flip test of saved models and trained networks. @defaultValue false */
  readonly flipTest?: boolean;
  /** Receives the name of the next network. */
  readonly onProgress?: (name: string, done: number, total: number) => void;
  /** Receives all rows so far after each network. */
  readonly onRow?: (rows: readonly ComparisonRow[]) => void | Promise<void>;
  /** Rows of an interrupted comparison with the same options: networks of these names are not measured again. */
  readonly finished?: readonly ComparisonRow[];
  /** Ends the comparison. */
  readonly signal?: AbortSignal;
}

/** The results of one network. */
export interface ComparisonRow {
  readonly name: string;
  /** `[width, height]`. */
  readonly inputSize: Size;
  readonly keypoints: number;
  readonly parameters: number;
  /** Multiply–adds per sample; undefined where a layer cannot be counted. */
  readonly multiplyAdds: number | undefined;
  /** Bytes of the maps of one sample: the peak, and the total kept for a training step. */
  readonly memory: { readonly inference: number; readonly training: number };
  /** Median time of one sample, compiled, on the current engine. */
  readonly milliseconds?: number;
  /** Accuracy for each seed; a saved model has one. */
  readonly accuracy?: readonly MeasuredAccuracy[];
  /** For each seed: the loss of the first step divided by that of an empty map, the rate, and the last loss. */
  readonly training?: readonly { readonly start: number; readonly rate: number; readonly loss: number }[];
}

const KNOWN = ['data', 'steps', 'seeds', 'batchSize', 'rate', 'inputSize', 'runs', 'flipTest', 'onProgress', 'onRow', 'finished', 'signal'] as const; // prettier-ignore

/**
 * Compares networks: their size, their cost on this machine and, with data, their accuracy after the same number of training steps. All start under equal
 * conditions: the same seeds and batches, outputs scaled to the loss of an empty map (`quietOutputs`), and a rate found for each.
 *
 * @throws RangeError for an unknown name, options out of range, or training of a network whose output is not heatmaps and which has no recipe.
 * @example
 * const rows = await compareNetworks(['lpn-50-gc', 'lpn-50-se', 'lpn-50-none'], { data, steps: 200, seeds: [1, 2, 3] });
 * console.log(comparisonCsv(rows));
 */
export async function compareNetworks(
  compared: readonly Compared[],
  options: CompareOptions = {},
): Promise<ComparisonRow[]> {
  // prettier-ignore
  const { data, steps = 0, seeds = [1], runs = 10, signal, onProgress, onRow, finished = [] } = knownOptions('compareNetworks', options, KNOWN); // prettier-ignore
  for (const [name, value] of Object.entries({ steps, runs, batchSize: options.batchSize ?? 1 })) {
    if (!(Number.isInteger(value) && value >= 0))
      throw new RangeError(`compareNetworks: ${name} must be an integer of at least 0. Received: ${value}.`);
  }
  if (steps > 0 && data === undefined)
    throw new RangeError('compareNetworks: training steps need the option data. Received: none.');
  const rows: ComparisonRow[] = [];
  for (const [i, each] of compared.entries()) {
    if (signal?.aborted) break;
    const name = typeof each === 'string' ? each : each.name;
    const known = finished.find((row) => row.name === name);
    if (known !== undefined) {
      rows.push(known);
      continue;
    }
    onProgress?.(name, i, compared.length);
    const row = typeof each === 'string' ? await ofName(each, options, { steps, seeds, runs }) : await ofModel(each, options, runs); // prettier-ignore
    if (signal?.aborted) break; // it lacks seeds
    rows.push(row);
    await onRow?.(rows);
  }
  return rows;
}

interface Checked {
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly runs: number;
}

async function ofName(name: string, options: CompareOptions, { steps, seeds, runs }: Checked): Promise<ComparisonRow> {
  const named = namedNetwork(name);
  const { data } = options;
  const inputSize = options.inputSize ?? named.inputSize;
  const set: KeypointSet = data?.keypointSet ?? named.keypointSet;
  const build = (seed: number): LayersModel => named.build({ inputSize, keypoints: set.names.length, seed });
  const network = build(seeds[0]!);
  let row: ComparisonRow;
  try {
    row = { ...countsOf(named.name, network, set.names.length), ...(await timed(network, runs)) };
  } finally {
    network.dispose();
  }
  if (data === undefined || steps === 0) return row;
  const [accuracy, training] = [[], []] as [NonNullable<ComparisonRow['accuracy']>[number][], NonNullable<ComparisonRow['training']>[number][]]; // prettier-ignore
  for (const seed of seeds) {
    if (options.signal?.aborted) break;
    const result = await trainedBriefly(named, build, data, { ...options, steps, seed, inputSize });
    accuracy.push(result.accuracy);
    training.push(result.training);
  }
  return { ...row, accuracy, training };
}

async function ofModel(
  { name, model }: Exclude<Compared, string>,
  { data, flipTest = false, batchSize = 8 }: CompareOptions,
  runs: number,
): Promise<ComparisonRow> {
  const count = model.keypointSet.names.length;
  const row = { ...countsOf(name, model.network, count), ...(await timed(model.network, runs)) };
  if (data === undefined) return row;
  if (String(data.keypointSet.names) !== String(model.keypointSet.names)) {
    throw new RangeError(
      `compareNetworks: ${name} must have the keypoints of the data, ${data.keypointSet.names.join(', ')}. Received: ${model.keypointSet.names.join(', ')}.`,
    );
  }
  return { ...row, accuracy: [await measuredAccuracy(model, data, { flipTest, batchSize })] };
}

function countsOf(name: string, network: LayersModel, keypoints: number): ComparisonRow {
  const [height, width] = network.inputs[0]!.shape.slice(1) as [number, number];
  let multiplyAdds: number | undefined;
  try {
    multiplyAdds = countMacs(network);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  const memory = activationMemory(network);
  return { name, inputSize: [width, height], keypoints, parameters: countParams(network), multiplyAdds, memory };
}

/** The median time of several runs, after two warm-up runs. */
async function timed(network: LayersModel, runs: number): Promise<{ milliseconds?: number }> {
  if (runs === 0 || network.inputs.length !== 1) return {};
  const run = await compile(network);
  const images = tf.zeros<tf.Rank.R4>([1, ...run.inputShape] as [number, number, number, number]);
  const times: number[] = [];
  try {
    for (let i = -2; i < runs; i++) {
      const begun = performance.now();
      const outputs = [run(images)].flat();
      await outputs.at(-1)!.data();
      if (i >= 0) times.push(performance.now() - begun);
      tf.dispose(outputs);
    }
  } finally {
    images.dispose();
    run.dispose();
  }
  return { milliseconds: times.sort((a, b) => a - b)[Math.floor(times.length / 2)]! };
}
