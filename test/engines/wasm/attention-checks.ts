import type { Checks } from './kernel-bench';
import { randomSource, runKernel } from './kernel-bench';

/** AttentionPool and its gradient, by their definitions. */
export async function checkAttentionPool(checks: Checks): Promise<void> {
  const random = randomSource(12);
  for (const [n, h, w, c] of [
    [1, 1, 1, 4],
    [2, 5, 7, 16],
    [3, 9, 4, 21],
    [2, 24, 18, 40],
  ] as const) {
    const pixels = h * w;
    const [x, dy] = [random([n, h, w, c]), random([n, 1, 1, c])];
    const [filter, bias] = [random([1, 1, c, 1]), random([1])];
    const value = (image: number, p: number, k: number): number => x.data[(image * pixels + p) * c + k]!;
    const images = Array.from({ length: n }, (_, image) => {
      const channels = Array.from({ length: c }, (_, k) => k);
      const raw = Array.from({ length: pixels }, (_, p) =>
        Math.exp(channels.reduce((sum, k) => sum + value(image, p, k) * filter.data[k]!, bias.data[0]!)),
      );
      const total = raw.reduce((a, b) => a + b, 0);
      const weights = raw.map((e) => e / total);
      const pooled = channels.map((k) => weights.reduce((sum, weight, p) => sum + weight * value(image, p, k), 0));
      const along = (row: (k: number) => number): number =>
        channels.reduce((sum, k) => sum + row(k) * dy.data[image * c + k]!, 0);
      const mean = along((k) => pooled[k]!);
      const slopes = weights.map((weight, p) => weight * (along((k) => value(image, p, k)) - mean));
      const dx = weights.flatMap((weight, p) =>
        channels.map((k) => weight * dy.data[image * c + k]! + slopes[p]! * filter.data[k]!),
      );
      const dFilter = channels.map((k) => slopes.reduce((sum, slope, p) => sum + slope * value(image, p, k), 0));
      return { weights, pooled, dx, dFilter };
    });
    const [pooled, weights] = await runKernel('AttentionPool', { x, filter, bias }, {});
    const all = (name: 'weights' | 'pooled' | 'dx'): number[] => images.flatMap((image) => image[name]);
    checks.equal(`AttentionPool ${c}`, pooled!, all('pooled'), [n, 1, 1, c]);
    checks.equal(`AttentionPool softmax ${c}`, weights!, all('weights'), [n, pixels]);
    const inputs = { dy, x, filter, pooled: pooled!, weights: weights! };
    const [dx, dFilter, dBias] = await runKernel('AttentionPoolGrad', inputs, {});
    const ofFilter = filter.data.map((_, k) => images.reduce((sum, image) => sum + image.dFilter[k]!, 0));
    checks.equal(`AttentionPoolGrad x ${c}`, dx!, all('dx'), x.shape);
    if (pixels > 1) checks.equal(`AttentionPoolGrad filter ${c}`, dFilter!, ofFilter, filter.shape);
    // A number added to all logits changes no softmax.
    checks.equal(`AttentionPoolGrad bias ${c}`, dBias!, [0], [1]);
  }
}
