import type { LayersModel } from '@tensorflow/tfjs-layers';
import { layerOf, matches, type LayerMatch } from './layer-match';

export interface FreezeReport {
  /** Layers that do not train now, with weights, in all. */
  readonly frozen: readonly string[];
  readonly trainable: readonly string[];
}

type Layer = LayersModel['layers'][number];
type Call = Layer['call'];
const trainedCalls = /* @__PURE__ */ new WeakMap<Layer, Call>();

/**
 * Freezes layers by name or stage: their weights stay as they are. Asked again, it adds to what is frozen.
 *
 * BatchNorm's running statistics are no trained weights: they go on moving, as in PyTorch, unless `statistics` is
 * `'keep'`; the layer then normalises by them in training too.
 *
 * @throws RangeError when no layer with weights matches.
 * @example
 * freeze(network, ['conv1', 'bn1', /^layer[123]\./], { statistics: 'keep' }).trainable; // layer4 and the head
 */
export function freeze(
  network: LayersModel,
  match: LayerMatch,
  { statistics = 'move' }: { readonly statistics?: 'move' | 'keep' } = {},
): FreezeReport {
  for (const layer of matching('freeze', network, match)) {
    layer.trainable = false;
    if (statistics === 'keep' && layer.getClassName() === 'BatchNormalization') keepStatistics(layer);
  }
  return report(network);
}

/**
 * Undoes {@link freeze}.
 *
 * @example unfreeze(network, ['layer1']); // after some epochs with it frozen
 */
export function unfreeze(network: LayersModel, match: LayerMatch): FreezeReport {
  for (const layer of matching('unfreeze', network, match)) {
    layer.trainable = true;
    const call = trainedCalls.get(layer);
    if (call) layer.call = call;
    trainedCalls.delete(layer);
  }
  return report(network);
}

function matching(where: string, network: LayersModel, match: LayerMatch): Layer[] {
  const found = network.layers.filter((layer) => layer.weights.length > 0 && matches(match, layer.name));
  if (found.length > 0) return found;
  const names = network.layers.filter((layer) => layer.weights.length > 0).map(({ name }) => name);
  throw new RangeError(
    `${where}: match must name a layer that has weights. Received: ${String(match)}; there are ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}.`,
  );
}

function keepStatistics(layer: Layer): void {
  if (trainedCalls.has(layer)) return;
  const call = layer.call;
  trainedCalls.set(layer, call);
  layer.call = (inputs, kwargs) => call.call(layer, inputs, { ...kwargs, training: false });
}

function report(network: LayersModel): FreezeReport {
  const weighted = network.layers.filter((layer) => layer.weights.length > 0);
  const names = (trainable: boolean): string[] =>
    weighted.filter((layer) => layer.trainable === trainable).map(({ name }) => name);
  return { frozen: names(false), trainable: names(true) };
}

/**
 * Discriminative learning rates: a factor on the rate for each layer, by the first rule that matches, else 1.
 * For the `rateScale` of an optimiser.
 *
 * Howard & Ruder, "Universal Language Model Fine-tuning for Text Classification", 2018, https://arxiv.org/abs/1801.06146.
 *
 * @throws RangeError when a factor is negative.
 * @example
 * adam(1e-3, { rateScale: discriminativeRates([['layer1', 0.01], ['layer2', 0.1], ['final_layer', 10]]) });
 */
export function discriminativeRates(
  rules: readonly (readonly [match: LayerMatch, factor: number])[],
): (variable: string) => number {
  for (const [match, factor] of rules) {
    if (!(factor >= 0 && Number.isFinite(factor))) {
      throw new RangeError(
        `discriminativeRates: factors must not be negative. Received: ${factor} for ${String(match)}.`,
      );
    }
  }
  return (variable) => rules.find(([match]) => matches(match, layerOf(variable)))?.[1] ?? 1;
}
