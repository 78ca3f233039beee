import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CocoAccumulator, evaluateAccumulator, oks, toCocoResult, type CocoOptions } from 'poseblocks/metrics';

const { oks_nms: example } = JSON.parse(
  readFileSync(new URL('../fixtures/examples.json', import.meta.url), 'utf8'),
) as {
  oks_nms: {
    areas: number[];
    scores: number[];
    keep_thr_0_9: number[];
    keep_thr_0_5: number[];
    soft_keep_thr_0_5: number[];
  };
};

describe('OKS-NMS', () => {
  // k1[j] = (10j, 5j), k2 = k1 + (3, -2), k3 = k1 + (40, 0), with areas given as boxes
  const shifts = [
    [0, 0],
    [3, -2],
    [40, 0],
  ] as const;
  const results = shifts.map(([dx, dy], i) => ({
    image_id: 1,
    category_id: 1,
    score: example.scores[i]!,
    bbox: [0, 0, example.areas[i]!, 1],
    keypoints: Array.from({ length: 17 }, (_, j) => [10 * j + dx, 5 * j + dy, 1]).flat(),
  }));
  const reranked = (options: CocoOptions) => {
    const accumulator = new CocoAccumulator({ categories: [1], ...options }).addResults(results);
    const { scores, kept } = evaluateAccumulator(accumulator).reranking!;
    const stay = results.flatMap((_, i) => (kept![i] === 1 ? [i] : []));
    return { order: stay.sort((a, b) => scores[b]! - scores[a]!), scores: Array.from(scores) };
  };

  it('keeps what HRNet keeps', () => {
    expect(reranked({ nms: {} }).order).toEqual(example.keep_thr_0_9);
    expect(reranked({ nms: { threshold: 0.5 } }).order).toEqual(example.keep_thr_0_5);
  });

  it('lowers scores when soft', () => {
    const { order, scores } = reranked({ nms: { threshold: 0.5, soft: true } });
    expect(order).toEqual(example.soft_keep_thr_0_5);
    expect(scores[0]).toBe(0.9);
    // The second is lowered by the first, then by the third, which overtook it.
    const similar = oks(results[2]!.keypoints, results[1]!.keypoints, { area: 5000 });
    expect(scores[1]).toBeCloseTo(0.8 * Math.exp(-(0.86901619 ** 2 + similar ** 2) / 0.5), 7);
    expect(reranked({ nms: { soft: true, maxKept: 1 } }).order).toEqual([0]);
  });
});

describe('rescoring', () => {
  it('multiplies by the mean of the visible keypoints, as toCocoResult does', () => {
    const pose = { xy: new Float64Array(34), score: Float64Array.from({ length: 17 }, (_, k) => k / 20) };
    const expected = toCocoResult(pose, { imageId: 3, boxScore: 0.5 });
    const accumulator = new CocoAccumulator({ rescore: {} }).addResults([{ ...expected, score: 0.5 }]);
    expect(evaluateAccumulator(accumulator).reranking!.scores[0]).toBe(expected.score);
    expect(expected.score).toBeCloseTo(0.5 * ((5 + 16) / 2 / 20), 12); // k = 5 … 16: 0.2 itself is not above 0.2
  });

  it('gives 0 when no keypoint is visible', () => {
    const pose = { xy: new Float64Array(34), score: new Float64Array(17).fill(0.1) };
    expect(toCocoResult(pose, { imageId: 3 }).score).toBe(0);
  });
});
