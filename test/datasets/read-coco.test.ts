import { COCO, keypointSet } from 'poseblocks/keypoints';
import { DatasetError, readCoco } from 'poseblocks/datasets';
import { readCocoFile } from 'poseblocks/datasets/node';
import { describe, expect, it } from 'vitest';

/** Seventeen triplets, all visible at (20, 30). */
const triplets = COCO.names.flatMap(() => [20, 30, 2]);
const record = {
  id: 7,
  image_id: 1,
  category_id: 1,
  bbox: [10, 10, 21, 31],
  area: 400,
  iscrowd: 0,
  keypoints: triplets,
};
const file = (...annotations: object[]) => ({
  images: [{ id: 1, file_name: 'a.jpg', width: 64, height: 48 }],
  categories: [{ id: 1, name: 'person', keypoints: COCO.names, skeleton: [[1, 2]] }],
  annotations,
});

describe('readCoco', () => {
  it('gives persons with image, cleaned box and keypoints, from an object or its text', () => {
    for (const input of [file(record), JSON.stringify(file(record))]) {
      const { persons, skipped, keypointSet: set } = readCoco(input);
      expect(set).toBe(COCO);
      expect(skipped).toEqual([]);
      expect(persons).toHaveLength(1);
      expect(persons[0]).toMatchObject({
        id: 7,
        imageId: 1,
        fileName: 'a.jpg',
        imageSize: [64, 48],
        box: [10, 10, 20, 30],
        area: 400,
        iscrowd: false,
      });
      expect(persons[0]!.keypoints.frame).toBe('image');
      expect([...persons[0]!.keypoints.xy.subarray(0, 2)]).toEqual([20, 30]);
    }
  });

  it.each([
    ['crowd', { iscrowd: 1 }],
    ['crowd', { iscrowd: 1, keypoints: undefined }],
    ['no-keypoints', { keypoints: triplets.map(() => 0) }],
    ['no-keypoints', { keypoints: undefined }],
    ['no-area', { area: 0 }],
    ['box-outside-image', { bbox: [70, 10, 20, 20] }],
    ['box-outside-image', { bbox: [-80, 10, -20, 20] }],
    ['box-outside-image', { bbox: [10, 47, 20, 20] }],
    ['no-category-keypoints', { category_id: 2 }],
  ])('leaves out and reports: %s %j', (reason, change) => {
    const input = file(record, { ...record, id: 8, ...change });
    const { persons, skipped } = readCoco({ ...input, categories: [...input.categories, { id: 2, name: 'bicycle' }] });
    expect(persons.map(({ id }) => id)).toEqual([7]);
    expect(skipped).toEqual([{ reason, id: 8, fileName: 'a.jpg', detail: expect.any(String) }]);
  });

  it.each<[string, object | string, string]>([
    ['no JSON', '{', 'my.json: must be valid JSON'],
    ['an array', [], 'my.json: must be an object. Received: [].'],
    ['no images', { annotations: [], categories: [] }, 'my.json: images must be an array. Received: nothing.'],
    [
      'a box of three',
      file({ ...record, bbox: [1, 2, 3] }),
      'my.json: annotations[0].bbox.length must be 4 (x, y, width, height). Received: 3.',
    ],
    ['NaN in a box', file({ ...record, bbox: [1, 2, 3, NaN] }), 'annotations[0].bbox[3] must be a finite number'],
    [
      'text for a number',
      file({ ...record, area: 'big' }),
      'annotations[0].area must be a finite number. Received: "big"',
    ],
    [
      'sixteen keypoints',
      file({ ...record, keypoints: triplets.slice(3) }),
      'annotations[0].keypoints.length must be 51 (x, y and v of 17 keypoints). Received: 48.',
    ],
    [
      'visibility 3',
      file({ ...record, keypoints: triplets.with(2, 3) }),
      'keypoints[2] (nose) must be a visibility, 0, 1 or 2. Received: 3.',
    ],
    ['an unknown image', file({ ...record, image_id: 9 }), 'annotations[0].image_id must be the id of an image'],
    [
      'an unknown category',
      file({ ...record, category_id: 9 }),
      'annotations[0].category_id must be the id of a category',
    ],
    ['an id twice', file(record, record), 'annotations[1].id must be unique. Received: 7.'],
    ['an annotation that is null', file(null as never), 'annotations[0] must be an object. Received: null.'],
    ['no category with keypoints', { ...file(), categories: [] }, 'categories must name keypoints'],
    [
      'an image without height',
      { ...file(record), images: [{ id: 1, file_name: 'a.jpg', width: 64 }] },
      'my.json: images[0].height must be a finite number. Received: nothing.',
    ],
    [
      'a skeleton beyond its keypoints',
      { ...file(), categories: [{ id: 1, name: 'arm', keypoints: ['a', 'b'], skeleton: [[1, 3]] }] },
      'categories[0].skeleton[0] must hold two keypoints, from 1 to 2. Received: "[1,3]".',
    ],
    [
      'a keypoint named twice',
      { ...file(), categories: [{ id: 1, name: 'arm', keypoints: ['a', 'a'], skeleton: [] }] },
      'names must be unique',
    ],
  ])('names file, record and field: %s', (_, input, message) => {
    const read = () => readCoco(input, { source: 'my.json' });
    expect(read).toThrow(DatasetError);
    expect(read).toThrow(message);
  });

  it('takes a skeleton of its own from the categories, and pairs left with right by name', () => {
    const names = ['base', 'left_grip', 'right_grip'];
    const categories = [{ id: 1, name: 'arm', keypoints: names, skeleton: [[1, 2], [1, 3]] }]; // prettier-ignore
    const keypoints = [1, 2, 2, 3, 4, 1, 0, 0, 0];
    const { keypointSet: set, persons } = readCoco({ ...file({ ...record, keypoints }), categories });
    expect(set).toMatchObject({ name: 'arm', names, flipPairs: [[1, 2]], edges: [[0, 1], [0, 2]] }); // prettier-ignore
    expect([...persons[0]!.keypoints.score]).toEqual([2, 1, 0]);
  });

  it('holds the file to a given keypoint set', () => {
    const arm = keypointSet({ name: 'arm', names: ['a', 'b'] });
    expect(() => readCoco(file(record), { keypointSet: arm })).toThrow('must be those of keypoint set "arm" (a, b)');
    const { categories, ...rest } = file({ ...record, keypoints: [1, 2, 2, 3, 4, 2] });
    const bare = { ...rest, categories: categories.map(({ id, name }) => ({ id, name })) };
    expect(readCoco(bare, { keypointSet: arm }).persons).toHaveLength(1);
  });

  it('names the path when a file is missing', async () => {
    await expect(readCocoFile('/nowhere/a.json')).rejects.toThrow('/nowhere/a.json: must be a readable file');
  });
});
