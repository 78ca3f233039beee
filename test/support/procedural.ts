import type { LayersModel } from '@tensorflow/tfjs-layers';
import { loadStateDict, type StateDict, type StateTensor } from 'poseblocks/interop';
import { readJson } from './fixtures';

/** 32-bit FNV-1a of a key's UTF-8. */
function fnv(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Element `i` of the sequence that a key names, in [−0.5, 0.5). */
export function procedural(key: string, size: number): Float64Array {
  const hash = fnv(key);
  return Float64Array.from({ length: size }, (_, i) => {
    let x = (hash + Math.imul(i, 0x9e3779b9)) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32 - 0.5;
  });
}

/** A weight of that key and PyTorch shape. Held-out weights without a file: both sides compute them. */
export function proceduralWeight(key: string, shape: readonly number[]): StateTensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const scale = shape.length >= 4 ? Math.sqrt(12 / (size / shape[0]!)) : 0.2;
  const value = (u: number): number => {
    if (key.endsWith('running_var')) return 1 + 0.5 * u;
    if (key.endsWith('running_mean') || key.endsWith('bias')) return 0.1 * u;
    return shape.length >= 4 ? u * scale : 1 + scale * u;
  };
  return { shape, data: Float32Array.from(procedural(key, size), value) };
}

/** `[key, shape]` of every tensor of a state dict, in PyTorch's order. */
export const keysOf = (name: string): [string, number[]][] =>
  readJson<[string, number[]][]>(`keys/${name}.json`).filter(([key]) => !key.endsWith('num_batches_tracked'));

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
  readonly shape: [number, number, number, number];
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
