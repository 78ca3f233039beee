import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type LayerWeight, requireNetwork, walk } from '../graph';
import { hasFields, knownOptions, printable, requireThat, shownNames } from '../bytes';
import { planLoad, type LoadReport } from './load-report';
import { prefixesOf, withoutPrefix } from './prefixes';
import { inverse, permute, torchWeight, type TorchWeight } from './torch/torch-layout';

/** A named tensor of a checkpoint, row-major, in PyTorch's layout. */
export interface StateTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Tensors by their names in PyTorch, in PyTorch's layout. */
export type StateDict = Readonly<Record<string, StateTensor>>;

interface Entry {
  readonly key: string;
  readonly shape: readonly number[];
  readonly weight: LayerWeight;
  readonly torch: TorchWeight;
}

/** Every weight of the network with a PyTorch counterpart, in the order of the layers; with `complete`, also the others, unchanged and under their own names. */
function entries(network: LayersModel, complete: boolean): Entry[] {
  return walk(network).nodes.flatMap(({ kind, weights, shared }) =>
    (shared ? [] : weights).flatMap((weight) => {
      const torch = torchWeight(kind, weight.name, weight.shape);
      if (torch) return [{ key: `${weight.path}.${torch.suffix}`, shape: torch.shape, weight, torch }];
      const own = { suffix: weight.name, shape: weight.shape };
      return complete ? [{ key: `${weight.path}.${weight.name}`, shape: weight.shape, weight, torch: own }] : [];
    }),
  );
}

/** The first few keys, for errors. */
const listed = (keys: readonly string[]): string => shownNames(keys);

/** Options of {@link loadStateDict}. */
export interface LoadOptions {
  /** Requires that checkpoint and network have the same keys. @defaultValue true */
  strict?: boolean;
  /** Prefix of the network's keys in the checkpoint: `'module.'`, or `['backbone.', 'keypoint_head.']`. Keys without it are unchanged. @defaultValue none */
  prefix?: string | readonly string[];
  /** Treatment of mismatched keys: an error, or they are skipped and reported. @defaultValue 'error' */
  mismatched?: 'error' | 'skip';
  /** Maps a checkpoint's key, without `prefix`, to the network's; null skips the tensor. @defaultValue the same key */
  rename?: (key: string) => string | null;
  /** Also loads weights without a PyTorch counterpart, as {@link stateDict} stored them. @defaultValue false */
  complete?: boolean;
}

/**
 * Loads a PyTorch state dict into a network with the layer names of PyTorch's modules, as all networks here have.
 * Batch counters (`num_batches_tracked`) are ignored. Nothing is written unless all tensors to load match.
 *
 * Checkpoints of data-parallel training and of MMPose have prefixes before the keys. Where no key matches but would without prefixes, the error names them.
 *
 * @returns the loaded, missing, unexpected and mismatched keys
 * @throws RangeError when a shape differs, no key matches, or, with `strict`, when keys are missing or unexpected.
 * @example loadStateDict(network, readPth(bytes), { prefix: ['backbone.', 'keypoint_head.'] }) // MMPose's HRNet
 */
export function loadStateDict(network: LayersModel, tensors: StateDict, options: LoadOptions = {}): LoadReport {
  const { strict = true, prefix = [], mismatched = 'error', rename = (key: string) => key, complete = false } = knownOptions('loadStateDict', options, ['strict', 'prefix', 'mismatched', 'rename', 'complete']); // prettier-ignore
  requireNetwork('loadStateDict', network);
  requireThat(hasFields(tensors), 'loadStateDict', 'tensors must be { name: { shape, data } }', tensors, 'readSafetensors and readPth give them.'); // prettier-ignore
  const byKey = new Map(entries(network, complete).map((entry) => [entry.key, entry]));
  const prefixes = typeof prefix === 'string' ? [prefix] : prefix;
  const nameOf = (key: string): string | null => {
    const name = rename(withoutPrefix(key, prefixes));
    return name?.endsWith('num_batches_tracked') ? null : name;
  };
  const { report, writes } = planLoad(byKey, tensors, nameOf, (a, b) => squeezed(a) === squeezed(b));
  const nothing = report.loaded.length + report.mismatched.length === 0;
  if (nothing && byKey.size > 0 && (strict || Object.keys(tensors).length > 0)) refuse(byKey, tensors, report);
  const [wrong] = report.mismatched;
  if (wrong && mismatched === 'error') {
    throw new RangeError(
      `loadStateDict: ${shownNames([wrong.key])} must have shape [${wrong.network.join(', ')}]. Received: [${wrong.saved.join(', ')}], ${tensors[wrong.key]!.data.length} numbers. ` +
        `Pass { mismatched: 'skip' } to skip mismatched keys, such as a head for other keypoints.`,
    );
  }
  const { missing, unexpected } = report;
  if (strict && (missing.length > 0 || unexpected.length > 0)) {
    throw new RangeError(
      `loadStateDict: the keys of checkpoint and network must be the same. Received: ${missing.length} missing (${listed(missing)}), ` +
        `${unexpected.length} unexpected (${listed(unexpected)}). Pass { strict: false } for a partial load, or rename the keys.`,
    );
  }
  for (const [entry, tensor] of writes) assign(entry, tensor.data);
  return report;
}

/** No key matches: the error says so where prefixes are the reason; `strict: false` would load nothing either. */
function refuse(byKey: ReadonlyMap<string, Entry>, tensors: StateDict, { missing, unexpected }: LoadReport): never {
  const keys = Object.keys(tensors).filter((key) => !key.endsWith('num_batches_tracked'));
  const found = prefixesOf(keys, new Set(byKey.keys()));
  const option = found?.length === 1 ? `'${found[0]}'` : `[${found?.map((each) => `'${each}'`).join(', ')}]`;
  throw new RangeError(
    `loadStateDict: a key of the checkpoint must be the network's. Received: ${keys.length} keys (${listed(unexpected)}), none of the network's ${missing.length} (${listed(missing)}). ` +
      (found
        ? `Pass { prefix: ${printable(option)} }, with which they are.`
        : 'Does it belong to another network? Otherwise rename the keys.'),
  );
}

/** A shape without trailing ones, which equivalent PyTorch modules write differently. */
function squeezed(shape: readonly number[]): string {
  const end = shape.findLastIndex((length) => length !== 1);
  return shape.slice(0, end + 1).join();
}

function assign({ weight, torch }: Entry, data: Float32Array): void {
  // The tfjs tensor in PyTorch's order has shape `axes.map(shape)`; undo that.
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
 * The weights of a network as a PyTorch state dict for `torch.nn.Module.load_state_dict(strict=False)` (without batch counters).
 *
 * @throws TypeError when `network` is no network.
 * @example const tensors = await stateDict(network); tensors['conv1.weight'].shape // [64, 3, 7, 7]
 */
export async function stateDict(
  network: LayersModel,
  {
    complete = false,
  }: {
    /** Adds weights without a PyTorch counterpart, in tfjs layout under `layer.name`. @defaultValue false */
    readonly complete?: boolean;
  } = {},
): Promise<Record<string, StateTensor>> {
  requireNetwork('stateDict', network);
  const out: Record<string, StateTensor> = {};
  for (const { key, weight, torch } of entries(network, complete)) {
    const data = (await weight.read().data()) as Float32Array;
    out[key] = { shape: torch.shape, data: torch.axes ? permute(data, weight.shape, torch.axes) : data.slice() };
  }
  return out;
}
