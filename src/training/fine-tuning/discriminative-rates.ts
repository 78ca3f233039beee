import { layerOf, matches, type LayerMatch } from '../../graph';

/**
 * Discriminative learning rates: a factor on the rate of each layer, from the first rule that matches, else 1.
 * Pass it as the `rateScale` of an optimiser.
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
