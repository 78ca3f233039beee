import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { personCrop, topDown, type Person, type RgbImage, type Skip } from 'poseblocks/datasets';
import { keypointsOf } from 'poseblocks/keypoints';
import { beforeAll, describe, expect, it } from 'vitest';

const person = (id: number, more: Partial<Person> = {}): Person => ({
  id,
  imageId: id,
  fileName: `${id}.jpg`,
  box: [4, 4, 6, 8],
  keypoints: keypointsOf('image', [7, 8, 2]),
  area: 30,
  iscrowd: false,
  ...more,
});
const persons = Array.from({ length: 10 }, (_, id) => person(id));
const readImage = ({ id }: Person): RgbImage => {
  if (id === 3) throw new Error('3.jpg: broken');
  return { width: 16, height: 16, data: new Uint8Array(3 * 256).fill(id * 10) };
};
const readable = persons.filter(({ id }) => id !== 3);
const options = { persons: readable, readImage, inputSize: [12, 16], batchSize: 4, normalization: 'unit' } as const;

async function ids(more: object): Promise<number[][]> {
  const seen: number[][] = [];
  for await (const { images, samples } of topDown({ ...options, ...more })) {
    seen.push(samples.map(({ id }) => id));
    images.dispose();
  }
  return seen;
}

beforeAll(() => tf.setBackend('cpu'));

describe('topDown', () => {
  it('stacks crops, keypoints of the input, crops and samples', async () => {
    const before = tf.memory().numTensors;
    for await (const { images, people, crops, samples } of topDown({ ...options, batchSize: 9 })) {
      expect(images.shape).toEqual([9, 16, 12, 3]);
      const values = (await images.array()) as number[][][][];
      samples.forEach(({ id, keypoints }, n) => {
        expect(values[n]![8]![6]![0]).toBeCloseTo((id * 10) / 255, 6);
        expect(people[n]).toEqual(crops[n]!.toInput(keypoints));
        expect([...people[n]!.xy]).toEqual([6, 8]); // the middle of the box is the middle of the input
      });
      images.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('goes in order without a seed, and again on a second loop', async () => {
    expect(await ids({})).toEqual([[0, 1, 2, 4], [5, 6, 7, 8], [9]]); // prettier-ignore
    const epoch = topDown(options);
    for (let i = 0; i < 2; i++) {
      let count = 0;
      for await (const { images } of epoch) {
        count += images.shape[0];
        images.dispose();
      }
      expect(count).toBe(9);
    }
  });

  it('shuffles by seed and epoch, and resumes at any batch', async () => {
    const [a, again, other, later] = [
      await ids({ seed: 1, epoch: 2 }),
      await ids({ seed: 1, epoch: 2 }),
      await ids({ seed: 2, epoch: 2 }),
      await ids({ seed: 1, epoch: 3 }),
    ];
    expect(again).toEqual(a);
    expect(other).not.toEqual(a);
    expect(later).not.toEqual(a);
    expect(a.flat().sort()).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
    expect(await ids({ seed: 1, epoch: 2, firstBatch: 1 })).toEqual(a.slice(1));
  });

  it('throws for an unreadable image, or leaves it out and reports it', async () => {
    await expect(ids({ persons })).rejects.toThrow('the image of person 3 must be readable. Received: 3.jpg: broken');
    const skipped: Skip[] = [];
    expect(await ids({ persons, onSkip: (skip: Skip) => skipped.push(skip) })).toEqual([[0, 1, 2], [4, 5, 6, 7], [8, 9]]); // prettier-ignore
    expect(skipped).toEqual([{ reason: 'unreadable-image', id: 3, fileName: '3.jpg', detail: '3.jpg: broken' }]);
  });

  it('takes the size from a codec, and rejects sizes that are none', async () => {
    const { inputSize, ...rest } = options;
    for await (const { images } of topDown({ ...rest, codec: { inputSize } })) {
      expect(images.shape.slice(1)).toEqual([16, 12, 3]);
      images.dispose();
    }
    expect(() => topDown(rest)).toThrow('inputSize must be [width, height]');
    expect(() => topDown({ ...options, inputSize: [12.5, 16] })).toThrow('Received: [12.5,16]');
    expect(() => topDown({ ...options, batchSize: 0 })).toThrow('batchSize must be a positive integer. Received: 0.');
  });
});

it('personCrop follows centre and scale where they are given', () => {
  const { matrix } = personCrop(person(1, { center: [130, 150], scale: 0.9375 }), [192, 256]);
  [1.024, 0, -37.12, 0, 1.024, -25.6].forEach((value, i) => expect(matrix[i]).toBeCloseTo(value, 10));
});
