import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  cropImage,
  DatasetError,
  personCrop,
  readCoco,
  readDetections,
  readLsp,
  readMpii,
  readMpiiMat,
  writeCoco,
} from 'poseblocks/datasets';
import { decodeImage, readDetectionsFile, readLspFile, readMpiiFile } from 'poseblocks/datasets/node';
import { LSP, MPII } from 'poseblocks/keypoints';
import { describe, expect, it } from 'vitest';
import { describeWhere } from '../support/describe-where';
import { photographs } from '../support/fixtures';

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../fixtures/datasets/${name}`, import.meta.url));
const expected = JSON.parse(Buffer.from(fixture('expected.json')).toString()) as { lsp: number[]; lspet: number[] };
const path = (name: string) => fileURLToPath(new URL(`../fixtures/datasets/${name}`, import.meta.url));

describe('readLsp', () => {
  it('reads 3 × 14 × N, where 1 means occluded, and moves coordinates by one', async () => {
    const { persons, skipped, keypointSet } = await readLsp(fixture('lsp_joints.mat'));
    expect(keypointSet).toBe(LSP);
    expect(skipped).toEqual([]);
    expect(persons.map(({ fileName }) => fileName)).toEqual([1, 2, 3, 4, 5].map((i) => `im000${i}.jpg`));
    persons.forEach(({ keypoints, box }, i) => {
      for (let k = 0; k < 14; k++) {
        const [x, y, occluded] = expected.lsp.slice(42 * i + 3 * k);
        expect(keypoints.xy[2 * k]).toBe(Math.fround(x! - 1));
        expect(keypoints.xy[2 * k + 1]).toBe(Math.fround(y! - 1));
        expect(keypoints.score[k]).toBe(occluded ? 1 : 2);
      }
      expect(box[0]).toBe(Math.min(...keypoints.xy.filter((_, j) => j % 2 === 0)));
    });
  });

  it('reads 14 × 3 × N, where 0 means not labelled, and reports who has no joints', async () => {
    const { persons, skipped } = await readLsp(fixture('lspet_joints.mat'));
    expect(persons.map(({ fileName }) => fileName)).toEqual([1, 2, 3].map((i) => `im0000${i}.jpg`));
    expect(skipped).toMatchObject([{ reason: 'no-keypoints', id: 3, fileName: 'im00004.jpg' }]);
    persons.forEach(({ keypoints }, i) => {
      for (let k = 0; k < 14; k++) {
        const [x, , labelled] = [0, 1, 2].map((c) => expected.lspet[42 * i + 14 * c + k]!);
        expect(keypoints.score[k]).toBe(labelled ? 2 : 0);
        expect(keypoints.xy[2 * k]).toBe(labelled ? Math.fround(x! - 1) : 0);
      }
    });
  });

  it('says what is wrong with another file', async () => {
    await expect(readLsp(fixture('types_v7.mat'), { source: 'x.mat' })).rejects.toThrow(
      'x.mat, joints: must be numbers of shape 3 × 14 × N or 14 × 3 × N. Received: no such variable.',
    );
  });
});

describe('readMpii', () => {
  const joints = MPII.names.map((_, k) => [10 + k, 20 + k]);
  const record = { image: 'a.jpg', center: [594, 257], scale: 3.021046, joints, joints_vis: MPII.names.map(() => 1) };

  it('gives centre and scale of the reference crop, and 0-based joints', () => {
    const { persons } = readMpii([record]);
    const { center, scale, keypoints, fileName } = persons[0]!;
    expect(fileName).toBe('a.jpg');
    expect(center![0]).toBe(593);
    expect(center![1]).toBeCloseTo(301.31569, 8);
    expect(scale).toBeCloseTo(3.7763075, 10);
    expect([keypoints.xy[0], keypoints.xy[1], keypoints.score[0]]).toEqual([9, 19, 2]);
  });

  it('numbers images by name and reports records without joints or centre', () => {
    const { joints: _, ...test } = record;
    const { persons, skipped } = readMpii([
      record,
      { ...record, image: 'b.jpg' },
      record,
      test,
      { ...record, center: [-1, -1] },
    ]);
    expect(persons.map(({ imageId }) => imageId)).toEqual([0, 1, 0]);
    expect(skipped.map(({ id, reason }) => [id, reason])).toEqual([[3, 'no-annotation'], [4, 'no-annotation']]); // prettier-ignore
  });

  it.each<[object, string]>([
    [{ ...record, joints: joints.slice(1) }, 'm.json, [0].joints: must hold 16 joints. Received: 15.'],
    [{ ...record, joints: joints.with(3, [1]) }, 'm.json, [0].joints.3: must hold 2 finite numbers. Received: [1].'],
    [{ ...record, scale: '1' }, 'm.json, [0].scale: must be a finite number. Received: "1".'],
    [{ ...record, image: 7 }, 'm.json, [0].image: must be a non-empty string. Received: 7.'],
    [{ ...record, joints_vis: [1] }, 'm.json, [0].joints_vis: must hold 16 finite numbers. Received: [1].'],
  ])('names the field: %#', (input, message) => {
    expect(() => readMpii([input], { source: 'm.json' })).toThrow(DatasetError);
    expect(() => readMpii([input], { source: 'm.json' })).toThrow(message);
  });

  const { folder, absent } = photographs('mpii');
  describeWhere('photographs of MPII', absent, () => {
    it('are cropped to their people', async () => {
      const { persons, skipped } = await readMpiiFile(`${folder}/test_mpii.json`);
      expect([persons.length, skipped.length]).toEqual([5, 0]);
      for (const person of persons) {
        const image = await decodeImage(`${folder}/${person.fileName}`);
        const crop = personCrop(person, [256, 256]);
        const inInput = crop.toInput(person.keypoints);
        inInput.xy.forEach((value, i) => {
          if (person.keypoints.score[i >> 1]! > 0) expect(Math.abs(value - 128)).toBeLessThan(128);
        });
        const back = crop.toImage(inInput);
        back.xy.forEach((value, i) => expect(value).toBeCloseTo(person.keypoints.xy[i]!, 2));
        expect(cropImage(image, crop)).toHaveLength(3 * 256 * 256);
      }
    });
  });
});

describe('readMpiiMat', () => {
  it('reads joints with occlusion, head sizes and the split', async () => {
    const { persons, skipped } = await readMpiiMat(fixture('mpii_release.mat'));
    expect(persons.map(({ id, fileName }) => [id, fileName])).toEqual([
      [0, '000000001.jpg'],
      [1, '000000001.jpg'],
      [2000, '000000003.jpg'],
    ]);
    expect(skipped.map(({ id, reason }) => [id, reason])).toEqual([[2001, 'no-annotation'], [2002, 'no-annotation']]); // prettier-ignore
    const [first, second, third] = persons;
    expect(first!.headSize).toBeCloseTo(0.6 * 50, 10);
    expect([...first!.keypoints.score]).toEqual(MPII.names.map((_, k) => 1 + (k % 2)));
    expect([first!.keypoints.xy[2], first!.keypoints.xy[3]]).toEqual([106, 52.5]);
    expect(first!.scale).toBeCloseTo(2.5 * 1.25, 10);
    expect([...second!.keypoints.score].map((v, k) => [k, v]).filter(([, v]) => v! > 0)).toEqual([[0, 1], [5, 2], [9, 2]]); // prettier-ignore
    expect([6, 7, 8].map((k) => third!.keypoints.score[k])).toEqual([2, 2, 2]);
  });

  it('chooses the test split, and single people', async () => {
    const test = await readMpiiMat(fixture('mpii_release.mat'), { split: 'test' });
    expect([test.persons.length, test.skipped.map(({ fileName }) => fileName)]).toEqual([0, ['000000004.jpg']]);
    const single = await readMpiiMat(fixture('mpii_release.mat'), { singlePerson: true });
    expect(single.persons.map(({ id }) => id)).toEqual([0, 1, 2000]);
    expect((await readMpiiFile(path('mpii_release.mat'))).persons).toHaveLength(3);
  });
});

it('files are read as their bytes, and named in errors', async () => {
  const options = { source: path('lsp_joints.mat') };
  expect(await readLspFile(options.source)).toEqual(await readLsp(fixture('lsp_joints.mat'), options));
  await expect(readLspFile(path('expected.json'))).rejects.toThrow(path('expected.json'));
  await expect(readDetectionsFile(path('expected.json'))).rejects.toThrow(`${path('expected.json')}: must be`);
  await expect(readDetectionsFile('/none.json')).rejects.toThrow('/none.json: must be a readable file');
});

describe('readDetections', () => {
  const detection = { image_id: 785, category_id: 1, bbox: [277.5, 45.25, 225, 333], score: 0.9 };
  it('gives boxes as persons without labelled keypoints', () => {
    const { persons } = readDetections([detection]);
    expect(persons[0]).toMatchObject({ fileName: '000000000785.jpg', box: [277.5, 45.25, 225, 333], score: 0.9 });
    expect([...persons[0]!.keypoints.score]).toEqual(Array(17).fill(0));
  });
  it('reports what it leaves out', () => {
    const images = [{ id: 785, file_name: 'x.jpg', width: 640, height: 425 }];
    const input = [
      detection,
      { ...detection, category_id: 2 },
      { ...detection, score: 0.1 },
      { ...detection, image_id: 1 },
      { ...detection, bbox: [1, 2, 0, 4] },
    ];
    const { persons, skipped } = readDetections(input, { images, minimumScore: 0.5 });
    expect(persons).toMatchObject([{ fileName: 'x.jpg', imageSize: [640, 425] }]);
    expect(skipped.map(({ id, reason }) => [id, reason])).toEqual([
      [1, 'other-category'],
      [2, 'low-score'],
      [3, 'unknown-image'],
      [4, 'no-area'],
    ]);
    expect(() => readDetections([{ ...detection, bbox: [1, 2, -3, 4] }])).toThrow(
      '[0].bbox: must not have a negative width',
    );
  });
});

describe('writeCoco', () => {
  it('writes what readCoco reads back', () => {
    const joints = MPII.names.map((_, k) => [10 + k, 20 + k]);
    const record = {
      image: 'a.jpg',
      center: [30, 40],
      scale: 0.2,
      joints,
      joints_vis: MPII.names.map((_, k) => k % 2),
    };
    const dataset = readMpii([record, { ...record, image: 'b.jpg' }]);
    const file = writeCoco(dataset, { imageSize: () => [640, 480] });
    const again = readCoco(JSON.stringify(file), { keypointSet: MPII });
    expect(again.persons.map(({ keypoints }) => keypoints)).toEqual(dataset.persons.map(({ keypoints }) => keypoints));
    expect(again.persons.map(({ fileName, area }) => [fileName, area])).toEqual([['a.jpg', 1600], ['b.jpg', 1600]]); // prettier-ignore
    expect(file.categories[0]!.skeleton).toContainEqual([1, 2]);
    expect(file.annotations[0]!.num_keypoints).toBe(8);
  });
});
