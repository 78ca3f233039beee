import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keypointsOf } from 'poseblocks/keypoints';
import { oks } from 'poseblocks/metrics';
import { oksNms, rescore, softOksNms, type ScoredPose } from 'poseblocks/postprocess';
import examples from '../fixtures/examples.json';

const { areas, scores, oks_iou_k1_to_k2_k3, keep_thr_0_9, keep_thr_0_5, soft_keep_thr_0_5 } = examples.oks_nms;
/** The example's k1[j] = (10j, 5j), k2 = k1 + (3, −2), k3 = k1 + (40, 0). */
const people: ScoredPose[] = [
  [0, 0],
  [3, -2],
  [40, 0],
].map(([dx, dy], i) => ({
  keypoints: keypointsOf('image', Array.from({ length: 17 }, (_, j) => [10 * j + dx!, 5 * j + dy!, 1]).flat()),
  area: areas[i]!,
  score: scores[i]!,
}));

describe('the worked examples of the reference', () => {
  test('OKS between predictions', () => {
    for (const i of [1, 2]) {
      const area = (areas[0]! + areas[i]!) / 2;
      expect(oks(people[i]!.keypoints, people[0]!.keypoints, { area })).toBeCloseTo(oks_iou_k1_to_k2_k3[i - 1]!, 8);
    }
  });
  test('hard suppression', () => {
    expect(oksNms(people)).toEqual(keep_thr_0_9);
    expect(oksNms(people, { threshold: 0.5 })).toEqual(keep_thr_0_5);
  });
  test('soft suppression', () => {
    const kept = softOksNms(people, { threshold: 0.5 });
    expect(kept.map(({ index }) => index)).toEqual(soft_keep_thr_0_5);
    expect(kept[0]!.score).toBe(0.9);
    expect(kept[1]!.score).toBeCloseTo(0.7 * Math.exp(-(oks_iou_k1_to_k2_k3[1]! ** 2) / 0.5), 8);
  });
});

describe('laws', () => {
  const person = fc
    .tuple(
      fc.double({ min: 0, max: 300, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 500, max: 9000, noNaN: true }),
    )
    .map(([x, score, area]): ScoredPose => ({
      score,
      area,
      keypoints: keypointsOf('image', Array.from({ length: 17 }, (_, j) => [x + j, j * j, 1]).flat()),
    }));
  const crowd = fc.array(person, { maxLength: 12 });

  test('kept people are ranked, apart from each other, and near everyone that went', () => {
    fc.assert(
      fc.property(crowd, fc.double({ min: 0.05, max: 0.95, noNaN: true }), (some, threshold) => {
        const kept = oksNms(some, { threshold });
        const near = (a: ScoredPose, b: ScoredPose) =>
          oks(a.keypoints, b.keypoints, { area: (a.area + b.area) / 2 }) > threshold;
        kept.slice(1).forEach((i, n) => expect(some[kept[n]!]!.score).toBeGreaterThanOrEqual(some[i]!.score));
        some.forEach((one, i) => {
          const nearKept = kept.some((j) => j !== i && near(some[j]!, one) && some[j]!.score >= one.score);
          expect(kept.includes(i)).toBe(!nearKept);
        });
      }),
      { numRuns: 200 },
    );
  });

  test('soft suppression keeps everybody up to the limit, and never raises a score', () => {
    fc.assert(
      fc.property(crowd, fc.integer({ min: 1, max: 15 }), (some, maxKept) => {
        const kept = softOksNms(some, { maxKept });
        expect(new Set(kept.map(({ index }) => index)).size).toBe(Math.min(maxKept, some.length));
        kept.forEach(({ index, score }) => expect(score).toBeLessThanOrEqual(some[index]!.score));
      }),
      { numRuns: 100 },
    );
  });
});

test('rescore takes the mean of the visible keypoints', () => {
  expect(rescore(keypointsOf('image', [0, 0, 0.5, 0, 0, 0.25, 0, 0, 0.1]), 0.8)).toBeCloseTo(0.3, 12);
  expect(rescore(keypointsOf('image', [0, 0, 0.1]), 0.8)).toBe(0);
  expect(rescore(keypointsOf('image', [0, 0, 0.125]), 0.5, { visibleThreshold: 0 })).toBe(0.0625);
});

test.each<[string, () => unknown, string]>([
  ['no threshold', () => oksNms(people, { threshold: 0 }), 'oksNms: threshold must be positive. Received: 0.'],
  ['a NaN score', () => softOksNms([{ ...people[0]!, score: NaN }]), 'Received: NaN for person 0.'],
  ['sigmas of another set', () => oksNms(people, { sigmas: [1, 2] }), 'for 2 sigmas'],
])('%s is a RangeError', (_, run, message) => {
  expect(run).toThrow(RangeError);
  expect(run).toThrow(message);
});
