import { COCO, type Box } from 'poseblocks/keypoints';
import { PROPOSAL_ERRORS, proposalJitter, syntheticPeople, topDown } from 'poseblocks/datasets';
import { centerPose } from 'poseblocks/targets';
import { useEngine } from 'poseblocks/engines';
import { seededRandom } from 'poseblocks/random';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const box: Box = [200, 150, 80, 160];
const draws = Array.from({ length: 20_000 }, (_, i) =>
  proposalJitter(box, undefined, seededRandom(7, i), { patch: 0 }),
);
const moments = (values: number[]): [mean: number, deviation: number] => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length)];
};

describe('proposalJitter', () => {
  it.each([
    ['left', ([x]: Box) => (x - 200) / 80],
    ['top', ([, y]: Box) => (y - 150) / 160],
    ['right', ([x, , w]: Box) => (x + w - 280) / 80],
    ['bottom', ([, y, , h]: Box) => (y + h - 310) / 160],
  ] as const)('moves the %s side with the mean and deviation that it says', (side, of) => {
    const [mean, deviation] = moments(draws.map(of));
    // Five standard errors of 20,000 draws.
    expect(Math.abs(mean - PROPOSAL_ERRORS[side][0])).toBeLessThan((5 * PROPOSAL_ERRORS[side][1]) / Math.sqrt(20_000));
    expect(deviation / PROPOSAL_ERRORS[side][1]).toBeCloseTo(1, 1);
  });

  it('takes patches inside the box, of its shape, as often as it says', () => {
    const all = Array.from({ length: 4000 }, (_, i) => proposalJitter(box, [640, 480], seededRandom(3, i)));
    const isPatch = ([, , w, h]: Box): boolean => Math.abs(h / w - 2) < 1e-9;
    const patches = all.filter(isPatch);
    expect(patches.length / all.length).toBeCloseTo(0.15, 1);
    for (const [x, y, w, h] of patches) {
      expect(w).toBeGreaterThanOrEqual(0.85 * 80);
      expect(x >= 200 && y >= 150 && x + w <= 280 && y + h <= 310).toBe(true);
    }
  });

  it('stays in the image, two pixels wide at least, and is the same for the same numbers', () => {
    const edge: Box = [0, 0, 60, 40];
    for (let i = 0; i < 2000; i++) {
      const [x, y, w, h] = proposalJitter(edge, [64, 48], seededRandom(1, i), { patch: 0 });
      expect(x >= 1 && y >= 1 && x + w <= 61 && y + h <= 45 && w >= 2 && h >= 2).toBe(true);
    }
    expect(proposalJitter(edge, [64, 48], seededRandom(1, 5))).toEqual(
      proposalJitter(edge, [64, 48], seededRandom(1, 5)),
    );
    expect(() => proposalJitter([0, 0, 0, 4], undefined, seededRandom(1))).toThrow(
      new RangeError(
        'proposalJitter: box must be [x, y, width, height] with positive width and height. Received: [0, 0, 0, 4].',
      ),
    );
  });

  it('is an option of augmentation, and leaves the other numbers as they are', async () => {
    await useEngine('cpu');
    const { persons, readImage } = syntheticPeople({ seed: 1, count: 2, imageSize: [64, 64], people: [1, 1] });
    const still = { keypointSet: COCO, flip: 0, scale: 0, rotation: 0 };
    const crops = async (augment: object): Promise<number[][]> => {
      const out: number[][] = [];
      const options = { persons, readImage, inputSize: [24, 32] as const, seed: 1 };
      for await (const batch of topDown({ ...options, augment: { ...still, ...augment } })) {
        out.push(...batch.crops.map(({ matrix }) => [...matrix]));
        tf.dispose(batch.images);
      }
      return out;
    };
    const [plain, jittered] = [await crops({}), await crops({ proposals: {} })];
    expect(jittered).not.toEqual(plain);
    expect(await crops({ proposals: {} })).toEqual(jittered);
    const none = { left: [0, 0], top: [0, 0], right: [0, 0], bottom: [0, 0] };
    expect((await crops({ proposals: { errors: none, patch: 0 } })).length).toBe(plain.length);
  });
});

describe('centerPose', () => {
  it('brings the box of the labelled keypoints to the middle', () => {
    const moved = centerPose(
      { frame: 'input', xy: Float32Array.of(0, 0, 10, 4, 99, 99), score: Float32Array.of(2, 1, 0) },
      [21, 9],
    );
    expect([...moved.xy]).toEqual([5, 2, 15, 6, 104, 101]);
    expect([...centerPose({ ...moved, score: new Float32Array(3) }, [21, 9]).xy]).toEqual([...moved.xy]);
  });
});
