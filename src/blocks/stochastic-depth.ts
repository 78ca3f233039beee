import { layers } from '@tensorflow/tfjs-layers';
import { apply } from './apply';
import { identity } from './layers';
import type { Block } from './block';

/**
 * Stochastic depth (Huang et al. 2016), per sample: in training, the body of a residual is dropped with probability `rate`, and scaled by
 * 1/(1 − rate) where it is kept. Elsewhere nothing happens. [N, H, W, C] → [N, H, W, C].
 *
 * @throws RangeError when the rate is not in [0, 1).
 */
export function stochasticDepth({ rate }: { rate: number }): Block {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`stochasticDepth: rate must be in [0, 1). Received: ${rate}.`);
  if (rate === 0) return identity();
  return (x, name) => apply(layers.dropout({ rate, noiseShape: [null as unknown as number, 1, 1, 1], name }), x);
}
