import type { LayersModel } from '@tensorflow/tfjs-layers';
import { matches, type LayerMatch } from './layer-match';

/** Whether batch normalisation updates its moving statistics in training: `'move'` (PyTorch's default) or `'keep'`. */
export type FrozenStatistics = 'move' | 'keep';

/** Which layers train after freezing, by name. */
export interface FreezeReport {
  /** Numbers of layers with weights: frozen, trainable, and total. */
  readonly frozen: readonly string[];
  readonly trainable: readonly string[];
}

type Layer = LayersModel['layers'][number];
type Call = Layer['call'];

/** The original calls of tfjs' BatchNormalization layers, which have no switch for their statistics. */
const callsBefore = /* @__PURE__ */ new WeakMap<Layer, Call>();

/** @internal Whether batch normalisation is frozen with its moving statistics. */
export const keepsStatistics = (layer: Layer): boolean =>
  'frozenStatistics' in layer ? layer.frozenStatistics === true : callsBefore.has(layer);

/** @internal Whether a layer is batch normalisation, ours or that of tfjs. */
export const isBatchNormalization = (layer: Layer): boolean =>
  /^(PoseBlocks>)?BatchNormalization$/.test(layer.getClassName());

/** @internal Makes a layer trainable or not; batch normalisation also keeps or updates its moving statistics. Without `statistics` these do not change. */
export function setTrainable(layer: Layer, trainable: boolean, statistics?: FrozenStatistics): void {
  layer.trainable = trainable;
  if (statistics === undefined || !isBatchNormalization(layer)) return;
  const keep = statistics === 'keep';
  if ('frozenStatistics' in layer) {
    layer.frozenStatistics = keep;
    return;
  }
  const before = callsBefore.get(layer);
  if (keep && !before) {
    const call = layer.call;
    callsBefore.set(layer, call);
    layer.call = (inputs, kwargs) => call.call(layer, inputs, { ...kwargs, training: false });
  } else if (!keep && before) {
    layer.call = before;
    callsBefore.delete(layer);
  }
}

/** @internal The layers with weights, including those of models used as layers. */
export function weightedLayers(network: LayersModel): Layer[] {
  return network.layers.flatMap((layer) =>
    'layers' in layer ? weightedLayers(layer as unknown as LayersModel) : layer.weights.length > 0 ? [layer] : [],
  );
}

/**
 * Freezes layers by name or stage: their weights do not change. Repeated calls add to the frozen layers. {@link unfreeze} undoes it.
 *
 * The moving statistics of batch normalisation are not trained weights: they are still updated, as in PyTorch, unless `statistics` is
 * `'keep'`; the layer then normalises by them in training too. Without the option, layers whose statistics are already kept do not change.
 *
 * @throws RangeError when no layer with weights matches, or for unknown statistics.
 * @example
 * freeze(network, ['conv1', 'bn1', /^layer[123]\./], { statistics: 'keep' }).trainable; // layer4 and the head
 */
export function freeze(
  network: LayersModel,
  match: LayerMatch,
  { statistics }: { readonly statistics?: FrozenStatistics } = {},
): FreezeReport {
  checkStatistics('freeze', statistics);
  for (const layer of matching('freeze', network, match)) setTrainable(layer, false, statistics);
  return report(network);
}

/**
 * Undoes {@link freeze}, in whatever way the layers were frozen: they are trained, and moving statistics are updated.
 *
 * @throws RangeError when no layer with weights matches.
 * @example unfreeze(network, ['layer1']); // after some epochs with it frozen
 */
export function unfreeze(network: LayersModel, match: LayerMatch): FreezeReport {
  for (const layer of matching('unfreeze', network, match)) setTrainable(layer, true, 'move');
  return report(network);
}

/** @internal */
export function checkStatistics(name: string, statistics: FrozenStatistics | undefined): void {
  if (statistics !== undefined && statistics !== 'move' && statistics !== 'keep') {
    throw new RangeError(`${name}: statistics must be 'move' or 'keep'. Received: ${String(statistics)}.`);
  }
}

function matching(name: string, network: LayersModel, match: LayerMatch): Layer[] {
  const weighted = weightedLayers(network);
  const found = weighted.filter((layer) => matches(match, layer.name));
  if (found.length > 0) return found;
  const names = weighted.map((layer) => layer.name);
  throw new RangeError(
    `${name}: match must name a layer that has weights. Received: ${String(match)}; there are ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}.`,
  );
}

function report(network: LayersModel): FreezeReport {
  const weighted = weightedLayers(network);
  const names = (trainable: boolean): string[] =>
    weighted.filter((layer) => layer.trainable === trainable).map(({ name }) => name);
  return { frozen: names(false), trainable: names(true) };
}
