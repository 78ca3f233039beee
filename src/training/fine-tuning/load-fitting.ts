import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { planLoad, type LoadReport } from '../../interop';
import { variablesOf, type NamedWeights } from '../checkpoint/named-weights';

/**
 * Partial load: loads the weights that match by name and shape, and reports the others. For a PyTorch state dict use
 * `loadStateDict(network, tensors, { strict: false, mismatched: 'skip' })`, with the same report.
 *
 * @throws RangeError when no weight matches: the weights belong to another network.
 * @example
 * const { weights } = await readBest(directoryStore('out/coco'));
 * console.log(formatLoadReport(loadFitting(lpn('lpn-50', { keypoints: 14 }), weights)));
 */
export function loadFitting(
  network: LayersModel,
  weights: NamedWeights,
  {
    rename = (name) => name,
  }: {
    /** Maps the name of a saved weight to the network's. @defaultValue the same name */
    readonly rename?: (name: string) => string;
  } = {},
): LoadReport {
  const variables = variablesOf(network);
  const { report, writes } = planLoad(variables, weights, rename);
  if (writes.length === 0) {
    const names = Object.keys(weights);
    throw new RangeError(
      `loadFitting: at least one weight must match by name and shape. Received: ${names.length} weights, the first ${names[0]}; ` +
        `the network's first is ${[...variables.keys()][0]}. Give rename, or for a PyTorch state dict use loadStateDict.`,
    );
  }
  for (const [variable, { shape, data }] of writes) {
    tf.tidy(() => variable.assign(tf.tensor(data, [...shape], 'float32')));
  }
  return report;
}
