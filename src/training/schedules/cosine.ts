import { checkPositive, type Schedule } from './schedule';

/**
 * Half a cosine from `rate` at time 0 to `to` at time `over`, constant afterwards: PyTorch's
 * CosineAnnealingLR. Loshchilov & Hutter, "SGDR", 2017, https://arxiv.org/abs/1608.03983.
 *
 * @param options.to the final rate. @defaultValue 0
 * @throws RangeError when rate or over is not positive.
 * @example
 * cosine({ rate: 1e-3, over: 100 })(50); // 5e-4
 */
export function cosine(options: { readonly rate: number; readonly over: number; readonly to?: number }): Schedule {
  const { rate, over, to = 0 } = options;
  checkPositive('cosine', { rate, over });
  return (time) => to + 0.5 * (rate - to) * (1 + Math.cos(Math.PI * Math.min(Math.max(time / over, 0), 1)));
}
