import { readCoco, syntheticPeople, syntheticScene } from 'poseblocks/datasets';
import { COCO } from 'poseblocks/keypoints';
import { describe, expect, it } from 'vitest';

const dataset = syntheticPeople({ seed: 3, count: 300 });
const index = (name: string): number => COCO.names.indexOf(name);

describe('syntheticPeople', () => {
  it('gives the number asked for, as the COCO file says', () => {
    expect(dataset.persons).toHaveLength(300);
    expect(dataset.keypointSet).toBe(COCO);
    expect(readCoco(JSON.stringify(dataset.json)).persons).toEqual(dataset.persons);
    expect(dataset.json.annotations[0]!.id).toBe(1); // pycocotools takes whoever meets annotation 0 for wrong
    expect(new Set(dataset.skipped.map(({ reason }) => reason))).toEqual(new Set(['no-keypoints']));
  });

  it('is the same for the same seed, and any image can be drawn by itself', () => {
    const again = syntheticPeople({ seed: 3, count: 20 });
    expect(again.images[5]!.data).toEqual(dataset.images[5]!.data);
    expect(syntheticScene({ seed: 3, index: 11 }).image.data).toEqual(dataset.images[11]!.data);
    expect(syntheticPeople({ seed: 4, count: 1 }).images[0]!.data).not.toEqual(dataset.images[0]!.data);
  });

  it('counts keypoints, and bounds the visible pixels by the box', () => {
    for (const { keypoints, num_keypoints, bbox, area } of dataset.json.annotations) {
      expect(num_keypoints).toBe(COCO.names.filter((_, k) => keypoints[3 * k + 2]! > 0).length);
      expect(area).toBeLessThanOrEqual(bbox[2]! * bbox[3]!);
      COCO.names.forEach((_, k) => {
        const [x, y, v] = [keypoints[3 * k]!, keypoints[3 * k + 1]!, keypoints[3 * k + 2]!];
        if (v === 0) expect([x, y]).toEqual([0, 0]);
        if (v !== 2) return;
        expect(x).toBeGreaterThan(bbox[0]! - 1);
        expect(x).toBeLessThan(bbox[0]! + bbox[2]! + 1);
        expect(y).toBeGreaterThan(bbox[1]! - 1);
        expect(y).toBeLessThan(bbox[1]! + bbox[3]! + 1);
      });
    }
  });

  it('shows visible, occluded and unlabelled keypoints of every kind', () => {
    COCO.names.forEach((name, k) => {
      const counts = [0, 0, 0];
      for (const { keypoints } of dataset.persons) counts[keypoints.score[k]!]!++;
      expect(counts[1], name).toBeGreaterThan(5);
      if (/nose|eye|ear|wrist|ankle/.test(name)) expect(counts[0], name).toBeGreaterThan(5);
      expect(counts[2], name).toBeGreaterThan(100);
    });
  });

  it('puts the left of a person who faces the viewer on the right of the image, and the other way round', () => {
    let [facing, away] = [0, 0];
    for (const { keypoints, box } of dataset.persons) {
      const upright = keypoints.xy[2 * index('left_hip') + 1]! > keypoints.xy[2 * index('left_shoulder') + 1]!;
      const across = keypoints.xy[2 * index('left_shoulder')]! - keypoints.xy[2 * index('right_shoulder')]!;
      const eyes = (['left_eye', 'right_eye', 'left_ear', 'right_ear'] as const).map(
        (name) => keypoints.score[index(name)]!,
      );
      if (!upright || Math.abs(across) < 0.12 * box[3]) continue;
      if (eyes.every((v) => v > 0)) {
        facing++;
        expect(across).toBeGreaterThan(0);
      } else if (keypoints.score[index('nose')] === 0 && eyes[0] === 0 && eyes[1] === 0 && across < 0) {
        away++;
      }
    }
    expect(facing).toBeGreaterThan(20);
    expect(away).toBeGreaterThan(10);
  });

  it.each([
    [{ count: 0 }, 'count must be a positive integer. Received: 0.'],
    [{ count: 1, imageSize: [16, 64] as const }, 'imageSize must be integers of at least 32. Received: [16,64].'],
    [{ count: 1, people: [3, 1] as const }, 'people must be [fewest, most] from 1 to 100. Received: [3,1].'],
  ])('rejects %j', (options, message) => expect(() => syntheticPeople({ seed: 1, ...options })).toThrow(message));

  it('draws in any size', () => {
    const { images, persons } = syntheticPeople({ seed: 1, count: 3, imageSize: [200, 90], people: [2, 2] });
    expect(images[0]).toMatchObject({ width: 200, height: 90 });
    expect(persons[0]!.imageSize).toEqual([200, 90]);
  });
});
