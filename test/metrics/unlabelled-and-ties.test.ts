import { auc, epe, evaluateCoco, nme, pck, suppressDuplicates } from 'poseblocks/metrics';
import { oksNms, softOksNms, type ScoredPose } from 'poseblocks/postprocess';
import { describe, expect, it } from 'vitest';

describe('what is not labelled is not looked at', () => {
  const truth = [{ xy: [0, 0, NaN, NaN], score: [2, 0] }, { xy: [10, 0, 20, 0], score: [1, 2] }]; // prettier-ignore
  const found = [{ xy: [3, 4, 1, 1], score: [1, 1] }, { xy: [10, 0, 20, 5], score: [1, 1] }]; // prettier-ignore
  const lost = [{ xy: [3, 4, NaN, Infinity], score: [1, 1] }, found[1]!];

  it.each([['in the truth', found], ['in the prediction, too', lost]])('NaN %s', (_, predicted) => {
    expect(epe(predicted, truth).perKeypoint).toEqual([2.5, 5]);
    expect(nme(predicted, truth, 10).perKeypoint).toEqual([0.25, 0.5]);
    expect(pck(predicted, truth, { normalizer: 10, threshold: 0.4 }).perKeypoint).toEqual([0.5, 0]);
    expect(auc(predicted, truth, { normalizer: 10, max: 1, steps: 10 }).counts).toEqual([2, 1]);
    const triplets = (pose: (typeof truth)[number]): number[] => pose.score.flatMap((v, k) => [pose.xy[2 * k]!, pose.xy[2 * k + 1]!, v]); // prettier-ignore
    expect(epe(predicted, truth.map(triplets)).perKeypoint).toEqual([2.5, 5]);
  }); // prettier-ignore

  it('NaN at what is labelled stays an error', () => {
    expect(() => epe([{ xy: [NaN, 0], score: [1] }], [{ xy: [0, 0], score: [2] }])).toThrow('predicted[0]: xy[0] must be a finite number');
    expect(() => epe([{ xy: [0, 0], score: [1] }], [{ xy: [0, NaN], score: [1] }])).toThrow('truth[0]: xy[1] must be a finite number');
  }); // prettier-ignore
});

describe('auc', () => {
  const [truth, predicted] = [[[0, 0, 2]], [[4, 0, 1]]];
  it('by the trapezoid rule, or by the left sum, as MMPose has it', () => {
    // Correct from 0.4 on: of thresholds 0, 0.1 … 0.9 six are, and between 0.3 and 0.4 half a step.
    const options = { normalizer: 10, max: 1, steps: 10 };
    expect(auc(predicted, truth, options).mean).toBeCloseTo(0.65, 12);
    expect(auc(predicted, truth, { ...options, rule: 'left' }).mean).toBeCloseTo(0.6, 12);
    expect(() => auc(predicted, truth, { ...options, rule: 'simpson' as never })).toThrow("'trapezoid' or 'left'. Received: simpson.");
  }); // prettier-ignore
});

describe('of equal scores the last comes first, as by argsort()[::-1]', () => {
  const pose = (x: number, score: number): ScoredPose => ({
    keypoints: { frame: 'image', xy: new Float32Array(34).fill(x), score: new Float32Array(17).fill(1) },
    score,
    area: 1e4,
  });

  it('in OKS-NMS, hard and soft', () => {
    const people = [pose(0, 0.5), pose(500, 0.9), pose(0, 0.5), pose(500, 0.9)];
    expect(oksNms(people)).toEqual([3, 2]);
    // After the first has lowered the second's score, the order of what is left is turned round once more.
    expect(softOksNms(people).map(({ index }) => index).slice(0, 2)).toEqual([3, 0]); // prettier-ignore
  });

  it('when scores become equal', () => {
    const scores = [1, 0.5, 0.5, 0.5];
    expect(suppressDuplicates([0, 1, 2, 3], scores, () => 0, { threshold: 1, soft: true })).toEqual([0, 3, 1, 2]);
  });

  it('in the evaluation', () => {
    const keypoints = (x: number): number[] => Array.from({ length: 51 }, (_, i) => (i % 3 === 2 ? 2 : x));
    const person = { id: 1, image_id: 1, category_id: 1, keypoints: keypoints(100), num_keypoints: 17, area: 1e4, bbox: [0, 0, 200, 200], iscrowd: 0 }; // prettier-ignore
    const found = (x: number) => ({ image_id: 1, category_id: 1, keypoints: keypoints(x), score: 0.5, bbox: [0, 0, 100, 100] }); // prettier-ignore
    // The two are one person to NMS; the second, which stays, is exact.
    const { AP } = evaluateCoco([found(103), found(100)], [person], { nms: { threshold: 0.5 } });
    expect(AP).toBeCloseTo(1, 9);
  });
});
