import { describe, expect, it } from 'vitest';
import { syntheticPeople } from 'poseblocks/datasets';
import { longerSides, meanPose, pck } from 'poseblocks/metrics';

const keypoints = (xy: number[], score: number[]) =>
  ({ frame: 'image', xy: Float32Array.from(xy), score: Float32Array.from(score) }) as const;

describe('meanPose', () => {
  it('is the mean of the labels within their boxes, in any box', () => {
    const baseline = meanPose([
      { box: [0, 0, 10, 20], keypoints: keypoints([5, 20, 0, 0], [2, 0]) },
      { box: [100, 100, 20, 40], keypoints: keypoints([120, 100, 7, 7], [1, 0]) },
    ]);
    const { xy, score, frame } = baseline([10, 10, 40, 80]);
    expect(frame).toBe('image');
    expect([...xy]).toEqual([10 + 0.75 * 40, 10 + 0.5 * 80, 30, 50]); // nobody has labelled the second
    expect([...score]).toEqual([1, 0]);
  });

  it('scores on held-out people what a network must exceed', () => {
    const [training, held] = [3, 4].map((seed) => syntheticPeople({ seed, count: 60 }));
    const baseline = meanPose(training!.persons);
    const boxes = held!.persons.map(({ box }) => box);
    const truth = held!.persons.map((person) => person.keypoints);
    const scored = (found: typeof truth): number => pck(found, truth, { normalizer: longerSides(boxes) }).mean;
    const middles = boxes.map(([x, y, w, h]) => keypoints(Array.from({ length: 17 }, () => [x + w / 2, y + h / 2]).flat(), Array(17).fill(1))); // prettier-ignore
    expect(scored(boxes.map(baseline))).toBeGreaterThan(scored(middles) + 0.2);
    expect(scored(boxes.map(baseline))).toBeLessThan(0.95);
  });

  it('refuses no people, and people of several kinds', () => {
    expect(() => meanPose([])).toThrow('meanPose: there must be people');
    const one = { box: [0, 0, 1, 1], keypoints: keypoints([0, 0], [1]) } as const;
    const two = { box: [0, 0, 1, 1], keypoints: keypoints([0, 0, 1, 1], [1, 1]) } as const;
    expect(() => meanPose([one, two])).toThrow('as many keypoints as the first, 1. Received: 2 of person 1.');
  });
});
