import type { LayersModel } from '@tensorflow/tfjs-layers';
import { loadStateDict, type StateDict, type StateTensor } from 'poseblocks/interop';
import { readJson } from './fixtures';

/** 32-bit FNV-1a of a key's UTF-8. */
function fnv(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The first `size` elements of the sequence that a key names, in [−0.5, 0.5), times `scale` plus `offset`. Networks have millions: plain loops. */
function fill(key: string, out: Float32Array | Float64Array, scale: number, offset: number): typeof out {
  const hash = fnv(key);
  for (let i = 0; i < out.length; i++) {
    let x = (hash + Math.imul(i, 0x9e3779b9)) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    out[i] = offset + scale * (((x ^ (x >>> 16)) >>> 0) / 4294967296 - 0.5);
  }
  return out;
}

/** The first `size` elements of the sequence that a key names, in [−0.5, 0.5). */
export const procedural = (key: string, size: number): Float64Array =>
  fill(key, new Float64Array(size), 1, 0) as Float64Array;

/** A weight of that key and PyTorch shape. Held-out weights without a file: both sides compute them. */
export function proceduralWeight(key: string, shape: readonly number[]): StateTensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const range = (): [scale: number, offset: number] => {
    if (key.endsWith('running_var')) return [0.5, 1];
    if (key.endsWith('running_mean') || key.endsWith('bias')) return [0.1, 0];
    return shape.length >= 4 ? [Math.sqrt(12 / (size / shape[0]!)), 0] : [0.2, 1];
  };
  return { shape, data: fill(key, new Float32Array(size), ...range()) as Float32Array };
}

/** `[key, shape]` of every tensor of a state dict, in PyTorch's order. `quoted/keys` has those of the systems that paper 003 compares with. */
export const keysOf = (name: string, folder = 'keys'): [string, number[]][] =>
  readJson<[string, number[]][]>(`${folder}/${name}.json`).filter(([key]) => !key.endsWith('num_batches_tracked'));

/** Loads the procedural weights of a key list. Where PyTorch's keys are named otherwise, `rename` says how. */
export function loadProcedural(
  network: LayersModel,
  keys: readonly [string, readonly number[]][],
  rename?: (key: string) => string,
): void {
  const tensors: StateDict = Object.fromEntries(keys.map(([key, shape]) => [key, proceduralWeight(key, shape)]));
  loadStateDict(network, tensors, { strict: true, ...(rename && { rename }) });
}

/** The procedural image of PyTorch shape [N, C, H, W], values in [−1, 1), as channels last. */
export function proceduralInput([n, c, h, w]: readonly [number, number, number, number]): Float32Array {
  const values = procedural('input', n * c * h * w);
  const out = new Float32Array(values.length);
  let at = 0;
  for (let i = 0; i < n; i++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) for (let k = 0; k < c; k++) out[at++] = 2 * values[((i * c + k) * h + y) * w + x]!;
  return out;
}

export interface ProceduralOutput {
  /** [N, C, H, W], or [N, K, D] of coordinates. */
  readonly shape: readonly number[];
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
  readonly absmax_index: number;
  readonly samples: [index: number, value: number][];
}

export interface ProceduralNetwork {
  readonly input_shape: [number, number, number, number];
  readonly counts: { params: number; trainable: number; bn_running: number };
  readonly outputs: ProceduralOutput[];
}

export const proceduralNetworks = (): Record<string, ProceduralNetwork> => readJson('procedural_outputs.json');

/** The same of the systems that paper 003 compares with: {@link keysOf} of `quoted/keys`. */
export const quotedProceduralNetworks = (): Record<string, ProceduralNetwork> =>
  readJson('quoted/procedural_outputs_quoted.json');
