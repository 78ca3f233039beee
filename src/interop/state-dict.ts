import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { walk, type LayerWeight } from '../graph';
import { inverse, permute, torchWeight, type TorchWeight } from './torch/torch-layout';

/** A named tensor of a checkpoint, row-major, in PyTorch's layout. */
export interface StateTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type StateDict = Readonly<Record<string, StateTensor>>;

/** What happened to the keys: of the checkpoint (`loaded`, `unexpected`) and of the network (`missing`). */
export interface LoadReport {
  readonly loaded: readonly string[];
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

interface Entry {
  readonly key: string;
  readonly weight: LayerWeight;
  readonly torch: TorchWeight;
}

/** Every weight of the network that has a PyTorch counterpart, in the order of the layers; `complete`, the others too, as they are, under their own names. */
function entries(network: LayersModel, complete: boolean): Entry[] {
  return walk(network).nodes.flatMap(({ kind, weights, shared }) =>
    (shared ? [] : weights).flatMap((weight) => {
      const torch = torchWeight(kind, weight.name, weight.shape);
      if (torch) return [{ key: `${weight.path}.${torch.suffix}`, weight, torch }];
      const own = { suffix: weight.name, shape: weight.shape };
      return complete ? [{ key: `${weight.path}.${weight.name}`, weight, torch: own }] : [];
    }),
  );
}

const listed = (keys: readonly string[]): string =>
  keys.length <= 5 ? keys.join(', ') : `${keys.slice(0, 5).join(', ')} and ${keys.length - 5} more`;

/**
 * Loads a PyTorch state dict into a network whose layers are named as PyTorch's modules, which every network here is.
 * Batch counters (`num_batches_tracked`) are passed over. Nothing is written unless everything that is to be loaded fits.
 *
 * @throws RangeError when a shape differs, or, if strict, when keys are missing or unexpected.
 * @example loadStateDict(network, tensors, { strict: false }).missing
 */
export function loadStateDict(
  network: LayersModel,
  tensors: StateDict,
  {
    strict = true,
    rename = (key) => key,
    complete = false,
  }: {
    /** Every weight of the network must be in the checkpoint, and nothing else. @defaultValue true */
    strict?: boolean;
    /** The network's key for a checkpoint's; null leaves the tensor out. @defaultValue the same */
    rename?: (key: string) => string | null;
    /** Weights that PyTorch has no counterpart of, too, as {@link stateDict} kept them. @defaultValue false */
    complete?: boolean;
  } = {},
): LoadReport {
  const byKey = new Map(entries(network, complete).map((entry) => [entry.key, entry]));
  const loaded: { key: string; entry: Entry; tensor: StateTensor }[] = [];
  const found = new Set<string>();
  const unexpected: string[] = [];
  for (const [key, tensor] of Object.entries(tensors)) {
    const target = rename(key);
    if (target === null || target.endsWith('num_batches_tracked')) continue;
    const entry = byKey.get(target);
    if (!entry) {
      unexpected.push(key);
      continue;
    }
    if (entry.weight.size !== tensor.data.length || squeezed(tensor.shape) !== squeezed(entry.torch.shape)) {
      throw new RangeError(
        `loadStateDict: ${key} must have shape [${entry.torch.shape.join(', ')}]. Received: [${tensor.shape.join(', ')}], ${tensor.data.length} numbers.`,
      );
    }
    found.add(target);
    loaded.push({ key, entry, tensor });
  }
  const missing = [...byKey.keys()].filter((key) => !found.has(key));
  if (strict && (missing.length > 0 || unexpected.length > 0)) {
    throw new RangeError(
      `loadStateDict: the keys of checkpoint and network must be the same. Received: ${missing.length} missing (${listed(missing)}), ` +
        `${unexpected.length} unexpected (${listed(unexpected)}). Pass { strict: false } to load what fits, or rename the keys.`,
    );
  }
  for (const { entry, tensor } of loaded) assign(entry, tensor.data);
  return { loaded: loaded.map(({ key }) => key), missing, unexpected };
}

/** A shape without its ones at the end, which PyTorch modules of equal meaning write differently. */
function squeezed(shape: readonly number[]): string {
  const end = shape.findLastIndex((length) => length !== 1);
  return shape.slice(0, end + 1).join();
}

function assign({ weight, torch }: Entry, data: Float32Array): void {
  // The tfjs tensor read in PyTorch's order has shape `axes.map(shape)`; undo that.
  const values = torch.axes
    ? permute(
        data,
        torch.axes.map((axis) => weight.shape[axis]!),
        inverse(torch.axes),
      )
    : data.slice();
  tf.tidy(() => weight.write(tf.tensor(values, [...weight.shape])));
}

/**
 * The weights of a network as a PyTorch state dict: what `torch.nn.Module.load_state_dict(strict=False)` takes (batch counters are not kept).
 *
 * @example const tensors = await stateDict(network); tensors['conv1.weight'].shape // [64, 3, 7, 7]
 */
export async function stateDict(
  network: LayersModel,
  {
    complete = false,
  }: {
    /** Weights that PyTorch has no counterpart of, too, in tfjs' layout under `layer.name`. @defaultValue false */
    readonly complete?: boolean;
  } = {},
): Promise<Record<string, StateTensor>> {
  const out: Record<string, StateTensor> = {};
  for (const { key, weight, torch } of entries(network, complete)) {
    const data = (await weight.read().data()) as Float32Array;
    out[key] = { shape: torch.shape, data: torch.axes ? permute(data, weight.shape, torch.axes) : data.slice() };
  }
  return out;
}
