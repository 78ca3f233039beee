import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { variablesOf, type NamedWeights } from '../checkpoint/named-weights';

/** What became of every weight. */
export interface FittingReport {
  readonly loaded: readonly string[];
  /** Of the network's name, but another shape: a head for other keypoints, say. */
  readonly misshapen: readonly { readonly name: string; readonly saved: string; readonly network: string }[];
  /** Weights of the network that were not among those saved: they keep what they had. */
  readonly missing: readonly string[];
  /** Saved weights that the network has no place for. */
  readonly unexpected: readonly string[];
}

/**
 * Loads the weights that fit by name and shape, and reports the others.
 *
 * @throws RangeError when nothing fits at all: then the weights are of another network.
 * @example
 * const { weights } = await readBest(directoryStore('out/coco'));
 * console.log(formatFitting(loadFitting(lpn('lpn-50', { keypoints: 14 }), weights)));
 */
export function loadFitting(
  network: LayersModel,
  weights: NamedWeights,
  {
    rename = (name) => name,
  }: {
    /** The network's name for a saved one. @defaultValue the same */
    readonly rename?: (name: string) => string;
  } = {},
): FittingReport {
  const variables = variablesOf(network);
  const saved = new Map(Object.entries(weights).map(([name, value]) => [rename(name), value]));
  const fitting = [...variables].filter(([name, { shape }]) => saved.get(name)?.shape.join() === shape.join());
  if (fitting.length === 0) {
    throw new RangeError(
      `loadFitting: at least one weight must fit by name and shape. Received: ${saved.size} weights, the first ${[...saved.keys()][0]}; ` +
        `the network's first is ${[...variables.keys()][0]}. Give rename, or for a PyTorch state dict use loadStateDict.`,
    );
  }
  for (const [name, variable] of fitting) {
    const { shape, data } = saved.get(name)!;
    tf.tidy(() => variable.assign(tf.tensor(data, [...shape], 'float32')));
  }
  const loaded = fitting.map(([name]) => name);
  const rest = [...variables].filter(([name]) => !loaded.includes(name));
  return {
    loaded,
    misshapen: rest.flatMap(([name, { shape }]) => {
      const other = saved.get(name);
      return other ? [{ name, saved: `[${other.shape}]`, network: `[${shape}]` }] : [];
    }),
    missing: rest.flatMap(([name]) => (saved.has(name) ? [] : [name])),
    unexpected: [...saved.keys()].filter((name) => !variables.has(name)),
  };
}

/** The report in lines: `398 weights loaded`, then every one that was not, and why. */
export function formatFitting({ loaded, misshapen, missing, unexpected }: FittingReport): string {
  return [
    `${loaded.length} weights loaded`,
    ...misshapen.map(({ name, saved, network }) => `not loaded: ${name}, saved ${saved}, in the network ${network}`),
    ...missing.map((name) => `not loaded: ${name}, not among those saved`),
    ...unexpected.map((name) => `not used: ${name}`),
  ].join('\n');
}
